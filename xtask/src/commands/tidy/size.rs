//! No file is longer than a reader can hold in mind.

use super::Finding;
use super::source::Layers;
use super::tree::File;

/// Lines of a file, its tests apart.
const FILE: usize = 400;
/// Lines of a crate's `lib.rs`: header, modules, re-exports.
const LIBRARY: usize = 120;

/// Names the files past their limit.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let sources = files.iter().filter(|file| file.is_rust() && !file.is_test());
    sources
        .filter_map(|file| over(file, if file.name() == "lib.rs" { LIBRARY } else { FILE }))
        .collect()
}

fn over(file: &File, limit: usize) -> Option<Finding> {
    let lines = Layers::of(&file.text)
        .code
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .count();
    (lines > limit).then(|| {
        let message = format!("{lines} lines without tests, the limit is {limit}: split it by noun");
        Finding::new(&file.path, message)
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::commands::tidy::tree::file;

    #[test]
    fn a_long_file_is_found() {
        let files = [file("crates/auth/src/users.rs", &"fn a() {}\n".repeat(401))];

        assert_eq!(check(&files).len(), 1);
    }

    #[test]
    fn the_tests_at_the_foot_do_not_count() {
        let text = format!(
            "{}#[cfg(test)]\nmod tests {{}}\n{}",
            "\n".repeat(400),
            "\n".repeat(400)
        );

        assert_eq!(check(&[file("crates/auth/src/users.rs", &text)]), []);
    }

    #[test]
    fn a_long_library_root_is_found() {
        let files = [file("crates/auth/src/lib.rs", &"//! Words.\n".repeat(121))];

        assert_eq!(check(&files).len(), 1);
    }

    #[test]
    fn test_files_may_be_long() {
        let files = [file("crates/auth/tests/users.rs", &"\n".repeat(900))];

        assert_eq!(check(&files), []);
    }
}
