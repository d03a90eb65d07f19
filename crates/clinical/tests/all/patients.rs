use std::time::{Duration, Instant};

use serde_json::json;
use wardkeep_clinical::RecordError;
use wardkeep_clinical::paging::Paging;
use wardkeep_clinical::patients::{self, Listing, NewPatient, PatientChanges, PatientError};
use wardkeep_tenancy::{Fault, FaultKind};

use crate::clinic::{World, named};

fn search(text: &str) -> Listing {
    Listing {
        search: Some(text.to_owned()),
        ..Listing::default()
    }
}

#[tokio::test]
async fn whoever_has_no_right_may_do_nothing() {
    let world = World::new().await;
    let ana = world.patient(world.salt_lane, ("Ana", "Brandt")).await;
    let tx = world.begin(world.salt_lane, "stranger").await;

    let refused = [
        patients::create(&tx, named(("Ben", "Costa"))).await.err(),
        patients::get(&tx, ana.id).await.err(),
        patients::list(&tx, &Listing::default()).await.err(),
        patients::update(&tx, ana.id, 1, PatientChanges::default())
            .await
            .err(),
        patients::delete(&tx, ana.id, 1, "entered twice").await.err(),
    ];

    for error in refused {
        let error = error.expect("it was allowed");
        assert_eq!((error.kind(), error.code()), (FaultKind::Forbidden, "FORBIDDEN"));
    }
}

#[tokio::test]
async fn another_organizations_patient_is_not_there() {
    let world = World::new().await;
    let ana = world.patient(world.salt_lane, ("Ana", "Brandt")).await;
    let tx = world.begin(world.mill_road, "owner").await;

    let got = patients::get(&tx, ana.id).await;
    let updated = patients::update(&tx, ana.id, 1, PatientChanges::default()).await;
    let deleted = patients::delete(&tx, ana.id, 1, "entered twice").await;
    let listed = patients::list(&tx, &search("ana")).await.unwrap();

    assert!(matches!(
        got,
        Err(PatientError::Record(RecordError::NotFound { .. }))
    ));
    assert!(matches!(
        updated,
        Err(PatientError::Record(RecordError::NotFound { .. }))
    ));
    assert!(matches!(
        deleted,
        Err(PatientError::Record(RecordError::NotFound { .. }))
    ));
    assert_eq!(listed.items, []);
}

#[tokio::test]
async fn a_cursor_works_in_its_own_organization_and_search_only() {
    let world = World::new().await;
    for organization in [world.salt_lane, world.mill_road] {
        for last_name in ["Brandt", "Costa"] {
            world.patient(organization, ("Ana", last_name)).await;
        }
    }
    let page = |listing: Listing, cursor: Option<String>| Listing {
        paging: Paging {
            limit: 1,
            cursor,
            ..Paging::default()
        },
        ..listing
    };
    let here = world.begin(world.salt_lane, "member").await;
    let there = world.begin(world.mill_road, "member").await;
    let first = patients::list(&here, &page(search("ana"), None)).await.unwrap();

    let next = patients::list(&here, &page(search("ANA"), first.next.clone()))
        .await
        .unwrap();
    let elsewhere = patients::list(&there, &page(search("ana"), first.next.clone())).await;
    let otherwise = patients::list(&here, &page(Listing::default(), first.next)).await;

    assert_eq!(next.items[0].last_name, "Costa");
    assert_eq!(next.next, None);
    assert!(matches!(
        elsewhere,
        Err(PatientError::Record(RecordError::InvalidCursor))
    ));
    assert!(matches!(
        otherwise,
        Err(PatientError::Record(RecordError::InvalidCursor))
    ));
}

#[tokio::test]
async fn of_two_changes_to_one_version_the_second_is_stale() {
    let world = World::new().await;
    let ana = world.patient(world.salt_lane, ("Ana", "Brandt")).await;
    let tx = world.begin(world.salt_lane, "owner").await;
    let phone = |number: &str| PatientChanges {
        phone: Some(Some(number.to_owned())),
        ..PatientChanges::default()
    };

    let first = patients::update(&tx, ana.id, 1, phone("1")).await.unwrap();
    let second = patients::update(&tx, ana.id, 1, phone("2")).await;
    let deletion = patients::delete(&tx, ana.id, 1, "entered twice").await;

    assert_eq!((first.version, first.phone.as_deref()), (2, Some("1")));
    assert!(matches!(second, Err(PatientError::Record(RecordError::Stale(2)))));
    assert!(matches!(
        deletion,
        Err(PatientError::Record(RecordError::Stale(2)))
    ));
}

#[tokio::test]
async fn a_name_without_a_letter_is_recorded_and_listed() {
    let world = World::new().await;
    world.patient(world.salt_lane, ("?", "–")).await;
    let tx = world.begin(world.salt_lane, "member").await;

    let everybody = patients::list(&tx, &Listing::default()).await.unwrap();

    assert_eq!(everybody.items.len(), 1);
}

#[tokio::test]
async fn the_longest_name_has_words_that_fit_an_index() {
    let world = World::new().await;
    // One letter that decomposes into eighteen.
    let long = "\u{fdfa}".repeat(100);
    world
        .patient(world.salt_lane, (&long, &"\u{1f600}x".repeat(50)))
        .await;
    let tx = world.begin(world.salt_lane, "member").await;

    let found = patients::list(&tx, &search("\u{fdfa}")).await.unwrap();

    assert_eq!(found.items.len(), 1);
}

#[tokio::test]
async fn a_search_too_long_is_not_taken_apart() {
    let world = World::new().await;
    let tx = world.begin(world.salt_lane, "member").await;
    let words: Vec<_> = (0..20_000).map(|word| format!("{word:x}")).collect();
    let listing = search(&words.join(" "));

    let begun = Instant::now();
    let refused = patients::list(&tx, &listing).await;

    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(refused.unwrap_err().code(), "INVALID_FIELD");
}

#[tokio::test]
async fn a_medical_history_is_as_long_in_the_database_as_was_counted() {
    let world = World::new().await;
    let tx = world.begin(world.salt_lane, "member").await;
    let numbers = |count| NewPatient {
        medical_history: Some(json!({ "n": vec![1e308; count] })),
        ..named(("Ana", "Brandt"))
    };

    // 9 bytes for the object and the brackets, and 309 digits for each number, with `, ` between them.
    let longest = patients::create(&tx, numbers(52)).await.unwrap();
    let refused = patients::create(&tx, numbers(53)).await;
    tx.commit().await.unwrap();

    assert_eq!(refused.unwrap_err().code(), "INVALID_FIELD");
    assert_eq!(world.printed_history(longest.id).await, 9 + 52 * 311 - 2);
}
