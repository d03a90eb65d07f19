//! Starting, adopting and stopping.

use std::fmt;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::launch::{Launch, PAUSE};
use crate::postmaster::{Holder, PidFile, answers, interrupt};
use crate::settings::Settings;
use crate::state::State;

const STOP_TIMEOUT: Duration = Duration::from_secs(60);

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
    let lock = state.lock()?;
    let deadline = Instant::now() + settings.start_timeout;
    loop {
        if let Some(running) = adopt(&state, settings, deadline)? {
            return Ok(running);
        }
        if let Some((port, password)) = Launch::prepare(settings, &state, &lock, deadline)?.run()? {
            return Ok(Running {
                port,
                password,
                data_dir: state.data(),
                started_now: true,
            });
        }
    }
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
            let password = state.require_password()?;
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
