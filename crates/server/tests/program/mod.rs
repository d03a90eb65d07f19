//! The program under test, as a child process.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test cannot go on without the program"
)]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// Signs the cookies of a test.
pub(crate) const SECRET: &str = "k3jH8sLq0ZxW5vTn9bYcR2mPd7fGaE1u";

const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// A running server. Killed when the test ends without having stopped it.
pub(crate) struct Program {
    child: Child,
    address: String,
    events: Receiver<Result<Value, String>>,
    log: Vec<Value>,
}

/// The program with everything that it needs, and nothing of the environment of the tests.
pub(crate) fn command(database_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardkeep"));
    command
        .env_clear()
        .env("DATABASE_URL", database_url)
        .env("AUTH_SECRET", SECRET)
        .env("LISTEN", "127.0.0.1:0")
        .env("BASE_URL", "http://localhost")
        .env("LOG_FORMAT", "json");
    command
}

/// The exit status and the words of a program that is told nothing but `arguments`.
pub(crate) fn refused(arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardkeep"));
    outcome(command.env_clear().args(arguments))
}

/// The exit status and the words of a program that does not serve this database.
pub(crate) fn refused_by(database_url: &str) -> (i32, String) {
    outcome(&mut command(database_url))
}

fn outcome(command: &mut Command) -> (i32, String) {
    let output = command.output().expect("the program starts");
    let said = String::from_utf8(output.stderr).expect("it writes UTF-8");
    (output.status.code().expect("it ends by itself"), said)
}

impl Program {
    /// Starts it and waits until it listens.
    pub(crate) fn start(database_url: &str) -> Self {
        Self::started(command(database_url))
    }

    /// The same with settings of the test's own.
    pub(crate) fn started(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let events = read(child.stdout.take().expect("its output is piped"));
        let mut program = Self {
            child,
            address: String::new(),
            events,
            log: Vec::new(),
        };
        let listening = program.wait_for_message("listening");
        program.address = listening["address"].as_str().expect("it says where").to_owned();
        program
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("it accepts");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout can be set");
        stream
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The answer to a request that begins with these lines, on a connection of its own.
    pub(crate) fn exchange(&self, start: &str) -> String {
        let mut stream = self.connect();
        write!(stream, "{start}host: clinic\r\nconnection: close\r\n\r\n").expect("it takes a request");
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).expect("it answers");
        answer
    }

    /// Waits until it has dealt with what was sent before on another connection, by a request that it answers.
    pub(crate) fn wait_until_it_has_read(&mut self) {
        for _ in 0..4 {
            self.exchange("GET /health/live HTTP/1.1\r\n");
        }
    }

    /// Waits until it refuses connections.
    pub(crate) fn wait_until_closed(&self) {
        let started = Instant::now();
        while TcpStream::connect(&self.address).is_ok() {
            assert!(started.elapsed() < PATIENCE, "it still accepts");
            thread::sleep(PAUSE);
        }
    }

    /// Waits for an event of its log.
    pub(crate) fn wait_for_message(&mut self, begins: &str) -> Value {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let Ok(event) = self.events.recv_timeout(PATIENCE) else {
                break;
            };
            let event = json(event);
            self.log.push(event.clone());
            if event["message"]
                .as_str()
                .is_some_and(|message| message.starts_with(begins))
            {
                return event;
            }
        }
        panic!("it did not log `{begins}`: {:?}", self.log);
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id())
            .ok()
            .and_then(Pid::from_raw)
            .expect("it has a number");
        kill_process(pid, signal).expect("it takes signals");
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.wait_at_most(PATIENCE)
    }

    /// Waits for its end, which must come soon.
    pub(crate) fn wait_at_most(&mut self, time: Duration) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(started.elapsed() < time, "it runs on");
            thread::sleep(PAUSE);
        }
    }

    /// Everything that it has logged.
    pub(crate) fn log(&mut self) -> &[Value] {
        self.log.extend(self.events.iter().map(json));
        &self.log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of its log, until it ends: as JSON, or as they are.
fn read(output: ChildStdout) -> Receiver<Result<Value, String>> {
    let (sender, events) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
            let event =
                serde_json::from_slice(&line).map_err(|_| String::from_utf8_lossy(&line).into_owned());
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    events
}

/// Here, and not in the thread that reads: a panic there would fail no test.
fn json(line: Result<Value, String>) -> Value {
    line.unwrap_or_else(|line| panic!("no JSON: {line}"))
}
