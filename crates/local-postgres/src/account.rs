//! The user that runs the server. PostgreSQL refuses root, so root needs somebody else.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;

const PASSWD: &str = "/etc/passwd";

/// Another user than our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// Whom to run the server as: `None` is ourselves. For root it is the owner of the data, else `postgres`, else
    /// `nobody`.
    pub(crate) fn for_server(data: &Path) -> Result<Option<Self>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if let Ok(metadata) = std::fs::metadata(data)
            && metadata.uid() != 0
        {
            let name = format!("with id {}", metadata.uid());
            return Ok(Some(Self {
                name,
                uid: metadata.uid(),
                gid: metadata.gid(),
            }));
        }
        let passwd = std::fs::read_to_string(PASSWD).map_err(Error::io("read", Path::new(PASSWD)))?;
        find(&passwd, "postgres")
            .or_else(|| find(&passwd, "nobody"))
            .map(Some)
            .ok_or(Error::NoAccount)
    }

    /// The outermost of `folder` and its parents that this user cannot pass through. Reads the mode bits; access
    /// lists are not looked at.
    pub(crate) fn blocked_at(&self, folder: &Path) -> Option<PathBuf> {
        let mut chain: Vec<&Path> = folder.ancestors().collect();
        chain.reverse();
        chain
            .into_iter()
            .find(|part| !self.may_pass(part))
            .map(Path::to_path_buf)
    }

    /// What does not exist yet is made by us, and made passable.
    fn may_pass(&self, folder: &Path) -> bool {
        std::fs::metadata(folder).map_or(true, |metadata| {
            let bit = if metadata.uid() == self.uid {
                0o100
            } else if metadata.gid() == self.gid {
                0o010
            } else {
                0o001
            };
            metadata.mode() & bit != 0
        })
    }
}

/// A command that runs as the server's user, with an environment that says nothing about the caller's.
///
/// Variables such as `PGDATA`, `PGPORT` or `PGTZ` would change what the server does. macOS needs `LC_ALL`.
pub(crate) fn command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir("/");
    if let Some(account) = account {
        // The standard library drops our supplementary groups with it.
        command.uid(account.uid).gid(account.gid);
    }
    command
}

/// Gives a path to the server's user.
pub(crate) fn hand_over(path: &Path, account: Option<&Account>) -> Result<(), Error> {
    account.map_or(Ok(()), |account| {
        std::os::unix::fs::chown(path, Some(account.uid), Some(account.gid))
            .map_err(Error::io("change the owner of", path))
    })
}

fn find(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let mut number = || fields.next()?.parse().ok().map(wrap_id);
        let _password = number();
        Some(Account {
            name: name.to_owned(),
            uid: number()?,
            gid: number()?,
        })
    })
}

/// macOS writes the id of `nobody` as -2.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the wrap is the point"
)]
fn wrap_id(id: i64) -> u32 {
    id as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "root:x:0:0:root:/root:/bin/sh\nnobody:*:-2:-2:Unprivileged:/var/empty:/usr/bin/false\n\
                        postgres:x:101:104::/var/lib/postgresql:/bin/bash\nbroken:x\n";

    #[test]
    fn users_are_read_from_passwd() {
        let postgres = find(TEXT, "postgres").unwrap();
        assert_eq!((postgres.uid, postgres.gid), (101, 104));
        assert_eq!(find(TEXT, "nobody").unwrap().uid, u32::MAX - 1);
        assert_eq!(find(TEXT, "broken"), None);
        assert_eq!(find(TEXT, "ward"), None);
    }

    #[test]
    fn a_closed_parent_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let base = std::env::temp_dir().join(format!("wardkeep-passable-{}", std::process::id()));
        let inner = base.join("inner");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o700)).unwrap();
        let stranger = Account {
            name: "stranger".into(),
            uid: 54_321,
            gid: 54_321,
        };

        assert_eq!(stranger.blocked_at(&inner), Some(base.clone()));
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o711)).unwrap();
        assert_eq!(stranger.blocked_at(&inner.join("not-there-yet")), None);

        std::fs::remove_dir_all(&base).unwrap();
    }
}
