//! The test databases keep their promises to the tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use wardkeep_tenancy::{Asked, Grants, SCHEMA_VERSION};
use wardkeep_testkit::{START, TestDatabase, clock, context, scope};

#[tokio::test]
async fn a_database_is_migrated_empty_and_gone_afterwards() {
    let db = TestDatabase::create().await;
    db.connect().await.ready().await.unwrap();
    let mut admin = db.admin().await;
    let version: String = sqlx::query_scalar("select tenancy.schema_version()")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let users: i64 = sqlx::query_scalar("select count(*) from \"user\"")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!((version.as_str(), users), (SCHEMA_VERSION, 0));

    let name = db.name().to_owned();
    drop(db);

    let other = TestDatabase::empty().await;
    assert!(!exists(&other, &name).await);
}

#[tokio::test]
async fn the_application_login_is_behind_the_fence() {
    let db = TestDatabase::create().await;
    let mut app = PgConnection::connect(&db.app_url()).await.unwrap();
    let mut worker = PgConnection::connect(&db.worker_url()).await.unwrap();

    assert_eq!(login(&mut worker).await, "wardkeep_worker");
    assert_eq!(login(&mut app).await, "wardkeep_app");
    for forbidden in [
        "create temporary table t (id int)",
        "create table t (id int)",
        "select set_config('app.current_organization_id', gen_random_uuid()::text, true)",
        "select count(*) from patients",
    ] {
        let refused = app.execute(AssertSqlSafe(forbidden)).await.unwrap_err();
        assert_eq!(
            refused.as_database_error().unwrap().code().unwrap(),
            "42501",
            "{forbidden}"
        );
    }
}

#[tokio::test]
async fn the_fence_of_a_clone_is_the_one_that_the_migrations_put_up() {
    let db = TestDatabase::create().await;
    let mut admin = db.admin().await;
    let before = access(&mut admin).await;

    wardkeep_migration::fence_database(&db.admin_url()).await.unwrap();

    assert_eq!(access(&mut admin).await, before);
}

#[tokio::test]
async fn databases_do_not_see_each_other() {
    let (one, other) = tokio::join!(TestDatabase::create(), TestDatabase::create());
    assert_ne!(one.name(), other.name());

    one.organization("Salt Lane").await;

    let mut admin = other.admin().await;
    let count: i64 = sqlx::query_scalar("select count(*) from organization")
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(count, 0);
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept() {
    let db = TestDatabase::empty().await;
    let (database, owner) = (
        "wardkeep_test_0123456789abcdef",
        "wardkeep_test_00000000deadbeef_owner",
    );
    let mut admin = db.admin().await;
    // Another test that begins now may sweep them at once.
    admin
        .execute(AssertSqlSafe(format!("create role {owner}")))
        .await
        .unwrap();
    admin
        .execute(AssertSqlSafe(format!("create database {database}")))
        .await
        .unwrap();

    let _next = TestDatabase::empty().await;

    assert!(!exists(&db, database).await);
    let roles: i64 = sqlx::query_scalar("select count(*) from pg_roles where rolname = $1")
        .bind(owner)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(roles, 0);
    assert!(exists(&db, db.name()).await);
}

#[tokio::test]
async fn an_owned_database_migrates_without_a_superuser() {
    let db = TestDatabase::empty_owned().await;
    let mut owner = PgConnection::connect(&db.owner_url()).await.unwrap();
    let row = sqlx::query(
        "select rolsuper, rolcreaterole, rolbypassrls, (select datdba = pg_roles.oid from pg_database where datname = current_database())
         from pg_roles where rolname = current_user",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    let rights: Vec<bool> = (0..4).map(|column| row.get(column)).collect();
    assert_eq!(rights, [false, true, false, true]);

    wardkeep_migration::up(&db.owner_url(), None, &mut |_| ())
        .await
        .unwrap();

    db.connect().await.ready().await.unwrap();
}

#[tokio::test]
async fn fixtures_are_what_they_say_and_the_same_in_every_run() {
    let db = TestDatabase::create().await;
    let salt_lane = db.organization("Salt Lane").await;
    let ana = db.user("Ana Reyes").await;
    let member = db.member(salt_lane, ana, "owner").await;
    db.session(ana, "hash", Some(salt_lane)).await;

    let found = db
        .connect()
        .await
        .find_session("hash", Asked::Active)
        .await
        .unwrap()
        .unwrap();
    let membership = found.membership.unwrap();
    assert_eq!((membership.id(), membership.organization()), (member, salt_lane));
    assert_eq!((membership.user(), membership.role()), (ana, "owner"));

    let again = TestDatabase::create().await;
    assert_eq!(again.organization("Salt Lane").await, salt_lane);
}

#[tokio::test]
async fn a_scope_is_of_the_organization_that_the_test_names() {
    let db = TestDatabase::create().await;
    let salt_lane = db.organization("Salt Lane").await;
    let ana = db.user("Ana Reyes").await;

    let scope = scope(&db.connect().await, &context(1), (salt_lane, ana), Grants::none());
    let tx = scope.begin().await.unwrap();

    assert_eq!((tx.organization(), tx.user(), tx.now()), (salt_lane, ana, START));
    assert_eq!(clock().now(), START);
}

async fn exists(db: &TestDatabase, name: &str) -> bool {
    let query = sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(name);
    query.fetch_one(&mut db.admin().await).await.unwrap()
}

async fn login(connection: &mut PgConnection) -> String {
    sqlx::query_scalar("select current_user::text")
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Who may do what with the database, its public schema and `set_config`.
async fn access(admin: &mut PgConnection) -> Vec<String> {
    let rows = sqlx::query(
        "select unnest(datacl)::text as entry from pg_database where datname = current_database()
         union all
         select 'public ' || unnest(nspacl)::text from pg_namespace where nspname = 'public'
         union all
         select 'set_config ' || unnest(proacl)::text from pg_proc where proname = 'set_config'
         order by 1",
    )
    .fetch_all(admin)
    .await
    .unwrap();
    rows.iter().map(|row| row.get("entry")).collect()
}
