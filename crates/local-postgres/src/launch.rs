//! One start of a server, from finding its binaries to its first answer.

use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::account::{Account, command};
use crate::binaries::Binaries;
use crate::data;
use crate::error::Error;
use crate::postmaster::{Holder, PidFile, answers};
use crate::settings::{Durability, Settings};
use crate::state::{Lock, State, is_free};

/// Between two looks at a server that starts or stops.
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// Before a server is started again that could not start.
const PAUSE_BEFORE_RETRY: Duration = Duration::from_millis(100);

/// No socket file: its path may be too long, and other users could reach it.
const ALWAYS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "password_encryption=scram-sha-256",
    "logging_collector=off",
    "log_destination=stderr",
    "log_timezone=UTC",
    "timezone=UTC",
];

/// A test server that loses its data with the machine is made anew.
const FAST: [&str; 6] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
];

/// What a start needs. Whoever holds one holds the lock.
pub(crate) struct Launch<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) state: &'a State,
    pub(crate) lock: &'a Lock,
    pub(crate) account: Option<Account>,
    pub(crate) binaries: Binaries,
    has_data: bool,
    deadline: Instant,
}

impl<'a> Launch<'a> {
    /// Finds the user and the binaries. Changes nothing, but for a server that npm may fetch.
    pub(crate) fn prepare(
        settings: &'a Settings,
        state: &'a State,
        lock: &'a Lock,
        deadline: Instant,
    ) -> Result<Self, Error> {
        let data = state.data();
        let account = Account::for_server(&data)?;
        state.check_passable(account.as_ref())?;
        let made_by = data::major(&data)?;
        let wanted = made_by.map(|major| (data.as_path(), major));
        let binaries = Binaries::find(&settings.search, account.as_ref(), wanted)?;
        Ok(Self {
            settings,
            state,
            lock,
            account,
            binaries,
            has_data: made_by.is_some(),
            deadline,
        })
    }

    /// Makes the data if there is none, starts the server, and waits until it is ready. Returns its port and password,
    /// or `None` if another server of this data turned up, which a killed caller had just started.
    pub(crate) fn run(&self) -> Result<Option<(u16, String)>, Error> {
        let data = self.state.data();
        if !self.has_data {
            tracing::info!(major = self.binaries.major, data = %data.display(), "making a database");
            data::create(self)?;
        }
        let password = self.state.require_password()?;
        loop {
            if self.is_served() {
                return Ok(None);
            }
            PidFile::disown(&data)?;
            let port = self.state.free_port()?;
            if self.start(port)? {
                tracing::debug!(port, data = %data.display(), "postgres started");
                return Ok(Some((port, password)));
            }
            let tail = self.state.log_tail();
            // Backends of a killed server end by themselves in moments, unless they are in the middle of something.
            let orphaned = tail.contains("pre-existing shared memory block");
            let may_succeed = orphaned || !is_free(port) || self.is_served();
            if !may_succeed || Instant::now() > self.deadline {
                return Err(Error::Start {
                    log: self.state.log(),
                    tail,
                });
            }
            std::thread::sleep(PAUSE_BEFORE_RETRY);
        }
    }

    fn is_served(&self) -> bool {
        let data = self.state.data();
        PidFile::read(&data).is_some_and(|file| Holder::of(file.pid, &data) == Holder::Server)
    }

    /// Whether the server became ready; otherwise it has ended.
    fn start(&self, port: u16) -> Result<bool, Error> {
        let mut child = self.spawn(port)?;
        let result = self.wait_until_ready(&mut child, port);
        // Collects the process should it end before we do; a dead one that nobody collects looks alive to others.
        std::thread::spawn(move || child.wait());
        result
    }

    fn spawn(&self, port: u16) -> Result<Child, Error> {
        let program = self.binaries.postgres();
        let log = self.state.new_log()?;
        let errors = log.try_clone().map_err(Error::io("open", &self.state.log()))?;
        let mut postgres = command(&program, self.account.as_ref());
        postgres.arg("-D").arg(self.state.data());
        for option in self.options(port) {
            postgres.arg("-c").arg(option);
        }
        postgres.stdin(Stdio::null()).stdout(log).stderr(errors);
        // Ctrl-C in the caller's terminal is not for the server.
        postgres.process_group(0);
        postgres.spawn().map_err(Error::io("run", &program))
    }

    /// Given on the command line, so that old data gets today's settings.
    fn options(&self, port: u16) -> Vec<String> {
        let mut options = vec![
            format!("port={port}"),
            format!("max_connections={}", self.settings.max_connections),
        ];
        options.extend(ALWAYS.map(str::to_owned));
        if self.settings.durability == Durability::Fast {
            options.extend(FAST.map(str::to_owned));
        }
        options
    }

    fn wait_until_ready(&self, child: &mut Child, port: u16) -> Result<bool, Error> {
        let data = self.state.data();
        let pid = i32::try_from(child.id()).unwrap_or(i32::MAX);
        loop {
            if child
                .try_wait()
                .map_err(Error::io("wait for the server of", &data))?
                .is_some()
            {
                return Ok(false);
            }
            let file = PidFile::read(&data).filter(|file| file.pid == pid);
            if file.as_ref().is_some_and(|file| file.ready) && answers(port) {
                return Ok(true);
            }
            if Instant::now() > self.deadline {
                if file.is_none() {
                    // It has not claimed the data yet, so nobody would find it.
                    child.kill().map_err(Error::io("kill the server of", &data))?;
                }
                return Err(Error::NotReady {
                    waited: self.settings.start_timeout,
                    log: self.state.log(),
                });
            }
            std::thread::sleep(PAUSE);
        }
    }
}
