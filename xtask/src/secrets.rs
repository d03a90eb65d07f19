//! What the development server signs and connects with: made once, kept in `.wardkeep`.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, OrFail};
use crate::local::state_folder;
use crate::workspace::Workspace;

/// 64 characters, so that six random bits choose one without a bias; none needs quoting anywhere.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LENGTH: usize = 40;

/// The secrets of this checkout. They are worth nothing elsewhere, and are still nobody's business.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secrets {
    /// Signs cookies.
    pub(crate) auth_secret: String,
    /// Of the login `wardkeep_app`.
    pub(crate) app_password: String,
    /// Of the login `wardkeep_worker`.
    pub(crate) worker_password: String,
    /// Of the invented people.
    pub(crate) people_password: String,
}

impl Secrets {
    /// Those of this checkout, made if there are none.
    pub(crate) fn of(workspace: &Workspace) -> Result<Self, Failure> {
        let path = state_folder(workspace)?.join("development.json");
        let next = format!("delete {} and run `cargo xtask migrate fresh`", path.display());
        match fs::read_to_string(&path) {
            Ok(json) => serde_json::from_str(&json).or_fail("could not read the development secrets", &next),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = Self::random().or_fail("could not make secrets", "try again")?;
                let json = serde_json::to_string_pretty(&made).or_fail("could not write secrets", &next)?;
                keep(&path, &json)
                    .or_fail(&format!("could not write {}", path.display()), "make it writable")?;
                // Another command may have made them at the same moment: what is on disk counts.
                Self::of(workspace)
            }
            Err(error) => Err(error).or_fail("could not read the development secrets", &next),
        }
    }

    fn random() -> io::Result<Self> {
        Ok(Self {
            auth_secret: random_text()?,
            app_password: random_text()?,
            worker_password: random_text()?,
            people_password: random_text()?.chars().take(16).collect(),
        })
    }
}

/// Text that nobody can guess.
pub(crate) fn random_text() -> io::Result<String> {
    let mut bytes = [0_u8; LENGTH];
    SysRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
    let characters = bytes
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
    Ok(characters.map(|byte| char::from(*byte)).collect())
}

/// Writes a file that only its owner may read, whole or not at all; one that exists stays.
pub(crate) fn keep(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .and_then(|mut file| file.write_all(text.as_bytes()))?;
    match fs::hard_link(&unfinished, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    fs::remove_file(&unfinished)
}

#[cfg(test)]
mod tests {
    use super::{LENGTH, random_text};

    #[test]
    fn random_text_is_long_and_never_the_same() {
        let (one, other) = (random_text().unwrap(), random_text().unwrap());

        assert_eq!(one.len(), LENGTH);
        assert_ne!(one, other);
    }
}
