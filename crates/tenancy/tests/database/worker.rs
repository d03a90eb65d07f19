//! The worker's own pool.

use sea_orm::QueryResult;
use wardkeep_tenancy::{ConnectError, DatabaseConfig, WorkerDatabase, sqlstate};
use wardkeep_testkit::{TestDatabase, context};

fn text(row: Option<QueryResult>) -> String {
    row.unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn the_worker_acts_as_itself_and_is_seen_by_its_name() {
    const WHO: &str = "select current_user || ' ' || current_setting('application_name')";
    let test = TestDatabase::create().await;
    let database = test.connect_worker().await;

    let tx = database.begin(&context(1)).await.unwrap();
    let who = text(tx.sql(WHO, []).one().await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(who, "wardkeep_worker worker");
}

#[tokio::test]
async fn the_worker_sees_nothing_of_an_organization_or_of_a_person() {
    let test = TestDatabase::create().await;
    let database = test.connect_worker().await;

    for statement in [
        "select id from public.patients",
        "select email from public.\"user\"",
        "select token from public.session",
        "select password from public.account",
    ] {
        let tx = database.begin(&context(1)).await.unwrap();
        let error = tx.sql(statement, []).all().await.unwrap_err();
        assert_eq!(sqlstate(&error).as_deref(), Some("42501"), "{statement}");
    }
}

#[tokio::test]
async fn what_the_worker_drops_half_way_is_undone() {
    let test = TestDatabase::create().await;
    let database = test.connect_worker().await;
    let insert = "insert into outbox (id, content, created_at, next_attempt_at) values (gen_random_uuid(), '', now(), now())";
    sqlx::query(insert)
        .execute(&mut test.admin().await)
        .await
        .unwrap();

    let tx = database.begin(&context(1)).await.unwrap();
    let deleted = tx.sql("delete from outbox", []).execute().await.unwrap();
    drop(tx);

    let left: i64 = sqlx::query_scalar("select count(*) from outbox")
        .fetch_one(&mut test.admin().await)
        .await
        .unwrap();
    assert_eq!((deleted, left), (1, 1));
}

#[tokio::test]
async fn a_login_that_is_not_the_workers_is_refused() {
    let test = TestDatabase::create().await;

    for url in [test.app_url(), test.admin_url()] {
        let error = WorkerDatabase::connect(DatabaseConfig::new(url))
            .await
            .unwrap_err();
        assert!(matches!(error, ConnectError::Privileged { .. }), "{error}");
        assert!(
            error.to_string().ends_with("connect as wardkeep_worker"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_schema_that_is_not_there_is_refused() {
    let test = TestDatabase::empty().await;

    let error = WorkerDatabase::connect(DatabaseConfig::new(test.worker_url()))
        .await
        .unwrap_err();

    assert!(matches!(error, ConnectError::NotMigrated { .. }), "{error}");
}
