//! The files beside the data: lock, password, port, log.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rand::TryRng;
use rand::rngs::SysRng;

use crate::account::Account;
use crate::error::Error;

const PASSWORD_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PASSWORD_LENGTH: usize = 32;

/// The state folder of one server, by its canonical path.
#[derive(Debug, Clone)]
pub(crate) struct State {
    folder: PathBuf,
}

/// Held while one caller looks, starts or stops. Closing the file lets go, so a dead caller never blocks others.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// The lock as the standard input of a child: it holds until the child has ended as well, even if we are killed.
    pub(crate) fn shared_with_child(&self) -> std::io::Result<Stdio> {
        self.file.try_clone().map(Stdio::from)
    }
}

impl State {
    /// Makes the folder if need be. As root its new parents are made passable, since another user runs the server.
    pub(crate) fn open(folder: &Path) -> Result<Self, Error> {
        make_folder(folder)?;
        let folder = folder.canonicalize().map_err(Error::io("resolve", folder))?;
        Ok(Self { folder })
    }

    /// The folder if it is there.
    pub(crate) fn find(folder: &Path) -> Option<Self> {
        folder.canonicalize().ok().map(|folder| Self { folder })
    }

    pub(crate) fn lock(&self) -> Result<Lock, Error> {
        lock(&self.folder.join("lock"))
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn unfinished_data(&self) -> PathBuf {
        self.folder.join("data.new")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// An error if the server's user cannot reach the folder.
    pub(crate) fn check_passable(&self, account: Option<&Account>) -> Result<(), Error> {
        match account.and_then(|account| Some((account, account.blocked_at(&self.folder)?))) {
            Some((account, folder)) => Err(Error::NotPassable {
                user: account.name.clone(),
                folder,
            }),
            None => Ok(()),
        }
    }

    /// The superuser's password, if one was made.
    fn password(&self) -> Result<Option<String>, Error> {
        let file = self.password_file();
        match std::fs::read_to_string(&file) {
            Ok(password) => Ok(Some(password.trim().to_owned()).filter(|password| !password.is_empty())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &file)(error)),
        }
    }

    /// The password that belongs to the data that is there.
    pub(crate) fn require_password(&self) -> Result<String, Error> {
        self.password()?.ok_or_else(|| Error::NoPassword {
            data: self.data(),
            password: self.password_file(),
        })
    }

    fn password_file(&self) -> PathBuf {
        self.folder.join("password")
    }

    /// The password that is there, or else a new one, on disk before the data that will need it.
    pub(crate) fn password_or_new(&self) -> Result<String, Error> {
        if let Some(password) = self.password()? {
            return Ok(password);
        }
        let file = self.password_file();
        let password = new_password().map_err(Error::io("make random values for", &file))?;
        write_private(&file, &password)?;
        Ok(password)
    }

    /// The port of the last start if it is free, else another that is.
    pub(crate) fn free_port(&self) -> Result<u16, Error> {
        let file = self.folder.join("port");
        let last = std::fs::read_to_string(&file)
            .ok()
            .and_then(|text| text.trim().parse::<u16>().ok());
        if let Some(port) = last.filter(|port| *port != 0 && is_free(*port)) {
            return Ok(port);
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|listener| listener.local_addr())
            .map_err(Error::io("find a free port for", &self.folder))?
            .port();
        std::fs::write(&file, format!("{port}\n")).map_err(Error::io("write", &file))?;
        Ok(port)
    }

    /// A new log; the one before is kept as `server.log.old`.
    pub(crate) fn new_log(&self) -> Result<File, Error> {
        let log = self.log();
        let _first_start = std::fs::rename(&log, self.folder.join("server.log.old"));
        // Statements with their values end up in it.
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&log)
            .map_err(Error::io("create", &log))
    }

    /// The last lines of the log.
    pub(crate) fn log_tail(&self) -> String {
        let bytes = std::fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines
            .get(lines.len().saturating_sub(20)..)
            .unwrap_or_default()
            .join("\n")
    }
}

/// Waits for a lock file, across processes and threads.
pub(crate) fn lock(path: &Path) -> Result<Lock, Error> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(Error::io("open", path))?;
    file.lock().map_err(Error::io("lock", path))?;
    Ok(Lock { file })
}

/// Makes a folder and its parents; those that are new are readable by all, whatever the umask.
pub(crate) fn make_folder(folder: &Path) -> Result<(), Error> {
    let new: Vec<&Path> = folder.ancestors().take_while(|part| !part.exists()).collect();
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    for part in new.into_iter().filter(|part| !part.as_os_str().is_empty()) {
        std::fs::set_permissions(part, Permissions::from_mode(0o755))
            .map_err(Error::io("set the mode of", part))?;
    }
    Ok(())
}

/// Writes a file that only we may read, so that it is there whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let unfinished = path.with_extension("new");
    let _left_over = std::fs::remove_file(&unfinished);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)
    };
    write().map_err(Error::io("write", path))
}

pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn new_password() -> std::io::Result<String> {
    let mut bytes = [0_u8; PASSWORD_LENGTH];
    SysRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes
        .iter()
        .filter_map(|byte| PASSWORD_ALPHABET.get(usize::from(byte & 63)))
        .map(|byte| char::from(*byte))
        .collect())
}
