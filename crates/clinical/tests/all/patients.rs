use std::time::{Duration, Instant};

use serde_json::json;
use time::Date;
use time::macros::date;

use wardkeep_clinical::RecordError;
use wardkeep_clinical::paging::Paging;
use wardkeep_clinical::patients::{
    self, HistoryEntry, Identifier, Listing, MedicalHistory, NewPatient, OtherPhone, Patient, PatientChanges,
    PatientError,
};
use wardkeep_tenancy::{Fault, FaultKind};

use crate::clinic::{World, named};
use crate::statements::sent;

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
    let noted = |length| {
        let entry = HistoryEntry {
            text: "\"asthma\", \u{e9}\u{1f600}".to_owned(),
            note: Some(format!("{}\n\tx", "y".repeat(length))),
            ..HistoryEntry::default()
        };
        NewPatient {
            medical_history: Some(MedicalHistory {
                conditions: vec![entry.clone(); 7],
                allergies: vec![entry],
                ..MedicalHistory::default()
            }),
            ..named(("Ana", "Brandt"))
        }
    };
    // What eight entries have beside their notes.
    let short = patients::create(&tx, noted(1)).await.unwrap();
    let fits = 1 + (16 * 1024 - printed_length(&short)) / 8;

    let longest = patients::create(&tx, noted(fits)).await.unwrap();
    let refused = patients::create(&tx, noted(fits + 1)).await;
    tx.commit().await.unwrap();

    assert_eq!(refused.unwrap_err().code(), "INVALID_FIELD");
    let printed = world.printed_history(longest.id).await;
    assert!((16 * 1024 - 7..=16 * 1024).contains(&printed), "{printed}");
    assert_eq!(
        world.printed_history(short.id).await as usize,
        printed_length(&short)
    );
}

/// With a blank after each `:` and `,` that is not within a text.
fn printed_length(patient: &Patient) -> usize {
    let text = patient.medical_history.as_ref().unwrap().to_string();
    let (mut quoted, mut escaped, mut blanks) = (false, false, 0);
    for letter in text.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ':' | ',' if !quoted => blanks += 1,
            _ => {}
        }
    }
    text.len() + blanks
}

fn born(patient: NewPatient, date_of_birth: Date) -> NewPatient {
    NewPatient {
        date_of_birth: Some(date_of_birth),
        ..patient
    }
}

/// The first names and reasons of those who are likely the same.
fn likely(created: Result<Patient, PatientError>) -> Vec<(String, Vec<&'static str>)> {
    match created {
        Err(PatientError::LikelyDuplicate(likely)) => likely
            .into_iter()
            .map(|duplicate| (duplicate.patient.first_name, duplicate.reasons))
            .collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn who_is_likely_the_same_is_told_with_the_reasons_and_recorded_all_the_same_on_demand() {
    let world = World::new().await;
    let tx = world.begin(world.salt_lane, "member").await;
    let insurer = || {
        vec![Identifier {
            system: "urn:insurer".to_owned(),
            value: "A1".to_owned(),
        }]
    };
    let ana = NewPatient {
        phone: Some("+49 30 901820".to_owned()),
        identifiers: insurer(),
        ..born(named(("Ana", "Brandt")), date!(1984 - 11 - 23))
    };
    patients::create(&tx, ana.clone()).await.unwrap();
    let ben = NewPatient {
        phone: Some("030 901820".to_owned()),
        ..named(("Ben", "Costa"))
    };

    let again = likely(patients::create(&tx, ana.clone()).await);
    let same_phone = likely(patients::create(&tx, ben.clone()).await);
    let insured = NewPatient {
        identifiers: insurer(),
        ..named(("Cleo", "Dahl"))
    };
    let same_insurance = likely(patients::create(&tx, insured).await);
    let slip = born(named(("Anna", "Brand")), date!(1984 - 11 - 23));
    let same_birthday = likely(patients::create(&tx, slip).await);
    let other_day = born(named(("Ana", "Brandt")), date!(1984 - 11 - 24));
    patients::create(&tx, other_day).await.unwrap();
    patients::create(&tx, named(("Ana", "Brandt"))).await.unwrap();
    let allowed = NewPatient {
        allow_duplicate: true,
        ..ben
    };
    patients::create(&tx, allowed).await.unwrap();
    let both = likely(patients::create(&tx, ana).await);

    let all = vec!["name-and-birth-date", "phone", "identifier"];
    assert_eq!(again, [("Ana".to_owned(), all.clone())]);
    assert_eq!(same_phone, [("Ana".to_owned(), vec!["phone"])]);
    assert_eq!(same_insurance, [("Ana".to_owned(), vec!["identifier"])]);
    assert_eq!(same_birthday, [("Ana".to_owned(), vec!["name-and-birth-date"])]);
    assert_eq!(both, [("Ana".to_owned(), all), ("Ben".to_owned(), vec!["phone"])]);
}

#[tokio::test]
async fn who_is_deleted_or_of_another_organization_is_nobodys_duplicate() {
    let world = World::new().await;
    let ana = || NewPatient {
        phone: Some("+49 30 901820".to_owned()),
        ..born(named(("Ana", "Brandt")), date!(1984 - 11 - 23))
    };
    let there = world.begin(world.mill_road, "owner").await;
    patients::create(&there, ana()).await.unwrap();
    there.commit().await.unwrap();
    let here = world.begin(world.salt_lane, "owner").await;

    let first = patients::create(&here, ana()).await.unwrap();
    patients::delete(&here, first.id, 1, "entered twice")
        .await
        .unwrap();
    patients::create(&here, ana()).await.unwrap();
}

#[tokio::test]
async fn who_may_not_read_patients_is_warned_and_sees_nobody() {
    let world = World::new().await;
    let date = date!(1984 - 11 - 23);
    let tx = world.begin(world.salt_lane, "owner").await;
    patients::create(&tx, born(named(("Ana", "Brandt")), date))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let tx = world.begin(world.salt_lane, "clerk").await;

    let warned = patients::create(&tx, born(named(("Ana", "Brandt")), date))
        .await
        .unwrap_err();

    assert_eq!(
        (warned.kind(), warned.code()),
        (FaultKind::Conflict, "LIKELY_DUPLICATE")
    );
    assert_eq!(warned.details(), [("duplicates", json!([]))]);
}

#[tokio::test]
async fn a_birth_date_that_a_thousand_share_is_read_in_bounds_and_still_warns() {
    let world = World::new().await;
    let nobody_knows = date!(1900 - 01 - 01);
    let tx = world.begin(world.salt_lane, "owner").await;
    // The last of them: nobody comes upon her who reads the first hundreds.
    world.crowd(world.salt_lane, 1000).await;
    let cleo = patients::create(&tx, born(named(("Cleo", "Quistgaard")), nobody_knows))
        .await
        .unwrap();

    let (warned, statements) = sent(patients::create(
        &tx,
        born(named(("Kleo", "Quistgaard")), nobody_knows),
    ))
    .await;

    let found = match warned.unwrap_err() {
        PatientError::LikelyDuplicate(likely) => likely,
        other => panic!("{other}"),
    };
    assert_eq!(
        found.iter().map(|one| one.patient.id).collect::<Vec<_>>(),
        [cleo.id]
    );
    assert_eq!(statements, ["select", "select", "select"]);
}

#[tokio::test]
async fn what_a_warning_shows_is_not_in_its_debug_output() {
    let world = World::new().await;
    let tx = world.begin(world.salt_lane, "owner").await;
    let ana = || born(named(("Ana", "Brandt")), date!(1984 - 11 - 23));
    patients::create(&tx, ana()).await.unwrap();

    let warned = patients::create(&tx, ana()).await.unwrap_err();

    let shown = format!("{warned:?} {warned}");
    assert!(!shown.contains("Brandt") && !shown.contains("1984"), "{shown}");
    assert_eq!(warned.details()[0].1[0]["lastName"], "Brandt");
}

#[tokio::test]
async fn a_change_is_checked_together_with_what_stays() {
    let world = World::new().await;
    let tx = world.begin(world.salt_lane, "owner").await;
    let ana = born(named(("Ana", "Brandt")), date!(1984 - 11 - 23));
    let id = patients::create(&tx, ana).await.unwrap().id;
    let died = |on| PatientChanges {
        deceased_on: Some(Some(on)),
        ..PatientChanges::default()
    };
    let born_later = PatientChanges {
        date_of_birth: Some(Some(date!(2026 - 02 - 02))),
        ..PatientChanges::default()
    };
    let alive = PatientChanges {
        deceased: Some(false),
        ..PatientChanges::default()
    };
    let back = PatientChanges {
        deceased_on: Some(None),
        ..alive.clone()
    };

    let before_birth = patients::update(&tx, id, 1, died(date!(1984 - 11 - 22)))
        .await
        .unwrap_err();
    let dead = patients::update(&tx, id, 1, died(date!(2026 - 02 - 01)))
        .await
        .unwrap();
    let later = patients::update(&tx, id, 2, born_later).await.unwrap_err();
    let half = patients::update(&tx, id, 2, alive).await.unwrap_err();
    let whole = patients::update(&tx, id, 2, back).await.unwrap();

    assert_eq!(
        before_birth.fields()[0].to_string(),
        "deceased_on must not be before dateOfBirth"
    );
    assert!(dead.deceased && dead.deceased_on == Some(date!(2026 - 02 - 01)));
    assert_eq!(
        later.fields()[0].to_string(),
        "date_of_birth must not be after deceasedOn"
    );
    assert_eq!(
        half.fields()[0].to_string(),
        "deceased must be true where deceasedOn says when"
    );
    assert!(!whole.deceased && whole.deceased_on.is_none());
}

#[tokio::test]
async fn who_has_an_appointment_that_is_not_over_is_not_deleted() {
    let world = World::new().await;
    for (status, is_over) in [
        ("proposed", false),
        ("pending", false),
        ("waitlist", false),
        ("booked", false),
        ("arrived", false),
        ("checked-in", false),
        ("fulfilled", true),
        ("cancelled", true),
        ("noshow", true),
    ] {
        let ana = world.patient(world.salt_lane, ("Ana", "Brandt")).await;
        world.appointment(&ana, status).await;
        let tx = world.begin(world.salt_lane, "owner").await;
        let deleted = patients::delete(&tx, ana.id, 1, "entered twice").await;
        match deleted {
            Ok(_) => assert!(is_over, "{status}"),
            Err(error) => assert_eq!(
                (is_over, error.code()),
                (false, "PATIENT_HAS_APPOINTMENTS"),
                "{status}"
            ),
        }
    }
}

#[tokio::test]
async fn who_is_deleted_is_found_by_nothing_and_by_everything_once_restored() {
    let world = World::new().await;
    let tx = world.begin(world.salt_lane, "owner").await;
    let ana = NewPatient {
        middle_name: Some("Lucía".to_owned()),
        preferred_name: Some("Anni".to_owned()),
        birth_name: Some("Ortiz".to_owned()),
        medical_record_number: Some("2026-1".to_owned()),
        phone: Some("+49 30 901820".to_owned()),
        other_phones: vec![OtherPhone {
            r#use: "work".to_owned(),
            number: "0171 5550142".to_owned(),
        }],
        identifiers: vec![Identifier {
            system: "urn:insurer".to_owned(),
            value: "A1".to_owned(),
        }],
        ..born(named(("Ana", "Brandt")), date!(1984 - 11 - 23))
    };
    let id = patients::create(&tx, ana).await.unwrap().id;
    let text = |text: &str| Some(text.to_owned());
    let phone = |phone: &str| Listing {
        phone: text(phone),
        ..Listing::default()
    };
    let identifier = |identifier: &str| Listing {
        identifier: text(identifier),
        ..Listing::default()
    };
    let finding = [
        search("ana bra"),
        search("luci"),
        search("anni"),
        search("ORT"),
        phone("030 901820"),
        phone("0049 30 901820"),
        phone("1820"),
        phone("+49 171 555 0142"),
        identifier("A1"),
        identifier("urn:insurer|A1"),
        Listing {
            medical_record_number: text("2026-1"),
            date_of_birth: Some(date!(1984 - 11 - 23)),
            active: Some(true),
            deceased: Some(false),
            ..search("ana")
        },
    ];
    let missing = [
        phone("030 901821"),
        phone("4930"),
        phone("+49 40 901820"),
        identifier("a1"),
        identifier("urn:other|A1"),
        identifier("|A1"),
        Listing {
            medical_record_number: text("2026"),
            ..Listing::default()
        },
        Listing {
            active: Some(false),
            ..Listing::default()
        },
    ];

    for listing in &missing {
        assert_eq!(
            patients::list(&tx, listing).await.unwrap().items,
            [],
            "{listing:?}"
        );
    }
    let found = async |expected: usize| {
        for listing in &finding {
            let found = patients::list(&tx, listing).await.unwrap().items.len();
            assert_eq!(found, expected, "{listing:?}");
        }
    };
    found(1).await;
    patients::delete(&tx, id, 1, "entered twice").await.unwrap();
    found(0).await;
    let deleted = Listing {
        deleted: true,
        ..Listing::default()
    };
    assert_eq!(patients::list(&tx, &deleted).await.unwrap().items[0].id, id);
    patients::restore(&tx, id, 2).await.unwrap();
    found(1).await;
}

#[tokio::test]
async fn a_medical_record_number_is_free_again_once_its_patient_is_deleted() {
    let world = World::new().await;
    let numbered = |name| NewPatient {
        medical_record_number: Some("2026-1".to_owned()),
        ..named(name)
    };
    let create = async |name| {
        let tx = world.begin(world.salt_lane, "owner").await;
        let created = patients::create(&tx, numbered(name)).await;
        if created.is_ok() {
            tx.commit().await.unwrap();
        }
        created
    };
    let there = world.begin(world.mill_road, "owner").await;
    patients::create(&there, numbered(("Ana", "Brandt")))
        .await
        .unwrap();
    there.commit().await.unwrap();

    let ana = create(("Ana", "Brandt")).await.unwrap();
    let taken = create(("Ben", "Costa")).await.unwrap_err();
    let tx = world.begin(world.salt_lane, "owner").await;
    patients::delete(&tx, ana.id, 1, "entered twice").await.unwrap();
    tx.commit().await.unwrap();
    create(("Ben", "Costa")).await.unwrap();
    let tx = world.begin(world.salt_lane, "owner").await;
    let restored = patients::restore(&tx, ana.id, 2).await.unwrap_err();

    assert_eq!(taken.code(), "MEDICAL_RECORD_NUMBER_TAKEN");
    assert_eq!(restored.code(), "MEDICAL_RECORD_NUMBER_TAKEN");
}
