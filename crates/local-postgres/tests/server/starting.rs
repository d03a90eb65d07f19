use std::ffi::OsString;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use sqlx::{Connection, PgConnection, Row};
use wardkeep_local_postgres::{Durability, Error, Settings, ensure_running, find_running, stop};

use crate::sandbox::{Sandbox, connect};

const STATE_OF_A_STARTER: &str = "WARDKEEP_STATE_OF_A_STARTER";

#[tokio::test]
async fn a_server_is_made_used_found_again_and_stopped() {
    let sandbox = Sandbox::with(Durability::Durable);
    assert!(find_running(&sandbox.settings).unwrap().is_none());
    assert!(!stop(&sandbox.settings).unwrap());

    let first = sandbox.start();
    let mut connection = connect(&first).await;
    let row = sqlx::query(
        "select current_setting('fsync') as fsync,
                current_setting('listen_addresses') as addresses,
                current_setting('unix_socket_directories') as sockets,
                current_setting('max_connections')::int as connections,
                current_setting('timezone') as timezone,
                (select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolname = 'postgres') as scram,
                (select pg_encoding_to_char(encoding) from pg_database where datname = 'postgres') as encoding,
                upper('grün') as upper",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(row.get::<&str, _>("fsync"), "on");
    assert_eq!(row.get::<&str, _>("addresses"), "127.0.0.1");
    assert_eq!(row.get::<&str, _>("sockets"), "");
    assert_eq!(row.get::<i32, _>("connections"), 300);
    assert_eq!(row.get::<&str, _>("timezone"), "UTC");
    assert!(row.get::<bool, _>("scram"));
    assert_eq!(row.get::<&str, _>("encoding"), "UTF8");
    assert_eq!(row.get::<&str, _>("upper"), "GRÜN");

    let again = sandbox.start();
    assert!(first.started_now && !again.started_now);
    assert_eq!(
        (again.port, again.password.as_str()),
        (first.port, first.password.as_str())
    );
    assert_eq!(find_running(&sandbox.settings).unwrap().unwrap().port, first.port);

    assert!(stop(&sandbox.settings).unwrap());
    assert!(!sandbox.pid_file().exists());
    assert!(find_running(&sandbox.settings).unwrap().is_none());
}

#[tokio::test]
async fn a_server_is_closed_to_others() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.start();

    for name in ["password", "server.log"] {
        let mode = std::fs::metadata(sandbox.settings.state_dir.join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!sandbox.settings.state_dir.join("initdb-password").exists());

    server.password = "postgres".to_owned();
    let refused = PgConnection::connect(&server.url("postgres")).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "28P01");

    // Ctrl-C in the terminal of whoever started it does not reach it.
    let process = rustix::process::Pid::from_raw(sandbox.pid()).unwrap();
    assert_eq!(rustix::process::getpgid(Some(process)).unwrap(), process);
}

#[test]
fn ten_processes_make_one_server_and_leave_it_running() {
    if let Some(state) = state_of_a_starter() {
        ensure_running(&Settings::new(state, Durability::Fast)).unwrap();
        return;
    }
    let sandbox = Sandbox::new();

    let starters: Vec<_> = (0..10).map(|_| starter(&sandbox).spawn().unwrap()).collect();
    for mut starter in starters {
        assert!(starter.wait().unwrap().success());
    }

    assert!(!sandbox.start().started_now);
    let log = std::fs::read_to_string(sandbox.settings.state_dir.join("server.log")).unwrap();
    assert_eq!(log.matches("ready to accept connections").count(), 1);
    assert!(!sandbox.settings.state_dir.join("server.log.old").exists());
}

#[test]
fn the_port_is_kept_while_it_is_free() {
    let sandbox = Sandbox::new();
    let first = sandbox.start();
    stop(&sandbox.settings).unwrap();

    let second = sandbox.start();
    assert_eq!(second.port, first.port);
    stop(&sandbox.settings).unwrap();

    let _other_service = TcpListener::bind(("127.0.0.1", first.port)).unwrap();
    let third = sandbox.start();
    assert_ne!(third.port, first.port);
}

#[test]
fn a_server_that_does_not_answer_is_waited_for_and_left_alone() {
    let mut sandbox = Sandbox::new();
    sandbox.start();
    let server = rustix::process::Pid::from_raw(sandbox.pid()).unwrap();
    rustix::process::kill_process(server, rustix::process::Signal::STOP).unwrap();
    sandbox.settings.start_timeout = Duration::ZERO;

    let result = ensure_running(&sandbox.settings);

    rustix::process::kill_process(server, rustix::process::Signal::CONT).unwrap();
    assert!(matches!(result, Err(Error::NotReady { .. })), "{result:?}");
    sandbox.settings.start_timeout = Duration::from_secs(120);
    assert!(!sandbox.start().started_now);
}

#[test]
fn a_start_that_ran_out_of_time_is_no_obstacle() {
    let mut sandbox = Sandbox::new();
    sandbox.settings.start_timeout = Duration::ZERO;
    let result = ensure_running(&sandbox.settings);
    assert!(matches!(result, Err(Error::NotReady { .. })), "{result:?}");

    sandbox.settings.start_timeout = Duration::from_secs(120);
    sandbox.start();
}

#[test]
fn what_an_interrupted_initdb_left_is_made_anew() {
    let sandbox = Sandbox::new();
    let unfinished = sandbox.settings.state_dir.join("data.new");
    std::fs::create_dir_all(unfinished.join("base")).unwrap();
    std::fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();

    assert!(sandbox.start().started_now);

    assert!(!unfinished.exists());
    assert!(sandbox.data().join("global/pg_control").exists());
}

#[test]
fn a_starter_killed_inside_initdb_hurts_nobody() {
    let sandbox = Sandbox::new();
    let unfinished = sandbox.settings.state_dir.join("data.new/PG_VERSION");
    let mut killed = starter(&sandbox).spawn().unwrap();
    while !unfinished.exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(!sandbox.data().exists());

    // The orphaned initdb holds the lock; starting waits for its end.
    assert!(sandbox.start().started_now);
}

/// Another process that calls `ensure_running` on this state: this program again, with one test to run.
fn starter(sandbox: &Sandbox) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "starting::ten_processes_make_one_server_and_leave_it_running",
    ]);
    command
        .env(STATE_OF_A_STARTER, &sandbox.settings.state_dir)
        .stdout(Stdio::null());
    command
}

/// The state to start, in a process that [`starter`] made.
#[expect(clippy::disallowed_methods, reason = "the parent says where")]
fn state_of_a_starter() -> Option<OsString> {
    std::env::var_os(STATE_OF_A_STARTER)
}
