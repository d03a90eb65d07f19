//! Notes on which several work at once: there is one signature, of one whole version, about one session as it is.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use serde_json::json;
use wardkeep_testkit::race_rounds;
use wardkeep_tests::{Answer, Record};

use crate::bedside::{Bedside, record};
use crate::races::{counted, fewer_rounds};

async fn assert_holds(ward: &Bedside, note: &Record) {
    let verified = ward.verification(note).await.expect(200);
    assert_eq!(verified.body["holds"], true, "{}", verified.text);
}

#[actix_web::test]
async fn of_64_who_sign_one_note_one_does() {
    let ward = Bedside::open().await;
    for round in 0..race_rounds() {
        let draft = ward.draft(&ward.bea).await;
        let signing = (0..64).map(|number| {
            let person = if number % 2 == 0 { &ward.ada } else { &ward.bea };
            ward.sign(person, &draft)
        });

        let answers = join_all(signing).await;

        let expected = BTreeMap::from([((200, ""), 1), ((412, "STALE_VERSION"), 63)]);
        assert_eq!(counted(&answers), expected, "round {round}");
        let signed = answers.iter().find(|answer| answer.status == 200).unwrap();
        assert_eq!(ward.read(&draft.path).await, signed.body);
        assert_holds(&ward, &draft).await;
    }
}

/// Either the change comes first, and then what was read is not signed any more, or the signature, and then nothing is
/// changed.
#[actix_web::test]
async fn what_is_signed_while_it_is_changed_is_one_whole_version() {
    let ward = Bedside::open().await;
    for round in 0..race_rounds() {
        let draft = ward.draft(&ward.bea).await;
        let changing = join_all((0..8).map(|number| {
            let text =
                json!({ "text": format!("{round} {number}"), "noteType": format!("{round} {number}") });
            ward.change(&ward.bea, &draft, text)
        }));
        let signing = join_all((0..8).map(|_| ward.sign(&ward.ada, &draft)));

        let (changed, signed) = join(changing, signing).await;

        let done = |answers: &[Answer]| answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done(&changed) + done(&signed), 1, "round {round}");
        let mut note = ward.read(&draft.path).await;
        if done(&changed) == 1 {
            assert_eq!(note["status"], "draft");
            let now = Record {
                etag: format!("\"{}\"", note["version"]),
                ..draft.clone()
            };
            note = ward.sign(&ward.ada, &now).await.expect(200).body;
            assert_eq!(note["text"], note["noteType"]);
        } else {
            assert_eq!(
                (&note["status"], &note["text"]),
                (&json!("final"), &json!("Less pain."))
            );
        }
        let versions = ward.read(&format!("{}/versions", draft.path)).await;
        assert_eq!(versions["items"][0]["text"], note["text"]);
        assert_holds(&ward, &draft).await;
    }
}

/// Either Ada performs it, and signing keeps that, or Bea does.
#[actix_web::test]
async fn a_session_that_is_handed_over_while_its_note_is_signed_is_signed_as_it_is() {
    let mut ward = Bedside::open().await;
    for round in 0..race_rounds() {
        ward.session = ward.another_session().await;
        let draft = ward.draft(&ward.ada).await;

        let (handed_over, signed) = match round % 2 {
            0 => join(ward.hand_over(), ward.sign(&ward.ada, &draft)).await,
            _ => {
                let (signed, handed_over) = join(ward.sign(&ward.ada, &draft), ward.hand_over()).await;
                (handed_over, signed)
            }
        };

        signed.expect(200);
        let outcome = (handed_over.status, handed_over.code());
        assert!(
            [(200, ""), (409, "SESSION_HAS_SIGNED_NOTE")].contains(&outcome),
            "round {round}: {}",
            handed_over.text
        );
        assert_holds(&ward, &draft).await;
    }
}

#[actix_web::test]
async fn a_session_that_is_deleted_while_its_note_is_signed_keeps_it_or_has_none() {
    let mut ward = Bedside::open().await;
    for round in 0..race_rounds() {
        ward.session = ward.another_session().await;
        let draft = ward.draft(&ward.ada).await;

        let (deleted, signed) = match round % 2 {
            0 => join(ward.delete_session(), ward.sign(&ward.ada, &draft)).await,
            _ => {
                let (signed, deleted) = join(ward.sign(&ward.ada, &draft), ward.delete_session()).await;
                (deleted, signed)
            }
        };

        let outcome = ((deleted.status, deleted.code()), (signed.status, signed.code()));
        let expected = [
            ((204, ""), (400, "INVALID_FIELD")),
            ((409, "SESSION_HAS_SIGNED_NOTE"), (200, "")),
        ];
        assert!(expected.contains(&outcome), "round {round}: {outcome:?}");
    }
}

#[actix_web::test]
async fn of_64_addenda_50_are_written_and_each_of_them_signed() {
    let ward = Bedside::open().await;
    for round in 0..fewer_rounds() {
        let note = ward.signed().await;
        let adding = (0..64).map(|number| ward.add(&ward.ada, &note, json!({ "text": format!("{number}") })));

        let added = join_all(adding).await;
        assert_eq!(
            counted(&added),
            BTreeMap::from([((201, ""), 50), ((409, "TOO_MANY_ADDENDA"), 14)]),
            "round {round}"
        );
        let drafts = added.iter().filter(|answer| answer.status == 201);
        let drafts: Vec<_> = drafts.map(record).collect();
        let signing = drafts.iter().map(|draft| ward.sign(&ward.ada, draft));
        let signed = join_all(signing).await;
        assert_eq!(
            counted(&signed),
            BTreeMap::from([((200, ""), 50)]),
            "round {round}"
        );

        let whole = ward.read(&note.path).await;
        assert_eq!(
            (&whole["status"], &whole["version"]),
            (&json!("amended"), &json!(2))
        );
        assert_eq!(whole["addenda"].as_array().unwrap().len(), 50);
        assert_holds(&ward, &note).await;
    }
}
