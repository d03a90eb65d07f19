//! The real server binary, as a child of a command.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::api::Client;
use crate::failure::{Failure, OrFail};
use crate::interrupt::Interrupt;
use crate::workspace::Workspace;
use crate::{metadata, process};

const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Longer than the server gives its own requests.
const STOP_TIMEOUT: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(50);

/// How to start the server.
pub(crate) struct Launch<'a> {
    /// The port on 127.0.0.1.
    pub(crate) port: u16,
    /// The address of the database, for `wardkeep_app`.
    pub(crate) database_url: String,
    /// What signs cookies.
    pub(crate) auth_secret: &'a str,
    /// Further settings, by the names of their variables.
    pub(crate) more: Vec<(&'a str, String)>,
    /// The file that takes the log; without one it goes where our output goes.
    pub(crate) log: Option<PathBuf>,
}

/// A server that answers; stopped when the value is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    base_url: String,
    log: Option<PathBuf>,
}

/// Builds the server and returns its program.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf, Failure> {
    process::step(
        "build the server",
        // Together with this program, so that the features of the dependencies, and so their builds, are the ones we have.
        process::cargo(workspace.root()).args([
            "build",
            "--package",
            "xtask",
            "--package",
            "wardkeep-server",
            "--bin",
            "wardkeep",
        ]),
        "mend what the compiler says above",
    )?;
    Ok(metadata::read(workspace.root())?
        .target_directory
        .join("debug/wardkeep"))
}

/// A port on 127.0.0.1 that nobody has now.
pub(crate) fn free_port() -> Result<u16, Failure> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    port.map(|address| address.port())
        .or_fail("could not find a free port", "try again")
}

impl Server {
    /// Starts the program and waits until it is ready.
    pub(crate) fn start(program: &Path, launch: Launch<'_>, interrupt: &Interrupt) -> Result<Self, Failure> {
        let base_url = format!("http://127.0.0.1:{}", launch.port);
        let mut command = Command::new(program);
        // Only what is said here counts, not what the developer's environment holds.
        command
            .env_clear()
            .env("DATABASE_URL", &launch.database_url)
            .env("LISTEN", format!("127.0.0.1:{}", launch.port))
            .env("BASE_URL", &base_url)
            .env("AUTH_SECRET", launch.auth_secret)
            .envs(launch.more.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            // Ctrl-C in the terminal is ours to hand on, in order.
            .process_group(0);
        if let Some(path) = &launch.log {
            let next = "make the target folder writable";
            let file = File::create(path).or_fail(&format!("could not create {}", path.display()), next)?;
            let copy = file.try_clone().or_fail("could not open the log twice", next)?;
            command.stdout(file).stderr(copy);
        }
        let child = command.spawn().or_fail(
            &format!("could not start {}", program.display()),
            "run `cargo build` and look at its output",
        )?;
        let mut server = Self {
            child,
            base_url,
            log: launch.log,
        };
        server.wait_until_ready(interrupt)?;
        println!("==> server ready on {}", server.base_url);
        Ok(server)
    }

    /// How it is reached.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Its exit status, if it has ended by itself.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>, Failure> {
        self.child
            .try_wait()
            .or_fail("could not look at the server", "try again")
    }

    /// The last lines of its log, for a report of a failure.
    pub(crate) fn log_tail(&self) -> String {
        let Some(path) = &self.log else {
            return String::new();
        };
        let text = fs::read(path)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines.iter().skip(lines.len().saturating_sub(20));
        tail.map(|line| format!("    | {line}\n")).collect()
    }

    fn wait_until_ready(&mut self, interrupt: &Interrupt) -> Result<(), Failure> {
        let started = Instant::now();
        let client = Client::new(&self.base_url);
        loop {
            interrupt.check()?;
            if let Some(status) = self.ended()? {
                let message = format!("the server ended at its start ({status})\n{}", self.log_tail());
                return Err(Failure::new(message.trim_end(), "do what its last line says"));
            }
            if client.is_ready() {
                return Ok(());
            }
            if started.elapsed() > START_TIMEOUT {
                let message = format!(
                    "the server was not ready after {START_TIMEOUT:?}\n{}",
                    self.log_tail()
                );
                return Err(Failure::new(message.trim_end(), "look at its log"));
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        let asked = Instant::now();
        let _ = process::signal(&self.child, Signal::TERM);
        while matches!(self.child.try_wait(), Ok(None)) {
            if asked.elapsed() > STOP_TIMEOUT {
                eprintln!("warning: the server did not stop in {STOP_TIMEOUT:?} and was killed");
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(PAUSE);
        }
        println!("==> server stopped");
    }
}
