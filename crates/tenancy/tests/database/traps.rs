//! The traps of this stack, each in two halves: without the guard it leaks, with it the same steps do not.
//!
//! 1. a future is dropped while BEGIN is in flight;
//! 2. the opening message fails after its BEGIN;
//! 3. a nested begin is cancelled, or a failed statement is swallowed before the commit;
//! 4. a cancelled query keeps running on the server;
//! 5. a handler's future is dropped at any await (a client's RST does that).

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use wardkeep_tenancy::{Asked, Database, Fault, TenantScope, sqlstate};

use crate::fixtures::{World, at_rest, insert, waiting_at_most};
use crate::proxy::Proxy;

/// One connection through a proxy, warm, and the scope of the northern clinic.
struct Setup {
    world: World,
    proxy: Proxy,
    database: Database,
    scope: TenantScope,
}

#[derive(Clone, Copy, PartialEq)]
enum Guard {
    On,
    Off,
}

async fn setup(guard: Guard) -> Setup {
    let world = World::new().await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let mut config = world.config();
    proxy.url().clone_into(&mut config.url);
    let mut database = Database::connect(config).await.unwrap();
    if guard == Guard::Off {
        database = database.unguarded();
    }
    database.ready().await.unwrap();
    at_rest(&database, 1).await;
    let scope = world.scope(&database, world.north);
    Setup {
        world,
        proxy,
        database,
        scope,
    }
}

impl Setup {
    async fn pid(&self) -> i32 {
        self.world.backend().await.pid
    }

    /// Whether a transaction of the northern clinic stays open on the server although nobody holds one.
    async fn leaks(&self) -> bool {
        !self.world.settles().await
    }
}

// Trap 1.

async fn drop_a_begin_in_flight(setup: &Setup) {
    setup.proxy.hold_answers();
    setup
        .world
        .abandon(setup.scope.begin(), "idle in transaction", "BEGIN")
        .await;
    setup.proxy.release_answers();
}

#[tokio::test]
async fn unguarded_a_begin_dropped_in_flight_leaves_its_tenant_to_the_next_borrower() {
    let setup = setup(Guard::Off).await;
    let pid = setup.pid().await;

    drop_a_begin_in_flight(&setup).await;

    let left = setup.world.backend().await;
    assert_eq!((left.pid, left.state.as_str()), (pid, "idle in transaction"));
    assert_eq!(left.application, format!("tenant_{}", setup.world.north));
    // The next borrower gets it like this, and runs as the tenant that was left behind: it may not even look up a session.
    let error = setup
        .database
        .find_session("hash", Asked::Active)
        .await
        .unwrap_err();
    assert_eq!(sqlstate(&error).as_deref(), Some("42501"));
    assert_eq!(setup.world.backend().await.pid, pid);
}

#[tokio::test]
async fn a_begin_dropped_in_flight_closes_its_connection() {
    let setup = setup(Guard::On).await;
    let pid = setup.pid().await;

    drop_a_begin_in_flight(&setup).await;

    assert!(!setup.leaks().await);
    assert!(
        setup
            .database
            .find_session("hash", Asked::Active)
            .await
            .unwrap()
            .is_none()
    );
    let backends = setup.world.backends().await;
    assert!(
        backends
            .iter()
            .all(|backend| backend.pid != pid && backend.application == "wardkeep")
    );
}

// Trap 2.

async fn fail_after_begin(setup: &Setup) {
    setup
        .proxy
        .replace_once("ROLE authenticated", "ROLE authenticatex");
    let error = setup.scope.begin().await.unwrap_err();
    assert_eq!(error.code(), "INTERNAL_ERROR", "{error:?}");
}

#[tokio::test]
async fn unguarded_an_opening_message_that_fails_after_its_begin_spoils_the_connection_for_ever() {
    let setup = setup(Guard::Off).await;

    fail_after_begin(&setup).await;

    for _ in 0..3 {
        assert!(setup.scope.begin().await.is_err());
        let error = setup.database.ready().await.unwrap_err();
        assert_eq!(sqlstate(&error).as_deref(), Some("25P02"));
    }
}

#[tokio::test]
async fn an_opening_message_that_fails_after_its_begin_costs_only_its_connection() {
    let setup = setup(Guard::On).await;

    fail_after_begin(&setup).await;

    setup.scope.begin().await.unwrap().commit().await.unwrap();
    setup.database.ready().await.unwrap();
    assert!(!setup.leaks().await);
}

// Trap 3.

/// SeaORM's own transaction is the unguarded half.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "shows what SeaORM does by itself")]
async fn unguarded_a_cancelled_nested_begin_rolls_the_outer_transaction_back_without_a_word() {
    let world = World::new().await;
    world.execute("create table notes (text text)").await;
    world.execute("grant insert on notes to wardkeep_app").await;
    let proxy = Proxy::before(&world.test.app_url()).await;
    let mut options = sea_orm::ConnectOptions::new(proxy.url());
    options.max_connections(1);
    let connection = sea_orm::Database::connect(options).await.unwrap();
    let note = |text: &str| {
        Statement::from_string(
            DbBackend::Postgres,
            format!("insert into notes values ('{text}')"),
        )
    };

    let tx = connection.begin().await.unwrap();
    tx.execute_raw(note("before")).await.unwrap();
    proxy.hold_answers();
    world
        .abandon(tx.begin(), "idle in transaction", "SAVEPOINT")
        .await;
    proxy.release_answers();
    tx.execute_raw(note("after")).await.unwrap();
    tx.commit().await.unwrap();

    let kept: Vec<String> = sqlx::query_scalar("select text from notes")
        .fetch_all(&mut *world.admin().await)
        .await
        .unwrap();
    assert_eq!(
        kept,
        ["after"],
        "commit said Ok, and half of the transaction is gone"
    );
}

#[tokio::test]
async fn a_cancelled_nested_begin_ends_the_outer_transaction_with_an_error() {
    let setup = setup(Guard::On).await;

    let tx = setup.scope.begin().await.unwrap();
    insert(&tx, "before").await.unwrap();
    setup.proxy.hold_answers();
    setup
        .world
        .abandon(tx.begin(), "idle in transaction", "SAVEPOINT")
        .await;
    setup.proxy.release_answers();

    assert!(insert(&tx, "after").await.is_err());
    assert!(tx.commit().await.is_err());
    assert!(!setup.leaks().await);
    assert_eq!(setup.world.patients().await, 0);
}

async fn commit_after_a_swallowed_error(setup: &Setup) -> Result<(), sea_orm::DbErr> {
    let tx = setup.scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    let _swallowed = tx.sql("select 1 / 0", []).one().await;
    tx.commit().await
}

#[tokio::test]
async fn unguarded_a_commit_after_a_swallowed_error_says_ok_and_keeps_nothing() {
    let setup = setup(Guard::Off).await;

    let committed = commit_after_a_swallowed_error(&setup).await;

    assert!(committed.is_ok());
    assert_eq!(setup.world.patients().await, 0);
}

#[tokio::test]
async fn a_commit_after_a_swallowed_error_is_an_error() {
    let setup = setup(Guard::On).await;

    let committed = commit_after_a_swallowed_error(&setup).await;

    assert!(committed.is_err());
    assert!(!setup.leaks().await);
    assert_eq!(setup.world.patients().await, 0);
    setup.scope.begin().await.unwrap().commit().await.unwrap();
}

/// An error in a later row of an answer is an error too, even if only the first was asked for.
#[tokio::test]
async fn an_error_behind_the_first_row_is_not_missed() {
    let setup = setup(Guard::On).await;
    let tx = setup.scope.begin().await.unwrap();

    let one = tx
        .sql("select 1 / (3 - number) from generate_series(1, 3) as number", [])
        .one()
        .await;

    assert!(one.is_err());
    assert!(tx.commit().await.is_err());
}

/// The database may refuse as late as at the commit itself.
#[tokio::test]
async fn a_commit_that_the_database_refuses_is_an_error_and_costs_no_connection() {
    let setup = setup(Guard::On).await;
    setup
        .world
        .execute("create table notes (text text unique deferrable initially deferred)")
        .await;
    setup
        .world
        .execute("grant insert on notes to authenticated")
        .await;
    let pid = setup.pid().await;

    let tx = setup.scope.begin().await.unwrap();
    let twice = tx.sql("insert into notes values ('same'), ('same')", []);
    assert_eq!(twice.execute().await.unwrap(), 2);
    let error = tx.commit().await.unwrap_err();

    assert_eq!(sqlstate(&error).as_deref(), Some("23505"));
    setup.scope.begin().await.unwrap().commit().await.unwrap();
    assert_eq!(setup.pid().await, pid);
}

// Trap 4.

/// Lets the server notice within moments that its client is gone: five seconds are long in a test.
async fn look_often(world: &World) {
    world
        .execute(
            "do $$ begin
           execute format('alter role wardkeep_app in database %I set client_connection_check_interval = %L',
             current_database(), '100ms');
         end $$",
        )
        .await;
}

async fn cancel_a_long_query(guard: Guard) -> Setup {
    let mut setup = setup(guard).await;
    look_often(&setup.world).await;
    // The setting is read when a connection opens.
    let mut config = setup.world.config();
    setup.proxy.url().clone_into(&mut config.url);
    config.acquire_timeout = Duration::from_secs(5);
    setup.database.close().await;
    setup.database = Database::connect(config).await.unwrap();
    if guard == Guard::Off {
        setup.database = setup.database.unguarded();
    }
    setup.scope = setup.world.scope(&setup.database, setup.world.north);
    let tx = setup.scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    setup
        .world
        .abandon(
            tx.sql("select pg_sleep(60)::text", []).one(),
            "active",
            "select pg_sleep",
        )
        .await;
    setup
}

#[tokio::test]
async fn unguarded_a_cancelled_query_runs_on_and_keeps_its_connection() {
    let setup = cancel_a_long_query(Guard::Off).await;

    assert_eq!(setup.world.backend().await.state, "active");
    assert_eq!(
        setup.database.ready().await.unwrap_err().code(),
        "DATABASE_UNAVAILABLE",
        "the pool waits for it"
    );
}

#[tokio::test]
async fn a_cancelled_query_loses_its_connection_and_ends() {
    let setup = cancel_a_long_query(Guard::On).await;

    // Half of statement_timeout: what ends it sooner is that the server looks whether its client is there.
    let ended = tokio::time::timeout(Duration::from_secs(15), async {
        setup.database.ready().await.unwrap();
        setup.world.settles().await
    });
    assert_eq!(ended.await, Ok(true));
    assert_eq!(setup.world.patients().await, 0);
}

#[tokio::test]
async fn what_follows_a_cancelled_query_in_its_transaction_is_an_error() {
    let setup = setup(Guard::On).await;
    let tx = setup.scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    setup
        .world
        .abandon(
            tx.sql("select pg_sleep(1)::text", []).one(),
            "active",
            "select pg_sleep",
        )
        .await;

    assert!(insert(&tx, "Norma").await.is_err());
    assert!(tx.commit().await.is_err());
    assert!(!setup.leaks().await);
    assert_eq!(setup.world.patients().await, 0);
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_a_timeout_and_ends_its_transaction() {
    let setup = setup(Guard::On).await;
    let tx = setup.scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    tx.sql("set local statement_timeout = '50ms'", [])
        .execute()
        .await
        .unwrap();

    let error = tx.sql("select pg_sleep(60)::text", []).one().await.unwrap_err();

    assert_eq!(error.code(), "DATABASE_TIMEOUT");
    assert!(tx.commit().await.is_err());
    setup.scope.begin().await.unwrap().commit().await.unwrap();
    assert_eq!(setup.world.patients().await, 0);
}

#[tokio::test]
async fn the_login_bounds_statements_idle_transactions_and_lost_clients() {
    let setup = setup(Guard::On).await;
    let tx = setup.scope.begin().await.unwrap();

    let text = "select
      current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle,
      current_setting('client_connection_check_interval') as client";
    let row = tx.sql(text, []).one().await.unwrap().unwrap();

    let settings = ["statement", "idle", "client"].map(|column| row.try_get::<String>("", column).unwrap());
    assert_eq!(settings, ["30s", "30s", "5s"]);
}

// Trap 5.

/// Two patients in one request, the second within a nested transaction.
async fn request(scope: TenantScope) -> Option<()> {
    let tx = scope.begin().await.ok()?;
    insert(&tx, "first").await.ok()?;
    let nested = tx.begin().await.ok()?;
    nested.sql("select 1", []).one().await.ok()?;
    nested.commit().await.ok()?;
    insert(&tx, "second").await.ok()?;
    tx.commit().await.ok()
}

/// Drops the request at its first wait, at its second, and so on until it runs through. Returns at how many of these
/// something was left behind, and out of how many.
async fn drop_at_every_wait(setup: &Setup) -> (usize, usize) {
    let mut leaks = 0;
    for waits in 0..200 {
        let before = setup.world.patients().await;
        let finished = waiting_at_most(request(setup.scope.clone()), waits).await;
        let next_borrower = setup.database.find_session("hash", Asked::Active).await;
        if next_borrower.is_err() || setup.leaks().await {
            leaks += 1;
            break;
        }
        let written = setup.world.patients().await - before;
        // A commit may have arrived before its future was dropped; half a request never stays.
        assert!(
            written == 2 || (written == 0 && finished.is_none()),
            "{written} after {waits} waits"
        );
        if finished.is_some() {
            return (leaks, waits);
        }
    }
    (leaks, 0)
}

#[tokio::test]
async fn unguarded_a_request_dropped_somewhere_leaves_something_behind() {
    let setup = setup(Guard::Off).await;

    let (leaks, _) = drop_at_every_wait(&setup).await;

    assert!(leaks > 0);
}

#[tokio::test]
async fn a_request_dropped_at_any_await_leaves_nothing_behind() {
    let setup = setup(Guard::On).await;

    let (leaks, waits) = drop_at_every_wait(&setup).await;

    assert_eq!(leaks, 0);
    assert!(waits >= 8, "eight messages, and it waited only {waits} times");
}

#[tokio::test]
async fn a_session_lookup_dropped_at_any_await_leaves_nothing_behind() {
    let setup = setup(Guard::On).await;
    for waits in 0..20 {
        let finished = waiting_at_most(setup.database.find_session("hash", Asked::Active), waits).await;
        assert!(!setup.leaks().await);
        setup.scope.begin().await.unwrap().commit().await.unwrap();
        if finished.is_some() {
            return;
        }
    }
    panic!("it never finished");
}

#[tokio::test]
async fn a_transaction_that_waits_too_long_between_statements_is_ended_by_the_server_and_says_so() {
    let setup = setup(Guard::On).await;
    let tx = setup.scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    tx.sql("set local idle_in_transaction_session_timeout = '50ms'", [])
        .execute()
        .await
        .unwrap();

    tokio::time::sleep(Duration::from_millis(300)).await;

    let error = insert(&tx, "Norma").await.unwrap_err();
    assert_eq!(error.code(), "DATABASE_TIMEOUT", "{error}");
    assert!(tx.commit().await.is_err());
    setup.scope.begin().await.unwrap().commit().await.unwrap();
    assert_eq!(setup.world.patients().await, 0);
}
