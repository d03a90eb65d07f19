//! A file is named for the thing in it.

use super::Finding;
use super::tree::File;

/// Names that say nothing.
const EMPTY_WORDS: [&str; 5] = ["utils", "common", "helpers", "types", "manager"];

/// Names the files and folders called by an empty word.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    files.iter().filter_map(empty_word).collect()
}

fn empty_word(file: &File) -> Option<Finding> {
    let mut stems = file
        .path
        .split('/')
        .map(|part| part.split('.').next().unwrap_or(part));
    let word = stems.find(|stem| EMPTY_WORDS.contains(stem))?;
    Some(Finding::new(
        &file.path,
        format!("`{word}` says nothing: name the thing in it"),
    ))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::commands::tidy::tree::file;

    #[test]
    fn an_empty_word_is_found_as_file_and_as_folder() {
        let files = [
            file("crates/auth/src/utils.rs", ""),
            file("crates/web/src/common/cookies.rs", ""),
        ];

        assert_eq!(check(&files).len(), 2);
    }

    #[test]
    fn a_name_that_only_contains_the_word_is_fine() {
        assert_eq!(check(&[file("crates/web/src/media_types.rs", "")]), []);
    }
}
