//! Programs written for Node.js, run from a copy: the folder they come in may be read-only.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, OrFail};
use crate::workspace::Workspace;
use crate::{metadata, process};

/// What npm installed from, kept beside it, so that it is asked again only after a change.
const STAMP: &str = "node_modules/.installed-from";
const INSTALL: &str =
    "install Node.js 20 or newer (Debian, Ubuntu: apt install nodejs npm; macOS: brew install node)";
const WRITABLE: &str = "make the target folder writable, or delete the copy and run this again";

/// A copy of a Node.js program below the target folder, with its packages; nobody else changes it while this lives.
#[derive(Debug)]
pub(crate) struct Copy {
    folder: PathBuf,
    _lock: File,
}

impl Copy {
    /// Copies `source` to `target/<name>` and installs its packages when its lock file has changed.
    ///
    /// `option` is the option that names another source, for the message when this one is not there.
    pub(crate) fn prepare(
        workspace: &Workspace,
        source: &Path,
        name: &str,
        option: &str,
    ) -> Result<Self, Failure> {
        if !source.join("package-lock.json").is_file() {
            return Err(Failure::new(
                format!("there is no {name} in {}", source.display()),
                format!("name its folder with {option} DIR"),
            ));
        }
        for program in ["node", "npm"] {
            if !process::answers(Command::new(program).arg("--version")) {
                return Err(Failure::new(format!("{program} is not installed"), INSTALL));
            }
        }
        let target = metadata::read(workspace.root())?.target_directory;
        let folder = target.join(name);
        fs::create_dir_all(&folder).or_fail(&format!("could not make {}", folder.display()), WRITABLE)?;
        let lock = lock(&target.join(format!("{name}.lock")))?;
        replace(source, &folder).or_fail(&format!("could not copy {}", source.display()), WRITABLE)?;
        let copy = Self { folder, _lock: lock };
        copy.install()?;
        Ok(copy)
    }

    /// `node FILE`, to be run where we are, so that paths in arguments mean what the caller means.
    pub(crate) fn node(&self, file: &str) -> Command {
        let mut command = Command::new("node");
        command.arg(self.folder.join(file));
        command
    }

    fn install(&self) -> Result<(), Failure> {
        let wanted = fs::read_to_string(self.folder.join("package-lock.json"))
            .or_fail("could not read package-lock.json", WRITABLE)?;
        let stamp = self.folder.join(STAMP);
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        process::step(
            "npm ci",
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&self.folder),
            "check the network, and the registry that npm uses",
        )?;
        fs::write(&stamp, wanted).or_fail("could not note what was installed", WRITABLE)
    }
}

/// One run at a time; a second one waits.
fn lock(path: &Path) -> Result<File, Failure> {
    let opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    let file = opened.or_fail(&format!("could not open {}", path.display()), WRITABLE)?;
    if file.try_lock().is_err() {
        println!("    waiting for another run to end");
        file.lock()
            .or_fail(&format!("could not lock {}", path.display()), WRITABLE)?;
    }
    Ok(file)
}

/// Makes `target` hold what `source` holds; the packages that were installed there stay.
fn replace(source: &Path, target: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(target)? {
        let entry = entry?;
        if entry.file_name() == "node_modules" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?
        } else {
            fs::remove_file(entry.path())?
        }
    }
    copy(source, target)
}

fn copy(source: &Path, target: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        let to = target.join(entry.file_name());
        if entry.file_name() == "node_modules" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&to)?;
            copy(&entry.path(), &to)?;
        } else {
            fs::write(&to, fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::replace;

    #[test]
    fn a_copy_follows_its_source_and_keeps_what_npm_installed() {
        let folder = std::env::temp_dir().join(format!("wardkeep-node-{}", std::process::id()));
        let (source, target) = (folder.join("source"), folder.join("target"));
        fs::create_dir_all(source.join("lib")).unwrap();
        fs::create_dir_all(target.join("node_modules/pg")).unwrap();
        fs::write(source.join("lib/mail.mjs"), "new").unwrap();
        fs::set_permissions(source.join("lib/mail.mjs"), fs::Permissions::from_mode(0o444)).unwrap();
        fs::create_dir_all(target.join("lib")).unwrap();
        fs::write(target.join("lib/mail.mjs"), "old").unwrap();
        fs::write(target.join("gone.mjs"), "old").unwrap();

        replace(&source, &target).unwrap();
        replace(&source, &target).unwrap();

        assert_eq!(fs::read_to_string(target.join("lib/mail.mjs")).unwrap(), "new");
        assert!(!target.join("gone.mjs").exists());
        assert!(target.join("node_modules/pg").exists());
        fs::remove_dir_all(folder).unwrap();
    }
}
