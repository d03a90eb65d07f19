//! Two hundred sign-ins at once.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use wardkeep_testkit::TestDatabase;

use crate::program::{self, Program};

const SIGN_INS: usize = 200;
/// What the process may need at its peak, in MiB: what it needs anyhow, and one hash for each core. Two hundred hashes at
/// once need 3,800.
const MOST_MEMORY: u64 = 100;
const MORE_FOR_EACH_CORE: u64 = 20;
const PASSWORD: &str = "a long enough password";

/// An answer, and when all of it had come.
struct Answered {
    text: String,
    at: Instant,
}

impl Answered {
    fn status(&self) -> &str {
        self.text.get(9..12).unwrap_or_default()
    }
}

/// Sends a request when all the others are sent, over a connection that is there already.
fn ask(mut stream: TcpStream, request: String, start: Arc<Barrier>) -> thread::JoinHandle<Answered> {
    thread::spawn(move || {
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        start.wait();
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let at = Instant::now();
        Answered { text, at }
    })
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST /api/auth/{path} HTTP/1.1\r\nhost: clinic\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn sign_in(name: &str, password: &str) -> String {
    let body = format!(r#"{{"email":"{name}@clinic.example","password":"{password}"}}"#);
    post("sign-in/email", &body)
}

/// The most memory that a process has had, in MiB (proc(5), `VmHWM`).
#[cfg(target_os = "linux")]
fn peak_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kibibytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes >> 10
}

#[tokio::test]
async fn two_hundred_sign_ins_at_once_leave_the_server_alive_and_small() {
    let database = TestDatabase::create().await;
    let mut command = program::command(&database.app_url());
    command.env("PROFILE", "compatibility");
    let program = Program::started(command);
    let start = Arc::new(Barrier::new(1));
    let body = format!(r#"{{"name":"Ana","email":"ana@clinic.example","password":"{PASSWORD}"}}"#);
    let signed_up = ask(program.connect(), post("sign-up/email", &body), start)
        .join()
        .unwrap();
    assert_eq!(signed_up.status(), "200", "{}", signed_up.text);

    let start = Arc::new(Barrier::new(SIGN_INS + 1));
    let attempts: Vec<_> = (0..SIGN_INS)
        .map(|number| {
            let request = match number % 3 {
                0 => sign_in("ana", PASSWORD),
                1 => sign_in("ana", "a wrong password"),
                _ => sign_in(&format!("nobody-{number}"), PASSWORD),
            };
            ask(program.connect(), request, Arc::clone(&start))
        })
        .collect();
    let live = "GET /health/live HTTP/1.1\r\nhost: clinic\r\nconnection: close\r\n\r\n";
    let live = ask(program.connect(), live.to_owned(), start).join().unwrap();
    let answers: Vec<_> = attempts
        .into_iter()
        .map(|attempt| attempt.join().unwrap())
        .collect();

    assert_eq!(live.status(), "200", "{}", live.text);
    let mut hashed = Vec::new();
    for answer in &answers {
        match answer.status() {
            "200" | "401" => hashed.push(answer.at),
            "503" => assert!(answer.text.contains("\r\nretry-after: 1\r\n"), "{}", answer.text),
            _ => panic!("{}", answer.text),
        }
    }
    hashed.sort();
    assert!(hashed.len() >= 3, "{} were hashed", hashed.len());
    assert!(
        live.at < hashed[2],
        "the third sign-in was answered {:?} earlier",
        live.at.duration_since(hashed[2])
    );
    assert!(answers.iter().any(|answer| answer.status() == "200"));
    assert!(answers.iter().any(|answer| answer.status() == "401"));
    #[cfg(target_os = "linux")]
    {
        let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        let (peak, most) = (
            peak_memory(program.id()),
            MOST_MEMORY + MORE_FOR_EACH_CORE * cores,
        );
        assert!(peak < most, "{peak} MiB, of {most}");
    }
}
