//! The server process: its lock file, what it is, whether it answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use crate::error::Error;

/// Asks for TLS: length 8, code 80877103 (PostgreSQL manual, "Message Formats", SSLRequest).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);

/// The lock file that a server keeps in its data folder (`postmaster.pid`; its lines stand in
/// `src/include/utils/pidfile.h`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) port: Option<u16>,
    pub(crate) ready: bool,
}

/// Who a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// No such process, or a dead one that nobody has collected.
    Gone,
    /// A live process that is not the server of this data.
    Stranger,
    /// The server of this data.
    Server,
    /// A live `postgres` of which we may not see more.
    Unclear,
}

impl PidFile {
    /// What the lock file says; `None` if there is none, or none that can be read as such.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(data.join("postmaster.pid")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let line = |number: usize| text.lines().nth(number).map(str::trim);
        // The number of a single-user server is written with a minus sign.
        let pid = line(0)?
            .parse::<i32>()
            .ok()
            .and_then(i32::checked_abs)
            .filter(|pid| *pid > 0)?;
        Some(Self {
            pid,
            port: line(3).and_then(|port| port.parse().ok()),
            ready: line(7) == Some("ready"),
        })
    }

    /// Lets the next server take over a lock file whose process is gone or is somebody else.
    ///
    /// PostgreSQL would refuse if the number has been given to another process. The file is not simply removed, since
    /// it also names the shared memory, by which a new server sees that orphaned backends of the old one still
    /// write to the data. A lock that names its own parent PostgreSQL takes for stale, and then checks just that
    /// (`CreateLockFile` in `miscinit.c`); so the file is made to name us. One that cannot be read (a full disk
    /// leaves such) names no memory either, and PostgreSQL refuses to start over it, so it is removed.
    pub(crate) fn disown(data: &Path) -> Result<(), Error> {
        let path = data.join("postmaster.pid");
        let text = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        if Self::parse(&text).is_none() {
            return std::fs::remove_file(&path).map_err(Error::io("remove", &path));
        }
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        std::fs::write(&path, format!("{}\n{rest}", std::process::id())).map_err(Error::io("write", &path))
    }
}

impl Holder {
    /// Looks at the process `pid` as the possible server of `data`, which is a canonical path.
    pub(crate) fn of(pid: i32, data: &Path) -> Self {
        if !is_alive(pid) {
            Self::Gone
        } else if cfg!(target_os = "linux") {
            Self::from_proc(pid, data)
        } else {
            Self::from_ps(pid, data)
        }
    }

    /// A server's working folder is its data folder, which tells it from another server that was given the number.
    fn from_proc(pid: i32, data: &Path) -> Self {
        let process = Path::new("/proc").join(pid.to_string());
        let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
        // "17 (postgres) S 1 …"; the name may hold anything, so look behind its last bracket.
        let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else {
            return Self::Gone;
        };
        if rest.trim_start().starts_with(['Z', 'X']) {
            return Self::Gone;
        }
        if name != "postgres" {
            return Self::Stranger;
        }
        match std::fs::read_link(process.join("cwd")) {
            Ok(folder) if folder == data => Self::Server,
            Ok(_) => Self::Stranger,
            // A process on its way out has let go of its folder before its number is free.
            Err(error) if error.kind() == ErrorKind::NotFound => Self::Gone,
            Err(_) => Self::Unclear,
        }
    }

    /// Elsewhere `ps` shows the command line, which names the data folder if we started the server.
    fn from_ps(pid: i32, data: &Path) -> Self {
        let output = Command::new("ps")
            .args([
                "-o",
                "stat=",
                "-o",
                "ucomm=",
                "-o",
                "args=",
                "-p",
                &pid.to_string(),
            ])
            .stdin(Stdio::null())
            .output();
        let text = output
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default();
        let mut words = text.split_whitespace();
        match (words.next(), words.next()) {
            (None, _) => Self::Gone,
            (Some(state), _) if state.starts_with('Z') => Self::Gone,
            (_, Some("postgres")) if text.contains(&*data.to_string_lossy()) => Self::Server,
            (_, Some("postgres")) => Self::Unclear,
            _ => Self::Stranger,
        }
    }
}

/// Whether a PostgreSQL listens on this port of 127.0.0.1: it answers the request for TLS with one letter.
pub(crate) fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<u8> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIMEOUT)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        stream.write_all(&SSL_REQUEST)?;
        let mut answer = [0_u8; 1];
        stream.read_exact(&mut answer)?;
        Ok(u8::from_be_bytes(answer))
    };
    matches!(ask(), Ok(b'S' | b'N'))
}

/// Asks for a fast shutdown: sessions are ended, data is written (PostgreSQL manual, "Shutting Down the Server").
pub(crate) fn interrupt(pid: i32) -> std::io::Result<()> {
    match Pid::from_raw(pid).map(|pid| rustix::process::kill_process(pid, Signal::INT)) {
        Some(Ok(())) | Some(Err(Errno::SRCH)) | None => Ok(()),
        Some(Err(error)) => Err(error.into()),
    }
}

fn is_alive(pid: i32) -> bool {
    // Somebody else's process answers PERM, and is alive.
    Pid::from_raw(pid).is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_is_read_by_its_lines() {
        let text = "4711\n/data\n1700000000\n54321\n\n127.0.0.1\n  5432001    131072\nready   \n";
        assert_eq!(
            PidFile::parse(text),
            Some(PidFile {
                pid: 4711,
                port: Some(54321),
                ready: true
            })
        );
        let starting = "4711\n/data\n1700000000\n54321\n\n127.0.0.1\n  5432001    131072\nstarting\n";
        assert!(!PidFile::parse(starting).unwrap().ready);
        assert_eq!(
            PidFile::parse("-4711\n/data\n"),
            Some(PidFile {
                pid: 4711,
                port: None,
                ready: false
            })
        );
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("garbage\n"), None);
    }

    #[test]
    fn this_test_is_a_stranger_to_any_data() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert_eq!(Holder::of(own, Path::new("/")), Holder::Stranger);
        assert_eq!(Holder::from_ps(own, Path::new("/nowhere")), Holder::Stranger);
    }

    #[test]
    fn an_uncollected_child_is_gone() {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        while Holder::of(pid, Path::new("/")) != Holder::Gone {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.wait().unwrap();
        assert_eq!(Holder::of(pid, Path::new("/")), Holder::Gone);
    }

    #[test]
    fn silence_and_other_services_do_not_answer() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let service = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n").unwrap();
        });
        assert!(!answers(port));
        service.join().unwrap();
        assert!(!answers(port));
    }
}
