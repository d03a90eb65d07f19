//! Servers that cannot be migrated, and one on which nothing was migrated yet.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wardkeep_migration::lint::{LintError, lint};
use wardkeep_migration::{MigrateError, status, up};
use wardkeep_testkit::TestDatabase;

use crate::database::{connect, texts};

#[tokio::test]
async fn an_address_that_is_none_is_an_error_of_the_connection() {
    for url in [
        "",
        "clinic",
        "mysql://root@127.0.0.1/clinic",
        "postgres://a:b@127.0.0.1:x/c",
    ] {
        let error = status(url).await.unwrap_err();

        assert!(matches!(error, MigrateError::Connect(_)), "{url}: {error:?}");
        assert_eq!(
            error.to_string(),
            "cannot connect to the database; check the URL, the password and that the server runs"
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_run_is_an_error_within_seconds() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let url = format!("postgres://postgres@127.0.0.1:{port}/clinic");
    let started = Instant::now();

    let error = up(&url, None, &mut |_| ()).await.unwrap_err();

    assert!(matches!(error, MigrateError::Connect(_)), "{error:?}");
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    assert!(matches!(lint(&url).await.unwrap_err(), LintError::Connect(_)));
}

#[tokio::test]
async fn a_login_or_database_that_does_not_exist_is_an_error_of_the_connection() {
    let database = TestDatabase::empty().await;

    for url in [
        database
            .admin_url()
            .replace("postgres:", "nobody:")
            .replace("//postgres@", "//nobody@"),
        format!("{}_missing", database.admin_url()),
    ] {
        let error = status(&url).await.unwrap_err();
        assert!(matches!(error, MigrateError::Connect(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_older_than_15_is_refused_with_its_version() {
    let database = TestDatabase::empty().await;
    let url = behind_an_older_version(&database).await;

    let error = up(&url, None, &mut |_| ()).await.unwrap_err();

    assert!(
        matches!(&error, MigrateError::TooOld(version) if version == "140012"),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "the server is older than PostgreSQL 15 (server_version_num 140012); use a newer one"
    );
    let error = lint(&url).await.unwrap_err();
    assert!(
        matches!(error, LintError::Connect(MigrateError::TooOld(_))),
        "{error:?}"
    );
}

/// The address of a proxy in front of the server, which says that its version is 14.12.
async fn behind_an_older_version(database: &TestDatabase) -> String {
    let admin = connect(&database.admin_url()).await;
    let version = texts(&admin, "select current_setting('server_version_num')")
        .await
        .unwrap()
        .concat();
    assert_eq!(version.len(), 6);
    let (before, after) = database.admin_url().rsplit_once('@').map(split).unwrap();
    let (server, name) = after.split_once('/').map(split).unwrap();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = proxy.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (client, _) = proxy.accept().await.unwrap();
            let upstream = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(relay(client, upstream, version.clone()));
        }
    });
    format!("{before}@127.0.0.1:{port}/{name}")
}

fn split((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

async fn relay(client: TcpStream, upstream: TcpStream, version: String) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = upstream.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut buffer = vec![0; 65_536];
    while let Ok(length) = from_server.read(&mut buffer).await {
        if length == 0 {
            return;
        }
        let answer = &mut buffer[..length];
        if let Some(start) = answer.windows(6).position(|window| window == version.as_bytes()) {
            answer[start..start + 6].copy_from_slice(b"140012");
        }
        if to_client.write_all(answer).await.is_err() {
            return;
        }
    }
}
