//! Nested transactions.

use sea_orm::{ConnectionTrait, EntityTrait, TransactionError, TransactionTrait};
use wardkeep_tenancy::{Database, TenantTx, sqlstate};

use crate::fixtures::{Patients, World, insert, patient};

async fn begin(world: &World) -> (Database, TenantTx) {
    let database = world.database().await;
    let tx = world.scope(&database, world.north).begin().await.unwrap();
    (database, tx)
}

async fn add<C: ConnectionTrait>(tx: &TenantTx, to: &C, name: &str) {
    Patients::insert(patient(tx, name))
        .exec_without_returning(to)
        .await
        .unwrap();
}

async fn names(world: &World) -> Vec<String> {
    let mut admin = world.admin().await;
    sqlx::query_scalar("select first_name::text from patients order by first_name")
        .fetch_all(&mut *admin)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_a_nested_transaction_commits_is_kept_with_the_outer_one() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;
    insert(&tx, "a").await.unwrap();

    let nested = tx.begin().await.unwrap();
    add(&tx, &nested, "b").await;
    nested.commit().await.unwrap();
    insert(&tx, "c").await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(names(&world).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn what_a_nested_transaction_rolls_back_or_drops_is_undone_alone() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;
    insert(&tx, "a").await.unwrap();

    let nested = tx.begin().await.unwrap();
    add(&tx, &nested, "b").await;
    nested.rollback().await.unwrap();
    insert(&tx, "c").await.unwrap();
    let nested = tx.begin().await.unwrap();
    add(&tx, &nested, "d").await;
    drop(nested);
    insert(&tx, "e").await.unwrap();
    let nested = tx.begin().await.unwrap();
    add(&tx, &nested, "f").await;
    drop(nested);
    tx.commit().await.unwrap();

    assert_eq!(names(&world).await, ["a", "c", "e"]);
}

#[tokio::test]
async fn dropping_a_level_undoes_the_levels_within_it() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;
    let one = tx.begin().await.unwrap();
    add(&tx, &one, "a").await;
    let two = one.begin().await.unwrap();
    add(&tx, &two, "b").await;
    let three = two.begin().await.unwrap();
    add(&tx, &three, "c").await;
    three.commit().await.unwrap();
    drop(two);
    add(&tx, &one, "d").await;

    // The outer level goes first: what is within it has ended, and can change nothing any more.
    let four = one.begin().await.unwrap();
    add(&tx, &four, "e").await;
    drop(one);
    insert(&tx, "f").await.unwrap();
    assert!(four.commit().await.is_err());
    tx.commit().await.unwrap();

    assert_eq!(names(&world).await, ["f"]);
}

#[tokio::test]
async fn a_failure_in_a_nested_transaction_leaves_the_outer_one_whole() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;
    insert(&tx, "a").await.unwrap();

    let nested = tx.begin().await.unwrap();
    add(&tx, &nested, "b").await;
    assert!(nested.sql("select 1 / 0", []).one().await.is_err());
    assert!(nested.commit().await.is_err());
    insert(&tx, "c").await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(names(&world).await, ["a", "c"]);
}

#[tokio::test]
async fn a_nested_transaction_cannot_begin_in_a_failed_one() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;
    insert(&tx, "a").await.unwrap();
    assert!(tx.sql("select 1 / 0", []).one().await.is_err());

    let error = tx.begin().await.map(|_| ()).unwrap_err();

    assert_eq!(sqlstate(&error).as_deref(), Some("25P02"));
    assert!(tx.commit().await.is_err());
    assert_eq!(names(&world).await, [""; 0]);
}

#[tokio::test]
async fn while_a_nested_transaction_is_open_the_outer_one_neither_speaks_nor_commits() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;
    let nested = tx.begin().await.unwrap();

    assert!(insert(&tx, "a").await.is_err());
    assert!(tx.begin().await.is_err());
    add(&tx, &nested, "b").await;
    assert!(tx.commit().await.is_err());

    assert!(nested.commit().await.is_err());
    assert!(world.settles().await);
    assert_eq!(names(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_nested_transaction_that_outlives_the_outer_one_can_do_nothing() {
    let world = World::new().await;
    let (database, tx) = begin(&world).await;
    let nested = tx.begin().await.unwrap();
    add(&tx, &nested, "a").await;

    drop(tx);

    assert!(nested.sql("select 1", []).one().await.is_err());
    assert!(nested.commit().await.is_err());
    assert!(world.settles().await);
    database.ready().await.unwrap();
    assert_eq!(names(&world).await, [""; 0]);
}

#[tokio::test]
async fn a_closure_commits_on_ok_and_rolls_back_on_err() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;
    let (one, two) = (patient(&tx, "a"), patient(&tx, "b"));

    let kept: Result<_, TransactionError<sea_orm::DbErr>> = tx
        .transaction(|nested| {
            Box::pin(async move { Patients::insert(one).exec_without_returning(nested).await })
        })
        .await;
    let undone: Result<(), TransactionError<String>> = tx
        .transaction(|nested| {
            Box::pin(async move {
                Patients::insert(two)
                    .exec_without_returning(nested)
                    .await
                    .map_err(|error| error.to_string())?;
                Err("changed my mind".to_owned())
            })
        })
        .await;
    tx.commit().await.unwrap();

    assert!(kept.is_ok());
    assert!(matches!(undone, Err(TransactionError::Transaction(why)) if why == "changed my mind"));
    assert_eq!(names(&world).await, ["a"]);
}

#[tokio::test]
async fn a_nested_transaction_takes_no_isolation_level() {
    let world = World::new().await;
    let (_database, tx) = begin(&world).await;

    let refused = tx
        .begin_with_config(Some(sea_orm::IsolationLevel::Serializable), None)
        .await;

    assert!(refused.is_err());
    insert(&tx, "a").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&world).await, ["a"]);
}
