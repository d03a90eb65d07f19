//! What medical records and their contents cost, and what they wait for.

use std::cell::Cell;
use std::io;
use std::pin::pin;

use sqlx::Connection as _;
use wardkeep_clinical::RecordError;
use wardkeep_clinical::coding::Code;
use wardkeep_clinical::medical_records::documents::{self, Content, Examination, PIECE};
use wardkeep_clinical::medical_records::{
    self, Details, Listing, MedicalRecord, MedicalRecordChanges, MedicalRecordError, NewMedicalRecord,
};
use wardkeep_clinical::patients::PatientId;
use wardkeep_tenancy::TenantTx;

use crate::clinic::{assert_waits, somebody_waits};
use crate::schedule_model::Clinics;
use crate::statements::sent;

fn record(patient: PatientId, category: &str, details: Details) -> NewMedicalRecord {
    NewMedicalRecord {
        patient,
        category: category.to_owned(),
        code: Code {
            text: "it".to_owned(),
            ..Code::default()
        },
        details,
    }
}

/// A content of so many letters, and what gives its pieces.
fn letters(number: usize) -> (Content, impl AsyncFnMut() -> io::Result<Vec<u8>>) {
    let letters = vec![b'x'; number];
    let mut examination = Examination::new(u64::MAX);
    examination.take(&letters).unwrap();
    let mut pieces = letters
        .chunks(PIECE)
        .map(<[u8]>::to_vec)
        .collect::<Vec<_>>()
        .into_iter();
    (examination.end(None).unwrap(), async move || {
        Ok(pieces.next().unwrap_or_default())
    })
}

async fn document(tx: &TenantTx, patient: PatientId) -> MedicalRecord {
    let document = record(patient, "document", Details::default());
    medical_records::create(tx, document).await.unwrap()
}

fn onset(text: &str) -> MedicalRecordChanges {
    MedicalRecordChanges {
        onset: Some(Some(text.to_owned())),
        ..MedicalRecordChanges::default()
    }
}

#[tokio::test]
async fn every_operation_takes_few_statements_and_binds_its_organization() {
    let clinics = Clinics::new().await;
    let desk = clinics.open().await;
    let tx = clinics.begin(desk.organization, "owner").await;
    let note = MedicalRecordChanges {
        note: Some(Some("x".to_owned())),
        ..MedicalRecordChanges::default()
    };
    let listing = Listing {
        patient: Some(desk.patient),
        codes: Some(vec!["http://loinc.org|1".to_owned()]),
        ..Listing::default()
    };
    let (content, pieces) = letters(2 * PIECE + 1);

    let (made, create) = sent(document(&tx, desk.patient)).await;
    let id = made.id;
    let (_, get) = sent(medical_records::get(&tx, id)).await;
    let (_, change) = sent(medical_records::update(&tx, id, 1, note)).await;
    let (_, date) = sent(medical_records::update(&tx, id, 2, onset("2019"))).await;
    let (_, expect) = sent(documents::expect(&tx, id, 3)).await;
    let (_, put) = sent(documents::put(&tx, id, 3, &content, pieces)).await;
    let (_, list) = sent(medical_records::list(&tx, &listing)).await;
    let (opened, open) = sent(documents::open(&tx, id)).await;
    let opened = opened.unwrap();
    let (last, piece) = sent(documents::piece(&tx, &opened, 2)).await;
    let (behind, beyond) = sent(documents::piece(&tx, &opened, 3)).await;
    let (_, delete) = sent(medical_records::delete(&tx, id, 4, "entered twice")).await;
    let (restored, restore) = sent(medical_records::restore(&tx, id, 5)).await;

    restored.unwrap();
    assert_eq!(create, ["select", "insert", "insert"]);
    assert_eq!(get, ["select", "insert"]);
    assert_eq!(change, ["select", "update", "insert"]);
    // The birth of the patient.
    assert_eq!(date, ["select", "select", "update", "insert"]);
    assert_eq!(expect, ["select"]);
    // One for each piece, so that no more than one is in memory.
    assert_eq!(put, ["select", "insert", "insert", "insert", "update", "insert"]);
    // Of one table: contents are in another.
    assert_eq!(list, ["select", "insert"]);
    assert_eq!(open, ["select", "insert"]);
    assert_eq!(
        (last.unwrap(), piece),
        (Some(vec![b'x']), vec!["select".to_owned()])
    );
    assert_eq!((behind.unwrap(), beyond.len()), (None, 0));
    assert_eq!(delete, ["select", "update", "insert"]);
    assert_eq!(restore, ["select", "select", "update", "insert"]);
}

const OF_PATIENT: &str = "select from patients where id = $1 for no key update";
const OF_RECORD: &str = "select from medical_records where id = $1 for no key update";

/// The patient could be deleted, or be born on another day, before it is written.
#[tokio::test]
async fn what_is_written_about_a_patient_waits_for_who_changes_them() {
    let clinics = Clinics::new().await;
    let desk = clinics.open().await;
    let lock = (OF_PATIENT, desk.patient.as_uuid());

    let tx = clinics.begin(desk.organization, "owner").await;
    let creation = medical_records::create(&tx, record(desk.patient, "problem", Details::default()));
    let made = assert_waits(&clinics.test, lock, "a creation", creation).await;
    tx.commit().await.unwrap();
    let tx = clinics.begin(desk.organization, "owner").await;
    let change = medical_records::update(&tx, made.id, 1, onset("2019"));
    assert_waits(&clinics.test, lock, "a date", change).await;
    medical_records::delete(&tx, made.id, 2, "x").await.unwrap();
    tx.commit().await.unwrap();
    let tx = clinics.begin(desk.organization, "owner").await;
    let restoration = medical_records::restore(&tx, made.id, 3);
    assert_waits(&clinics.test, lock, "a restoration", restoration).await;
}

/// Else two contents would be written at once, and one of them for nothing.
#[tokio::test]
async fn a_content_waits_for_who_changes_its_document_before_it_is_read() {
    let clinics = Clinics::new().await;
    let desk = clinics.open().await;
    let tx = clinics.begin(desk.organization, "owner").await;
    let made = document(&tx, desk.patient).await;
    tx.commit().await.unwrap();
    let (content, mut pieces) = letters(1);
    let asked = Cell::new(false);
    let mut admin = clinics.test.admin().await;
    let mut holding = admin.begin().await.unwrap();
    let lock = sqlx::query(OF_RECORD).bind(made.id.as_uuid());
    lock.execute(&mut *holding).await.unwrap();

    let tx = clinics.begin(desk.organization, "owner").await;
    let put = documents::put(&tx, made.id, 1, &content, async || {
        asked.set(true);
        pieces().await
    });
    let mut put = pin!(put);
    tokio::select! {
        biased;
        () = somebody_waits(&clinics.test) => {}
        _ = &mut put => panic!("it did not wait"),
    }
    let early = asked.get();
    holding.commit().await.unwrap();
    put.await.unwrap();

    assert!(!early && asked.get());
}

#[tokio::test]
async fn a_content_that_is_not_what_was_examined_is_not_stored() {
    let clinics = Clinics::new().await;
    let desk = clinics.open().await;
    for number in [0, 1, PIECE, PIECE + 1] {
        let tx = clinics.begin(desk.organization, "owner").await;
        let made = document(&tx, desk.patient).await;
        let (content, _) = letters(PIECE + 2);
        let mut given = 0;
        let pieces = async || {
            given += 1;
            let length = if given == 1 {
                number.min(PIECE)
            } else {
                number.saturating_sub(PIECE)
            };
            Ok(vec![b'x'; length])
        };

        let put = documents::put(&tx, made.id, 1, &content, pieces).await;

        assert!(matches!(put, Err(MedicalRecordError::Unreadable(_))), "{number}");
    }
}

#[tokio::test]
async fn only_who_may_change_records_stores_and_only_who_may_read_them_opens() {
    let clinics = Clinics::new().await;
    let desk = clinics.open().await;
    let tx = clinics.begin(desk.organization, "owner").await;
    let made = document(&tx, desk.patient).await;
    tx.commit().await.unwrap();
    let (content, pieces) = letters(1);

    let nobody = clinics.begin(desk.organization, "stranger").await;
    let denied = [
        documents::expect(&nobody, made.id, 1).await.err(),
        documents::put(&nobody, made.id, 1, &content, pieces).await.err(),
        documents::open(&nobody, made.id).await.err(),
        medical_records::get(&nobody, made.id).await.err(),
        medical_records::list(&nobody, &Listing::default()).await.err(),
        medical_records::update(&nobody, made.id, 1, onset("2019"))
            .await
            .err(),
        medical_records::delete(&nobody, made.id, 1, "x").await.err(),
        medical_records::restore(&nobody, made.id, 1).await.err(),
    ];

    for error in denied {
        assert!(
            matches!(error, Some(MedicalRecordError::Record(RecordError::Denied(_)))),
            "{error:?}"
        );
    }
}
