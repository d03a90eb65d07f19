//! Starting, adopting and stopping.

use std::fmt;
use std::fmt::Write as _;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::account::{Account, command};
use crate::binaries::Binaries;
use crate::data;
use crate::error::Error;
use crate::postmaster::{Holder, PidFile, answers, interrupt};
use crate::settings::{Durability, Settings};
use crate::state::{State, is_free};

const STOP_TIMEOUT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// A server that takes connections.
#[derive(Clone)]
pub struct Running {
    /// The port on 127.0.0.1.
    pub port: u16,
    /// The password of the superuser `postgres`.
    pub password: String,
    /// The data folder.
    pub data_dir: PathBuf,
    /// Whether this call started it; otherwise it was running.
    pub started_now: bool,
}

impl Running {
    /// The address of a database on this server, for the superuser `postgres`.
    pub fn url(&self, database: &str) -> String {
        let mut name = String::new();
        for byte in database.bytes() {
            if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
                name.push(char::from(byte));
            } else {
                let _infallible = write!(name, "%{byte:02X}");
            }
        }
        format!(
            "postgres://postgres:{}@127.0.0.1:{}/{name}?sslmode=disable",
            self.password, self.port
        )
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Running")
            .field("port", &self.port)
            .field("data_dir", &self.data_dir)
            .field("started_now", &self.started_now)
            .finish_non_exhaustive()
    }
}

/// Returns the server of this state folder, which is started if it does not run and made if it does not exist.
///
/// Waits for other callers, and up to [`Settings::start_timeout`] for a server that recovers from a crash. A server
/// that already runs is returned within a millisecond or so; its settings are not compared.
pub fn ensure_running(settings: &Settings) -> Result<Running, Error> {
    let state = State::open(&settings.state_dir)?;
    let _lock = state.lock()?;
    let deadline = Instant::now() + settings.start_timeout;
    if let Some(running) = adopt(&state, settings, deadline)? {
        return Ok(running);
    }

    let data_dir = state.data();
    let account = Account::for_server(&data_dir)?;
    state.check_passable(account.as_ref())?;
    let made_by = data::major(&data_dir)?;
    let binaries = Binaries::find(
        &settings.search,
        account.as_ref(),
        made_by.map(|major| (data_dir.as_path(), major)),
    )?;
    if made_by.is_none() {
        tracing::info!(major = binaries.major, data = %data_dir.display(), "making a database");
        data::create(&state, &binaries, account.as_ref(), settings.durability)?;
    }
    let password = state.password()?.ok_or_else(|| Error::NoPassword {
        data: data_dir.clone(),
        password: state.password_file(),
    })?;
    let port = start(&state, settings, &binaries, account.as_ref(), deadline)?;
    tracing::info!(port, data = %data_dir.display(), "postgres started");
    Ok(Running {
        port,
        password,
        data_dir,
        started_now: true,
    })
}

/// Returns the server of this state folder if it runs; starts nothing.
pub fn find_running(settings: &Settings) -> Result<Option<Running>, Error> {
    let Some(state) = State::find(&settings.state_dir) else {
        return Ok(None);
    };
    let _lock = state.lock()?;
    adopt(&state, settings, Instant::now() + settings.start_timeout)
}

/// Stops the server of this state folder: sessions are ended, data is written. Returns whether it ran.
pub fn stop(settings: &Settings) -> Result<bool, Error> {
    let Some(state) = State::find(&settings.state_dir) else {
        return Ok(false);
    };
    let _lock = state.lock()?;
    let data = state.data();
    let Some(file) = PidFile::read(&data) else {
        return Ok(false);
    };
    match Holder::of(file.pid, &data) {
        Holder::Gone | Holder::Stranger => return Ok(false),
        Holder::Unclear => return Err(Error::Occupied { data, pid: file.pid }),
        Holder::Server => {}
    }
    interrupt(file.pid).map_err(Error::io("interrupt the server of", &data))?;
    let deadline = Instant::now() + STOP_TIMEOUT;
    while Holder::of(file.pid, &data) != Holder::Gone {
        if Instant::now() > deadline {
            return Err(Error::NotStopped {
                pid: file.pid,
                waited: STOP_TIMEOUT,
            });
        }
        std::thread::sleep(PAUSE);
    }
    Ok(true)
}

/// The server that runs, once it is ready: the process must be the `postgres` of this data, and answer. `None` if
/// there is none, or while we waited it ended.
fn adopt(state: &State, settings: &Settings, deadline: Instant) -> Result<Option<Running>, Error> {
    let data_dir = state.data();
    while let Some(file) = PidFile::read(&data_dir) {
        match Holder::of(file.pid, &data_dir) {
            Holder::Gone | Holder::Stranger => return Ok(None),
            Holder::Unclear => {
                return Err(Error::Occupied {
                    data: data_dir,
                    pid: file.pid,
                });
            }
            Holder::Server => {}
        }
        if let Some(port) = file.port.filter(|port| file.ready && answers(*port)) {
            let password = state.password()?.ok_or_else(|| Error::NoPassword {
                data: data_dir.clone(),
                password: state.password_file(),
            })?;
            return Ok(Some(Running {
                port,
                password,
                data_dir,
                started_now: false,
            }));
        }
        if Instant::now() > deadline {
            return Err(Error::NotReady {
                waited: settings.start_timeout,
                log: state.log(),
            });
        }
        std::thread::sleep(PAUSE);
    }
    Ok(None)
}

/// Starts the server and waits until it is ready. Returns its port.
fn start(
    state: &State,
    settings: &Settings,
    binaries: &Binaries,
    account: Option<&Account>,
    deadline: Instant,
) -> Result<u16, Error> {
    let data = state.data();
    loop {
        PidFile::disown(&data)?;
        let port = state.free_port()?;
        let mut child = spawn(state, settings, binaries, account, port)?;
        let ended = wait_until_ready(state, settings, &mut child, port, deadline)?;
        if !ended {
            // Collects the process should it end before we do; a dead one that nobody collects looks alive to others.
            std::thread::spawn(move || child.wait());
            return Ok(port);
        }
        let tail = state.log_tail();
        // Backends of a killed server end by themselves within moments, unless they are in the middle of something.
        let orphaned = tail.contains("pre-existing shared memory block");
        let may_succeed = orphaned || !is_free(port);
        if !may_succeed || Instant::now() > deadline {
            return Err(Error::Start {
                log: state.log(),
                tail,
            });
        }
        std::thread::sleep(PAUSE);
    }
}

fn spawn(
    state: &State,
    settings: &Settings,
    binaries: &Binaries,
    account: Option<&Account>,
    port: u16,
) -> Result<Child, Error> {
    let program = binaries.postgres();
    let log = state.new_log()?;
    let errors = log.try_clone().map_err(Error::io("open", &state.log()))?;
    let mut postgres = command(&program, account);
    postgres.arg("-D").arg(state.data());
    for option in options(settings, port) {
        postgres.arg("-c").arg(option);
    }
    postgres
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        // Ctrl-C in the caller's terminal is not for the server.
        .process_group(0)
        .spawn()
        .map_err(Error::io("run", &program))
}

/// Given on the command line, so that old data gets today's settings.
fn options(settings: &Settings, port: u16) -> Vec<String> {
    let mut options = vec![
        format!("port={port}"),
        format!("max_connections={}", settings.max_connections),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "password_encryption=scram-sha-256".to_owned(),
        "logging_collector=off".to_owned(),
        "log_destination=stderr".to_owned(),
        "log_timezone=UTC".to_owned(),
        "timezone=UTC".to_owned(),
    ];
    if settings.durability == Durability::Fast {
        options.extend(
            [
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "wal_level=minimal",
                "max_wal_senders=0",
                "autovacuum=off",
            ]
            .map(str::to_owned),
        );
    }
    options
}

/// Whether the server ended; otherwise it is ready.
fn wait_until_ready(
    state: &State,
    settings: &Settings,
    child: &mut Child,
    port: u16,
    deadline: Instant,
) -> Result<bool, Error> {
    let pid = i32::try_from(child.id()).unwrap_or(i32::MAX);
    loop {
        if child
            .try_wait()
            .map_err(Error::io("wait for the server of", &state.data()))?
            .is_some()
        {
            return Ok(true);
        }
        let file = PidFile::read(&state.data());
        if file.is_some_and(|file| file.pid == pid && file.ready) && answers(port) {
            return Ok(false);
        }
        if Instant::now() > deadline {
            return Err(Error::NotReady {
                waited: settings.start_timeout,
                log: state.log(),
            });
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running() -> Running {
        Running {
            port: 5433,
            password: "s3cret".into(),
            data_dir: "/data".into(),
            started_now: true,
        }
    }

    #[test]
    fn a_url_escapes_the_name() {
        assert_eq!(
            running().url("dev_1"),
            "postgres://postgres:s3cret@127.0.0.1:5433/dev_1?sslmode=disable"
        );
        assert!(running().url("a/b c").ends_with("/a%2Fb%20c?sslmode=disable"));
    }

    #[test]
    fn the_password_is_not_printed() {
        assert!(!format!("{:?}", running()).contains("s3cret"));
    }
}
