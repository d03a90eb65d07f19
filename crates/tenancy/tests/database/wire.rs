//! What a transaction costs on the wire, and what it does when the wire breaks.

use std::time::Duration;

use wardkeep_tenancy::{Asked, Database, Fault, FaultKind, OrganizationId, sqlstate};

use crate::fixtures::{Patients, World, at_rest, insert};
use crate::proxy::Proxy;

async fn behind(world: &World, proxy: &Proxy, connections: u32) -> Database {
    let mut config = world.config();
    proxy.url().clone_into(&mut config.url);
    config.max_connections = connections;
    Database::connect(config).await.unwrap()
}

async fn read(world: &World, database: &Database, organization: OrganizationId) {
    let tx = world.scope(database, organization).begin().await.unwrap();
    tx.find::<Patients>().one(&tx).await.unwrap();
}

/// The turns so far, once the connection is back in the pool and nothing more is said.
async fn quiet(proxy: &Proxy, database: &Database) -> usize {
    at_rest(database, 1).await;
    proxy.turns()
}

#[tokio::test]
async fn a_read_takes_two_round_trips_and_its_rollback_is_nobodys_wait() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let database = behind(&world, &proxy, 1).await;
    read(&world, &database, world.north).await;
    let warm = quiet(&proxy, &database).await;

    let tx = world.scope(&database, world.south).begin().await.unwrap();
    assert_eq!(proxy.turns() - warm, 1);
    tx.find::<Patients>().one(&tx).await.unwrap();
    assert_eq!(proxy.turns() - warm, 2);
    drop(tx);

    assert_eq!(
        quiet(&proxy, &database).await - warm,
        3,
        "the rollback and the pool's own check go as one"
    );
}

#[tokio::test]
async fn a_write_takes_three_round_trips() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let database = behind(&world, &proxy, 1).await;
    let tx = world.scope(&database, world.north).begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    tx.commit().await.unwrap();
    let warm = quiet(&proxy, &database).await;

    let tx = world.scope(&database, world.south).begin().await.unwrap();
    insert(&tx, "Sara").await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(proxy.turns() - warm, 3);
}

#[tokio::test]
async fn the_session_lookup_takes_one_round_trip() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let database = behind(&world, &proxy, 1).await;
    database.find_session("hash", Asked::Active).await.unwrap();
    let warm = quiet(&proxy, &database).await;

    database
        .find_session("other", Asked::Organization(world.north))
        .await
        .unwrap();

    assert_eq!(proxy.turns() - warm, 1);
}

#[tokio::test]
async fn a_transaction_begins_although_every_pooled_connection_has_died() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let database = behind(&world, &proxy, 4).await;
    let scope = world.scope(&database, world.north);
    for _ in 0..2 {
        let held = [
            scope.begin().await,
            scope.begin().await,
            scope.begin().await,
            scope.begin().await,
        ];
        drop(held.map(Result::unwrap));
        at_rest(&database, 4).await;

        proxy.sever();

        let tx = scope.begin().await.unwrap();
        insert(&tx, "Nora").await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(world.patients().await, 2);
}

#[tokio::test]
async fn a_transaction_begins_although_the_server_has_ended_its_connections() {
    let world = World::new().await;
    let mut config = world.config();
    config.max_connections = 4;
    let database = Database::connect(config).await.unwrap();
    let scope = world.scope(&database, world.north);
    let held = [scope.begin().await, scope.begin().await, scope.begin().await];
    drop(held.map(Result::unwrap));
    at_rest(&database, 3).await;

    let mut admin = world.admin().await;
    let ended: i64 = sqlx::query_scalar(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity
         where usename = 'wardkeep_app' and datname = current_database()",
    )
    .fetch_one(&mut *admin)
    .await
    .unwrap();

    assert_eq!(ended, 3);
    scope.begin().await.unwrap().commit().await.unwrap();
    database.find_session("hash", Asked::Active).await.unwrap();
}

#[tokio::test]
async fn the_session_lookup_survives_a_dead_connection() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let database = behind(&world, &proxy, 1).await;
    database.ready().await.unwrap();
    quiet(&proxy, &database).await;

    proxy.sever();

    assert!(
        database
            .find_session("hash", Asked::Active)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_connection_that_breaks_in_a_transaction_ends_it_and_says_so() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let database = behind(&world, &proxy, 1).await;
    let scope = world.scope(&database, world.north);
    let tx = scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();

    proxy.sever();

    let error = insert(&tx, "Norma").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (FaultKind::Unavailable, "DATABASE_UNAVAILABLE")
    );
    assert!(tx.commit().await.is_err());
    scope.begin().await.unwrap().commit().await.unwrap();
    assert_eq!(world.patients().await, 0);
}

#[tokio::test]
async fn a_server_that_is_gone_is_unavailable() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let mut config = world.config();
    proxy.url().clone_into(&mut config.url);
    config.acquire_timeout = Duration::from_secs(3);
    let database = Database::connect(config).await.unwrap();
    database.ready().await.unwrap();

    proxy.stop();

    let error = world.scope(&database, world.north).begin().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (FaultKind::Unavailable, "DATABASE_UNAVAILABLE")
    );
    assert_eq!(database.ready().await.unwrap_err().kind(), FaultKind::Unavailable);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let mut config = world.config();
    proxy.url().clone_into(&mut config.url);
    config.acquire_timeout = Duration::from_secs(3);
    let database = Database::connect(config).await.unwrap();
    read(&world, &database, world.north).await;
    quiet(&proxy, &database).await;

    proxy.hold_answers();
    let asked = std::time::Instant::now();
    let error = world.scope(&database, world.north).begin().await.unwrap_err();

    assert_eq!(error.kind(), FaultKind::Unavailable);
    assert!(asked.elapsed() < Duration::from_secs(30), "{:?}", asked.elapsed());
}

/// A prepared statement does not survive a change of the columns that it returns: PostgreSQL refuses it, and would each
/// time.
#[tokio::test]
async fn a_migration_beneath_a_prepared_statement_costs_one_error_and_not_the_connection_for_ever() {
    let world = World::new().await;
    let database = world.database().await;
    let all = async || {
        let tx = world.scope(&database, world.north).begin().await.unwrap();
        tx.sql("select * from patients", []).all().await.map(|_| ())
    };
    all().await.unwrap();
    at_rest(&database, 1).await;

    world
        .execute("alter table patients add column nickname text")
        .await;

    assert_eq!(sqlstate(&all().await.unwrap_err()).as_deref(), Some("0A000"));
    all().await.unwrap();
}

#[tokio::test]
async fn a_migration_beneath_a_lookup_is_not_noticed() {
    let world = World::new().await;
    let database = world.database().await;
    database.ready().await.unwrap();
    at_rest(&database, 1).await;

    world.execute("drop function tenancy.schema_version()").await;
    world
        .execute("create function tenancy.schema_version() returns varchar return 'm99991231_000001_later'")
        .await;
    world
        .execute("grant execute on function tenancy.schema_version() to wardkeep_app")
        .await;

    database.ready().await.unwrap();
}
