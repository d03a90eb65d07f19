use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use wardkeep_local_postgres::{Durability, find_running, stop};

use crate::sandbox::{Sandbox, connect, kill};

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_loses_no_committed_row() {
    let sandbox = Sandbox::with(Durability::Durable);
    let server = sandbox.start();
    let mut connection = connect(&server).await;
    sqlx::query("create table kept (number bigint primary key)")
        .execute(&mut connection)
        .await
        .unwrap();

    let acknowledged = Arc::new(AtomicI64::new(0));
    let writer = tokio::spawn({
        let acknowledged = acknowledged.clone();
        async move {
            for number in 1_i64.. {
                let insert = sqlx::query("insert into kept values ($1)").bind(number);
                if insert.execute(&mut connection).await.is_err() {
                    break;
                }
                acknowledged.store(number, Ordering::SeqCst);
            }
        }
    });
    while acknowledged.load(Ordering::SeqCst) < 200 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    kill(sandbox.pid());
    let again = sandbox.start();
    writer.await.unwrap();

    assert!(again.started_now);
    let mut connection = connect(&again).await;
    let (count, highest): (i64, i64) = sqlx::query_as("select count(*), max(number) from kept")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(count, highest);
    let acknowledged = acknowledged.load(Ordering::SeqCst);
    assert!(
        highest >= acknowledged,
        "{acknowledged} rows were acknowledged, {highest} are there"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_the_orphans_of_a_killed_server() {
    let sandbox = Sandbox::new();
    let server = sandbox.start();
    let mut connection = connect(&server).await;
    let orphan: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    let busy = tokio::spawn(async move {
        let _dies_with_the_server = sqlx::query(
            "do $$
             declare
               until timestamptz := clock_timestamp() + interval '1 second';
             begin
               while clock_timestamp() < until loop
               end loop;
             end $$",
        )
        .execute(&mut connection)
        .await;
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    kill(sandbox.pid());

    assert!(sandbox.start().started_now);

    assert!(is_gone(orphan), "two servers wrote to one folder");
    busy.await.unwrap();
}

#[test]
fn a_stale_lock_file_is_taken_over() {
    let sandbox = Sandbox::new();
    sandbox.start();
    let rest = std::fs::read_to_string(sandbox.pid_file())
        .unwrap()
        .split_once('\n')
        .unwrap()
        .1
        .to_owned();
    stop(&sandbox.settings).unwrap();

    // Its process is gone.
    let mut gone = sandbox.stranger();
    gone.kill().unwrap();
    gone.wait().unwrap();
    std::fs::write(sandbox.pid_file(), format!("{}\n{rest}", gone.id())).unwrap();
    starts_as_if_it_were_not_there(&sandbox);

    // Its number was given to another process.
    let mut stranger = sandbox.stranger();
    std::fs::write(sandbox.pid_file(), format!("{}\n{rest}", stranger.id())).unwrap();
    starts_as_if_it_were_not_there(&sandbox);
    assert!(
        stranger.try_wait().unwrap().is_none(),
        "the other process was harmed"
    );
    stranger.kill().unwrap();
    stranger.wait().unwrap();

    // The disk was full.
    std::fs::write(sandbox.pid_file(), "").unwrap();
    starts_as_if_it_were_not_there(&sandbox);
}

fn starts_as_if_it_were_not_there(sandbox: &Sandbox) {
    assert!(find_running(&sandbox.settings).unwrap().is_none());
    assert!(!stop(&sandbox.settings).unwrap());
    assert!(sandbox.start().started_now);
    assert!(stop(&sandbox.settings).unwrap());
}

#[tokio::test]
async fn the_server_of_another_folder_is_neither_adopted_nor_stopped() {
    let other = Sandbox::new();
    let server = other.start();
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.data()).unwrap();
    std::fs::copy(other.pid_file(), sandbox.pid_file()).unwrap();

    assert!(find_running(&sandbox.settings).unwrap().is_none());
    assert!(!stop(&sandbox.settings).unwrap());

    PgConnection::connect(&server.url("postgres")).await.unwrap();
}

/// Whether a process has ended, even if nobody has collected it yet.
fn is_gone(pid: i32) -> bool {
    let output = Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .output()
        .unwrap();
    let state = String::from_utf8(output.stdout).unwrap();
    state.trim().is_empty() || state.starts_with('Z')
}
