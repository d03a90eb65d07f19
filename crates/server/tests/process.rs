//! The program as an operator sees it: what it refuses, what it prints, and how it stops.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod flood;
mod program;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use wardkeep_auth::emails::Email;
use wardkeep_auth::mail::{self, Mail};
use wardkeep_auth::{Auth, AuthConfig, Secrets};
use wardkeep_testkit::{TestDatabase, context};

use crate::program::{Program, SECRET, refused};

/// Queues a mail as a request would.
async fn queue(database: &TestDatabase) {
    let auth = Auth::new(AuthConfig::new(
        Secrets::new([SECRET]).unwrap(),
        "http://localhost",
    ));
    let (cx, db) = (context(1), database.connect().await);
    let mail = Mail {
        to: Email::parse("ada@example.test").unwrap(),
        subject: "Hello".to_owned(),
        text: "http://localhost/a-link\n".to_owned(),
    };
    let tx = db.credentials(&cx).await.unwrap();
    mail::queue(&tx, &cx, &auth, &mail).await.unwrap();
    tx.commit().await.unwrap();
}

fn get(program: &Program, path: &str) -> String {
    let mut client = program.connect();
    write!(
        client,
        "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_start_without_settings_says_which_are_needed() {
    let (status, said) = refused(&[]);

    assert_eq!(status, 2);
    assert!(
        said.contains("DATABASE_URL: is not set; write it as postgres://"),
        "{said}"
    );
    assert!(said.contains("AUTH_SECRET: "), "{said}");
}

#[test]
fn a_variable_that_makes_no_sense_is_named_as_it_was_written() {
    let output = program::command("postgres://wardkeep_app:hunter2@db.example/clinic")
        .env("MEMBERSHIP_LIMIT", "many")
        .env("INVITATION_MAILS", "yes")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();

    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        said,
        "wardkeep: the configuration makes no sense:\n  \
         INVITATION_MAILS: `yes` is neither true nor false\n  \
         MEMBERSHIP_LIMIT: `many` is no whole number of 1 or more; write 100\n"
    );
}

#[test]
fn an_option_that_does_not_exist_is_refused() {
    let (status, said) = refused(&["--verbose"]);

    assert_eq!(status, 2);
    assert!(said.contains("unexpected argument '--verbose'"), "{said}");
}

#[test]
fn help_works_without_settings_and_shows_no_secret() {
    let output = program::command("postgres://wardkeep_app:hunter2@db.example/clinic")
        .env("PROVIDERS", r#"{ "google": "hunter2" }"#)
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(output.stdout).unwrap();

    assert!(output.status.success());
    assert!(help.contains("--database-url"), "{help}");
    assert!(!help.contains("hunter2") && !help.contains(SECRET), "{help}");
}

#[test]
fn a_database_that_is_down_is_refused_without_its_password() {
    let (status, said) =
        program::refused_by("postgres://wardkeep_app:hunter2@127.0.0.1:1/clinic?sslmode=disable");

    assert_eq!(status, 3);
    assert!(said.contains("check that PostgreSQL runs there"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn a_superuser_is_refused() {
    let database = TestDatabase::create().await;

    let (status, said) = program::refused_by(&database.admin_url());

    assert_eq!(status, 3);
    assert!(
        said.contains("superuser") && said.contains("connect as wardkeep_app"),
        "{said}"
    );
}

#[tokio::test]
async fn a_database_that_is_not_migrated_is_refused_with_what_to_run() {
    // The logins belong to the server: a migrated database has made them.
    let _migrated = TestDatabase::create().await;
    let database = TestDatabase::empty().await;

    let (status, said) = program::refused_by(&database.app_url());

    assert_eq!(status, 3);
    assert!(said.contains("run `cargo xtask migrate`"), "{said}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_refused() {
    let database = TestDatabase::create().await;
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();

    let output = program::command(&database.app_url())
        .env("LISTEN", &address)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();

    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains(&format!("cannot listen on {address}")) && said.contains("set LISTEN"),
        "{said}"
    );
}

#[tokio::test]
async fn a_stop_finishes_the_request_under_way_and_takes_no_other() {
    let database = TestDatabase::create().await;
    let mut program = Program::start(&database.app_url());
    let body = r#"{"name":"Ana Reyes","email":"ana@clinic.example","password":"a long enough password"}"#;
    let (sent, held_back) = body.split_at(20);
    let mut under_way = program.connect();
    write!(
        under_way,
        "POST /api/auth/sign-up/email HTTP/1.1\r\nhost: clinic\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{sent}",
        body.len()
    )
    .unwrap();
    program.wait_until_it_has_read();

    program.signal(Signal::TERM);
    program.wait_for_message("stopping");
    program.wait_until_closed();
    under_way.write_all(held_back.as_bytes()).unwrap();
    let mut answer = String::new();
    under_way.read_to_string(&mut answer).unwrap();

    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("ana@clinic.example"), "{answer}");
    assert_eq!(program.wait().code(), Some(0));
    assert!(program.log().iter().any(|event| event["message"] == "stopped"));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_idle_connections() {
    let database = TestDatabase::create().await;
    let mut program = Program::start(&database.app_url());
    let mut idle = program.connect();
    idle.write_all(b"GET /health/ready HTTP/1.1\r\nhost: clinic\r\n\r\n")
        .unwrap();
    let mut start = [0; 15];
    idle.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200 OK");

    program.signal(Signal::INT);

    assert_eq!(program.wait_at_most(Duration::from_secs(10)).code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let database = TestDatabase::create().await;
    let mut program = Program::start(&database.app_url());
    let mut never_finished = program.connect();
    never_finished
        .write_all(b"POST /api/auth/sign-up/email HTTP/1.1\r\nhost: clinic\r\ncontent-length: 5\r\n\r\n{")
        .unwrap();
    program.wait_until_it_has_read();

    program.signal(Signal::TERM);
    program.wait_for_message("stopping");
    program.signal(Signal::TERM);

    assert_eq!(program.wait_at_most(Duration::from_secs(10)).code(), Some(130));
}

#[tokio::test]
async fn every_line_of_the_log_is_json_and_holds_no_secret() {
    let database = TestDatabase::create().await;
    let mut program = Program::start(&database.app_url());
    let mut client = program.connect();
    client
        .write_all(b"GET /health/ready HTTP/1.1\r\nhost: clinic\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    program.signal(Signal::TERM);
    program.wait();

    let log = program.log();

    assert!(
        log.iter()
            .any(|event| event["message"] == "listening" && event["level"] == "INFO")
    );
    let request = log
        .iter()
        .find(|event| event["route"] == "/health/ready")
        .unwrap();
    let request_id = request["request_id"].as_str().unwrap();
    assert!(
        answer.contains(&format!("x-request-id: {request_id}\r\n")),
        "{answer}"
    );
    assert!(!log.iter().any(|event| event.to_string().contains(SECRET)));
}

#[tokio::test]
async fn the_worker_of_the_process_puts_a_mail_into_the_mailbox_and_stops_with_it() {
    let database = TestDatabase::create().await;
    queue(&database).await;
    let mut command = program::command(&database.app_url());
    command
        .env("WORKER_DATABASE_URL", database.worker_url())
        .env("DEV_MAILBOX", "true");
    let mut program = Program::started(command);

    program.wait_for_message("a mail was sent");
    let answer = get(&program, "/dev/mailbox.json");
    let start = get(&program, "/");
    program.signal(Signal::TERM);

    assert!(answer.contains("http://localhost/a-link"), "{answer}");
    assert!(
        start.contains("<a href=\"http://localhost/dev/mailbox\">"),
        "{start}"
    );
    assert!(
        start.contains("<a href=\"http://localhost/dev/sign-in\">"),
        "{start}"
    );
    assert_eq!(program.wait_at_most(Duration::from_secs(10)).code(), Some(0));
}

#[tokio::test]
async fn the_start_says_what_to_enter_at_each_provider_and_nothing_secret() {
    let database = TestDatabase::create().await;
    let mut command = program::command(&database.app_url());
    command.env(
        "PROVIDERS",
        r#"{ "keycloak": { "issuer": "https://id.clinic.example", "clientId": "w", "clientSecret": "hunter2" },
             "apple": { "clientId": "example.clinic", "clientSecret": "hunter2" } }"#,
    );
    let mut program = Program::started(command);

    program.signal(Signal::TERM);
    program.wait();

    let log = program.log();
    for (id, level) in [("keycloak", "INFO"), ("apple", "INFO"), ("apple", "WARN")] {
        let said = |event: &Value| {
            event["level"] == level
                && event["provider"] == id
                && event["redirect_address"] == format!("http://localhost/api/auth/callback/{id}")
        };
        assert!(log.iter().any(said), "{id}, {level}: {log:?}");
    }
    assert!(
        !log.iter().any(|event| event.to_string().contains("hunter2")),
        "{log:?}"
    );
}

#[test]
fn a_provider_that_cannot_work_is_refused_and_its_secret_not_repeated() {
    let output = program::command("postgres://wardkeep_app:hunter2@db.example/clinic")
        .env(
            "PROVIDERS",
            r#"{ "google": { "clientID": "1", "clientSecret": "hunter2" } }"#,
        )
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();

    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.starts_with("wardkeep: the configuration makes no sense:\n  PROVIDERS: "),
        "{said}"
    );
    assert!(said.contains("google") && said.contains("clientId"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test]
async fn a_relay_that_is_silent_stops_neither_the_start_nor_the_stop() {
    let database = TestDatabase::create().await;
    queue(&database).await;
    let relay = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut command = program::command(&database.app_url());
    command
        .env("WORKER_DATABASE_URL", database.worker_url())
        .env("SMTP_URL", format!("smtp://{}", relay.local_addr().unwrap()))
        .env("SHUTDOWN_TIMEOUT", "1s");
    let mut program = Program::started(command);
    let _under_way = relay.accept().unwrap();

    program.signal(Signal::TERM);

    assert_eq!(program.wait_at_most(Duration::from_secs(20)).code(), Some(0));
    let log = program.log();
    assert!(
        log.iter().any(|event| event["message"]
            .as_str()
            .is_some_and(|said| said.starts_with("a mail under way was cut off"))),
        "{log:?}"
    );
    assert!(
        !log.iter().any(|event| event.to_string().contains("ada@")),
        "{log:?}"
    );
}

#[tokio::test]
async fn without_a_relay_the_start_says_that_no_mails_are_sent() {
    let database = TestDatabase::create().await;
    let mut program = Program::start(&database.app_url());

    program.signal(Signal::TERM);
    program.wait();

    let log = program.log();
    let said = |event: &Value| {
        let message = event["message"].as_str().unwrap_or_default();
        event["level"] == "WARN" && message.starts_with("no mails are sent")
    };
    assert!(log.iter().any(said), "{log:?}");
}

#[tokio::test]
async fn a_worker_without_a_relay_sweeps_away_what_is_over() {
    let database = TestDatabase::create().await;
    let ana = database.user("Ana Reyes").await;
    // It ended in March 2026.
    database.session(ana, "the hash of a secret", None).await;
    let mut command = program::command(&database.app_url());
    command.env("WORKER_DATABASE_URL", database.worker_url());
    let mut program = Program::started(command);

    let mut admin = database.admin().await;
    let swept = async {
        let count = "select count(*) from session";
        while sqlx::query_scalar::<_, i64>(count)
            .fetch_one(&mut admin)
            .await
            .unwrap()
            > 0
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), swept)
        .await
        .unwrap();

    program.signal(Signal::TERM);
    assert!(program.wait().success());
}

#[tokio::test]
async fn a_login_that_cannot_open_a_scope_is_refused() {
    let database = TestDatabase::create().await;

    let (status, said) = program::refused_by(&database.worker_url());

    assert_eq!(status, 3);
    assert!(said.contains("may not set role to authenticated"), "{said}");
}

#[tokio::test]
async fn a_worker_on_another_database_is_refused() {
    let (database, other) = (TestDatabase::create().await, TestDatabase::create().await);

    let output = program::command(&database.app_url())
        .env("WORKER_DATABASE_URL", other.worker_url())
        .env("DEV_MAILBOX", "true")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();

    assert_eq!(output.status.code(), Some(3));
    assert!(said.contains("which is not the application's database"), "{said}");
}

#[tokio::test]
async fn a_link_without_a_page_ends_on_one_that_says_what_this_is() {
    let database = TestDatabase::create().await;
    let program = Program::start(&database.app_url());

    let answer = get(&program, "/");

    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(
        answer.contains("content-security-policy: default-src 'none'"),
        "{answer}"
    );
    for said in [
        "Go back to your application",
        "<h1>Wardkeep</h1>",
        concat!("version ", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(answer.contains(said), "{said} in {answer}");
    }
    assert!(!answer.contains("/dev/"), "{answer}");
    let links: Vec<_> = answer
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(links, ["/openapi.json", "/health/ready"]);
    for link in links {
        let answer = get(&program, link);
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{link}: {answer}");
    }
}

#[tokio::test]
async fn a_worker_that_could_act_as_the_application_is_refused() {
    let database = TestDatabase::create().await;

    let output = program::command(&database.app_url())
        .env("WORKER_DATABASE_URL", database.app_url())
        .env("DEV_MAILBOX", "true")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();

    assert_eq!(output.status.code(), Some(3));
    assert!(said.contains("connect as wardkeep_worker"), "{said}");
}

#[tokio::test]
async fn attempts_to_sign_in_are_limited_whatever_address_a_client_claims() {
    let database = TestDatabase::create().await;
    let mut program = Program::start(&database.app_url());

    let attempts: Vec<_> = (1..=5).map(|last| attempt(&program, last)).collect();

    for answer in &attempts[..3] {
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    for answer in &attempts[3..] {
        assert!(answer.starts_with("HTTP/1.1 429 "), "{answer}");
        assert!(answer.contains("\r\nx-retry-after: "), "{answer}");
    }
    program.signal(Signal::TERM);
    program.wait();
    let warnings = program.log().iter().filter(|event| event["level"] == "WARN");
    let said: Vec<_> = warnings
        .filter_map(|event| event["message"].as_str())
        .filter(|message| message.contains("TRUSTED_PROXIES"))
        .collect();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_are_limited_each() {
    let database = TestDatabase::create().await;
    let mut command = program::command(&database.app_url());
    command.env("TRUSTED_PROXIES", "127.0.0.0/8");
    let program = Program::started(command);

    for last in 1..=5 {
        let answer = attempt(&program, last);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[tokio::test]
async fn the_compatibility_profile_limits_nothing() {
    let database = TestDatabase::create().await;
    let mut command = program::command(&database.app_url());
    command.env("PROFILE", "compatibility");
    let program = Program::started(command);

    for _ in 0..5 {
        let answer = attempt(&program, 1);
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[tokio::test]
async fn the_general_limit_can_be_set() {
    let database = TestDatabase::create().await;
    let mut command = program::command(&database.app_url());
    command.env("RATE_LIMIT", "2/1m");
    let program = Program::started(command);

    let answers: Vec<_> = (0..3)
        .map(|_| program.exchange("GET /api/auth/ok HTTP/1.1\r\n"))
        .collect();

    assert!(answers[1].starts_with("HTTP/1.1 200 "), "{answers:?}");
    assert!(answers[2].starts_with("HTTP/1.1 429 "), "{answers:?}");
}

/// The answer to a sign-in without a body from somebody who claims an address.
fn attempt(program: &Program, last: u8) -> String {
    let start = "POST /api/auth/sign-in/email HTTP/1.1\r\ncontent-length: 0\r\n";
    program.exchange(&format!("{start}x-forwarded-for: 198.51.100.{last}\r\n"))
}
