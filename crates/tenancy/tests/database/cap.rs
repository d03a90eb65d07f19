//! The cap on transactions of one organization.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind};

use crate::fixtures::{World, insert};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tasks_of_one_clinic_take_ten_connections_at_most() {
    let world = World::new().await;
    let mut config = world.config();
    config.max_connections = 16;
    let database = Database::connect(config).await.unwrap();
    let scope = world.scope(&database, world.north);
    let (open, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));

    let tasks: Vec<_> = (0..64)
        .map(|index| {
            let (scope, open, most) = (scope.clone(), Arc::clone(&open), Arc::clone(&most));
            tokio::spawn(async move {
                for round in 0..5 {
                    let tx = scope.begin().await.unwrap();
                    most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    insert(&tx, "Nora").await.unwrap();
                    // Long enough for others to catch up.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    open.fetch_sub(1, Ordering::SeqCst);
                    // Some commit, some are dropped: a place must come free either way.
                    if (index + round) % 2 == 0 {
                        tx.commit().await.unwrap();
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }

    let most = most.load(Ordering::SeqCst);
    assert!((2..=10).contains(&most), "{most}");
    assert_eq!(world.patients().await, 64 * 5 / 2);
}

#[tokio::test]
async fn a_clinic_that_has_all_its_places_is_told_so_and_another_is_not_kept_waiting() {
    let world = World::new().await;
    let mut config = world.config();
    config.max_connections = 3;
    config.scopes_per_organization = 2;
    config.acquire_timeout = Duration::from_secs(3);
    let database = Database::connect(config).await.unwrap();
    let north = world.scope(&database, world.north);
    let (one, _two) = (north.begin().await.unwrap(), north.begin().await.unwrap());

    let error = north.begin().await.unwrap_err();
    assert!(matches!(error, BeginError::Busy));
    assert_eq!(
        (error.kind(), error.code()),
        (FaultKind::Unavailable, "TENANT_BUSY")
    );

    world
        .scope(&database, world.south)
        .begin()
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    drop(one);
    north.begin().await.unwrap();
}

#[tokio::test]
async fn an_exhausted_pool_is_unavailable_and_not_busy() {
    let world = World::new().await;
    let mut config = world.config();
    config.acquire_timeout = Duration::from_secs(3);
    let database = Database::connect(config).await.unwrap();
    let _held = world.scope(&database, world.north).begin().await.unwrap();

    let error = world.scope(&database, world.south).begin().await.unwrap_err();

    assert_eq!(
        (error.kind(), error.code()),
        (FaultKind::Unavailable, "DATABASE_UNAVAILABLE")
    );
}
