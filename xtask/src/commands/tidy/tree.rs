//! The text files of the workspace.

use std::fs;
use std::path::Path;

use crate::failure::{Failure, OrFail};

/// Folders that hold no text of ours.
const NOT_OURS: [&str; 4] = ["target", ".git", ".wardkeep", "node_modules"];

/// One file: its path from the root with `/` between the parts, and its text (empty when it is no text).
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is Rust source.
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it holds tests only: under a `tests` folder, or the tail of a module moved out.
    pub(super) fn is_test(&self) -> bool {
        self.name() == "tests.rs" || self.path.split('/').any(|part| part == "tests")
    }
}

/// Reads the tree in the order of the paths.
pub(super) fn read(root: &Path) -> Result<Vec<File>, Failure> {
    let mut files = Vec::new();
    descend(root, "", &mut files)?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn descend(folder: &Path, prefix: &str, files: &mut Vec<File>) -> Result<(), Failure> {
    let what = format!("could not read {}", folder.display());
    let next = "make it readable";
    for entry in fs::read_dir(folder).or_fail(&what, next)? {
        let entry = entry.or_fail(&what, next)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().or_fail(&what, next)?;
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            descend(&entry.path(), &path, files)?;
        } else if kind.is_file() && name != ".git" {
            let bytes = fs::read(entry.path()).or_fail(&format!("could not read {path}"), next)?;
            files.push(File {
                path,
                text: String::from_utf8(bytes).unwrap_or_default(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{file, read};
    use crate::workspace::Workspace;

    #[test]
    fn the_tree_holds_the_manifest_and_no_build_output() {
        let files = read(Workspace::here().root()).unwrap();

        assert!(files.iter().any(|file| file.path == "Cargo.toml"));
        assert!(!files.iter().any(|file| file.path.starts_with("target/")));
    }

    #[test]
    fn tests_are_known_by_their_path() {
        assert!(file("crates/auth/tests/sign_up.rs", "").is_test());
        assert!(file("tests/src/lib.rs", "").is_test());
        assert!(file("crates/auth/src/users/tests.rs", "").is_test());
        assert!(!file("crates/auth/src/users.rs", "").is_test());
    }
}
