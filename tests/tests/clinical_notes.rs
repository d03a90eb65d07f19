//! What the API says of notes: drafts, signatures, addenda, and what becomes of them.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::{Answer, Record};

use crate::bedside::{Bedside, NOTES, SESSIONS, record};

const NOBODY: &str = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

#[actix_web::test]
async fn a_note_is_written_changed_signed_and_read() {
    let ward = Bedside::open().await;

    let draft = ward.draft(&ward.bea).await;
    ward.app.clock.advance(Duration::from_secs(60));
    let change = json!({ "text": "No pain.\n\tBends to 120°." });
    let changed = record(&ward.change(&ward.ada, &draft, change).await.expect(200));
    ward.app.clock.advance(Duration::from_secs(60));
    let signed = ward.sign(&ward.ada, &changed).await.expect(200);
    let read = ward
        .here(ward.app.get(&draft.path), &ward.bea)
        .send()
        .await
        .expect(200);

    assert_eq!(
        draft.body,
        json!({
            "id": draft.id,
            "treatmentSessionId": ward.session,
            "patientId": ward.patient,
            "author": { "id": ward.bea.id, "name": "bea" },
            "noteType": "progress",
            "text": "Less pain.",
            "status": "draft",
            "addendumTo": null,
            "retracts": false,
            "signature": null,
            "addenda": [],
            "version": 1,
            "createdAt": "2026-03-02T09:00:00.000Z",
            "updatedAt": "2026-03-02T09:00:00.000Z",
        })
    );
    let mut expected = draft.body.clone();
    expected["text"] = json!("No pain.\n\tBends to 120°.");
    expected["version"] = json!(2);
    expected["updatedAt"] = json!("2026-03-02T09:01:00.000Z");
    assert_eq!(changed.body, expected);
    expected["status"] = json!("final");
    expected["version"] = json!(3);
    expected["updatedAt"] = json!("2026-03-02T09:02:00.000Z");
    expected["signature"] = json!({
        "signedBy": { "id": ward.ada.id, "name": "ada" },
        "signedAt": "2026-03-02T09:02:00.000Z",
        "sha256": signed.body["signature"]["sha256"],
    });
    assert_eq!(signed.body, expected);
    assert_eq!((read.header("etag"), &read.body), ("\"3\"", &signed.body));
}

/// Whoever reads the note and its session can take the hash, with any tool: here PostgreSQL's.
#[actix_web::test]
async fn what_is_signed_can_be_recomputed_from_what_is_shown() {
    const SHA256: &str = "select encode(sha256(convert_to($1, 'UTF8')), 'hex')";
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.bea).await;
    let text = "\"Better\" \\ 37 °C\n\ttomorrow: 🦵 / </b> \u{2028}e\u{301}";
    let change = json!({ "text": text, "noteType": "été" });
    let changed = record(&ward.change(&ward.ada, &draft, change).await.expect(200));
    let note = ward.sign(&ward.ada, &changed).await.expect(200).body;

    let canonical = format!(
        "{{\"addendumTo\":null,\"author\":{{\"id\":\"{bea}\",\"name\":\"bea\"}},\
         \"createdAt\":\"2026-03-02T09:00:00.000Z\",\"format\":\"wardkeep-clinical-note-1\",\"id\":\"{id}\",\
         \"noteType\":\"été\",\"organizationId\":\"{clinic}\",\"patientId\":\"{patient}\",\"performerId\":\"{ada}\",\
         \"retracts\":false,\"signedAt\":\"2026-03-02T09:00:00.000Z\",\
         \"signedBy\":{{\"id\":\"{ada}\",\"name\":\"ada\"}},\
         \"text\":\"\\\"Better\\\" \\\\ 37 °C\\n\\ttomorrow: 🦵 / </b> \u{2028}e\u{301}\",\
         \"treatmentSessionId\":\"{session}\",\"version\":3}}",
        bea = ward.bea.id,
        ada = ward.ada.id,
        id = draft.id,
        clinic = ward.clinic.id,
        patient = ward.patient,
        session = ward.session,
    );
    let sha256 = sqlx::query_scalar(SHA256).bind(canonical);
    let sha256: String = sha256
        .fetch_one(&mut ward.app.database.admin().await)
        .await
        .unwrap();

    assert_eq!(note["signature"]["sha256"], sha256);
    let verified = ward.verification(&draft).await.expect(200);
    assert_eq!(
        verified.body,
        json!({
            "id": draft.id,
            "holds": true,
            "sha256": sha256,
            "recomputed": sha256,
            "signedBy": { "id": ward.ada.id, "name": "ada" },
            "signedAt": "2026-03-02T09:00:00.000Z",
            "addenda": [],
        })
    );
}

#[actix_web::test]
async fn a_signature_keeps_the_name_of_who_signed() {
    let ward = Bedside::open().await;
    let note = ward.signed().await;
    let rename = ward.app.post("/api/auth/update-user").by(&ward.ada);
    rename.json(json!({ "name": "Augusta" })).send().await.expect(200);

    assert_eq!(ward.read(&note.path).await, note.body);
    let verified = ward.verification(&note).await.expect(200);
    assert_eq!(
        (&verified.body["holds"], &verified.body["signedBy"]["name"]),
        (&json!(true), &json!("ada"))
    );
}

/// What a request left in the audit: what was done with which note, of whom, how it ended, and what changed.
async fn left_by(
    ward: &Bedside,
    answer: &Answer,
) -> Vec<(String, String, String, Option<String>, String, Value)> {
    const LEFT: &str = "select action, resource, coalesce(resource_id::text, ''), patient_id::text,
          concat_ws(' ', outcome, code), coalesce(changes, 'null')::text
        from audit_events where request_id = $1";
    let rows = sqlx::query_as(LEFT).bind(answer.header("x-request-id").to_owned());
    let rows: Vec<(String, String, String, Option<String>, String, String)> = rows
        .fetch_all(&mut ward.app.database.admin().await)
        .await
        .unwrap();
    let parsed = rows
        .into_iter()
        .map(|(action, resource, id, patient, outcome, changes)| {
            let changes = serde_json::from_str(&changes).unwrap();
            (action, resource, id, patient, outcome, changes)
        });
    parsed.collect()
}

#[actix_web::test]
async fn a_signature_is_audited_with_what_it_changed() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;

    let signed = ward.sign(&ward.ada, &draft).await.expect(200);

    let signature = &signed.body["signature"];
    let changes = json!({
        "status": { "from": "draft", "to": "final" },
        "signedBy": { "from": null, "to": ward.ada.id },
        "signedByName": { "from": null, "to": "ada" },
        "signedAt": { "from": null, "to": "2026-03-02T09:00:00.000Z" },
        "sha256": { "from": null, "to": signature["sha256"] },
    });
    let event = (
        "sign".to_owned(),
        "clinicalNote".to_owned(),
        draft.id.clone(),
        Some(ward.patient.clone()),
        "success".to_owned(),
        changes,
    );
    assert_eq!(left_by(&ward, &signed).await, [event]);
    let verified = ward.verification(&draft).await.expect(200);
    let left = left_by(&ward, &verified).await;
    assert_eq!(
        (left[0].0.as_str(), &left[0].3),
        ("verify", &Some(ward.patient.clone()))
    );
    let versions = ward
        .app
        .get(&format!("{}/versions", draft.path))
        .by(&ward.ada)
        .send()
        .await;
    let left = left_by(&ward, &versions).await;
    assert_eq!(
        (left[0].0.as_str(), left[0].2.as_str()),
        ("read", draft.id.as_str())
    );
}

#[actix_web::test]
async fn a_signed_note_is_not_changed_and_each_attempt_is_audited() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;
    let note = record(&ward.sign(&ward.ada, &draft).await.expect(200));
    let change = || json!({ "text": "Worse." });

    for (answer, action) in [
        (ward.change(&ward.ada, &note, change()).await, "update"),
        (ward.change(&ward.ada, &note, json!({})).await, "update"),
        (ward.delete(&ward.ada, &note).await, "delete"),
        (ward.sign(&ward.ada, &note).await, "sign"),
    ] {
        assert_eq!((answer.status, answer.code()), (409, "NOTE_SIGNED"), "{action}");
        let left = left_by(&ward, &answer).await;
        assert_eq!(left.len(), 1, "{action}");
        let (did, resource, id, patient, outcome, _) = &left[0];
        assert_eq!((did.as_str(), resource.as_str()), (action, "clinicalNote"));
        assert_eq!((id, patient.as_ref()), (&note.id, Some(&ward.patient)));
        assert_eq!(outcome, "refused NOTE_SIGNED");
    }
    // With the version of the draft they are too late anyway.
    for answer in [
        ward.change(&ward.ada, &draft, change()).await,
        ward.delete(&ward.ada, &draft).await,
        ward.sign(&ward.ada, &draft).await,
    ] {
        assert_eq!((answer.status, answer.code()), (412, "STALE_VERSION"));
    }
    let restored = ward.restore(&ward.ada, &note.path, &note.etag).await;
    assert_eq!(
        (restored.status, restored.code()),
        (404, "CLINICAL_NOTE_NOT_FOUND")
    );
    assert_eq!(ward.read(&note.path).await, note.body);
}

#[actix_web::test]
async fn a_draft_that_was_changed_since_it_was_read_is_not_signed() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.bea).await;
    let changed = ward.change(&ward.ada, &draft, json!({ "text": "Worse." })).await;
    let changed = record(&changed.expect(200));

    let late = ward.sign(&ward.bea, &draft).await;
    let signed = ward.sign(&ward.bea, &changed).await;

    assert_eq!((late.status, late.code()), (412, "STALE_VERSION"));
    assert_eq!((signed.status, &signed.body["text"]), (200, &json!("Worse.")));
}

/// A session is fresh for a day.
#[actix_web::test]
async fn who_has_signed_in_a_day_ago_signs_again_after_signing_in() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;
    ward.app.clock.advance(Duration::from_secs(86_400));

    let stale = ward.sign(&ward.ada, &draft).await;
    let read = ward.read(&draft.path).await;
    let ada = ward.app.sign_in("ada").await;
    let signed = ward.sign(&ada, &draft).await;

    assert_eq!((stale.status, stale.code()), (403, "SESSION_NOT_FRESH"));
    let left = left_by(&ward, &stale).await;
    assert_eq!(
        (left[0].0.as_str(), left[0].4.as_str()),
        ("sign", "refused SESSION_NOT_FRESH")
    );
    assert_eq!(read["status"], "draft");
    assert_eq!(signed.status, 200);
}

#[actix_web::test]
async fn who_may_write_but_not_sign_does_not_sign() {
    let ward = Bedside::open().await;
    let role = json!({ "role": "scribe", "permission": { "clinicalNote": ["create", "read", "update"] } });
    let create = ward.app.post("/api/auth/organization/create-role").by(&ward.ada);
    create.json(role).send().await.expect(200);
    let dan = ward.app.sign_up("dan").await;
    ward.app.join(&ward.clinic.id, &dan.id, "scribe").await;

    let draft = ward.draft(&dan).await;
    let refused = ward.sign(&dan, &draft).await;
    let signed = ward.sign(&ward.ada, &draft).await.expect(200);

    assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
    assert_eq!(signed.body["author"]["id"], dan.id);
    assert_eq!(signed.body["signature"]["signedBy"]["id"], ward.ada.id);
}

#[actix_web::test]
async fn what_others_wrote_takes_the_right_to_cosign() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;
    let change = json!({ "text": "Worse." });
    let retract = json!({ "text": "Another patient.", "retracts": true });

    let changed = ward.change(&ward.bea, &draft, change.clone()).await;
    let signed = ward.sign(&ward.bea, &draft).await;
    let unchanged = ward.read(&draft.path).await;
    let note = record(&ward.sign(&ward.ada, &draft).await.expect(200));
    let retracted = ward.add(&ward.bea, &note, retract.clone()).await;
    let added = record(
        &ward
            .add(&ward.bea, &note, json!({ "text": "More." }))
            .await
            .expect(201),
    );

    for refused in [changed, signed, retracted] {
        assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
        assert!(refused.text.contains("clinicalNote:cosign"), "{}", refused.text);
    }
    assert_eq!(unchanged, draft.body);
    ward.sign(&ward.bea, &added).await.expect(200);
    let of_bea = ward.draft(&ward.bea).await;
    let of_bea = record(&ward.change(&ward.ada, &of_bea, change).await.expect(200));
    let of_bea = record(&ward.sign(&ward.ada, &of_bea).await.expect(200));
    ward.add(&ward.bea, &of_bea, retract).await.expect(201);
}

#[actix_web::test]
async fn every_version_of_a_draft_is_kept_with_who_wrote_it() {
    let ward = Bedside::open().await;
    let mut note = ward.draft(&ward.bea).await;
    for text in ["Two.", "Three."] {
        ward.app.clock.advance(Duration::from_secs(60));
        note = record(
            &ward
                .change(&ward.ada, &note, json!({ "text": text }))
                .await
                .expect(200),
        );
    }
    let deleted = ward.delete(&ward.ada, &note).await.expect(204);
    let gone = ward
        .app
        .get(&format!("{}/versions", note.path))
        .by(&ward.ada)
        .send()
        .await;
    note = record(
        &ward
            .restore(&ward.ada, &note.path, deleted.header("etag"))
            .await
            .expect(200),
    );
    let change = json!({ "noteType": "discharge" });
    note = record(&ward.change(&ward.bea, &note, change).await.expect(200));
    ward.sign(&ward.ada, &note).await.expect(200);
    let version = |number: i64, note_type: &str, text: &str, by: &str, at: &str| {
        let id = if by == "ada" { &ward.ada.id } else { &ward.bea.id };
        json!({
            "version": number,
            "noteType": note_type,
            "text": text,
            "writtenBy": { "id": id, "name": by },
            "writtenAt": at,
        })
    };

    let all = ward.read(&format!("{}/versions?total=true", note.path)).await;
    let mut paged = Vec::new();
    let mut path = format!("{}/versions?limit=1", note.path);
    loop {
        let page = ward.read(&path).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else {
            break;
        };
        path = format!("{}/versions?limit=1&cursor={next}", note.path);
    }

    assert_eq!(gone.code(), "CLINICAL_NOTE_NOT_FOUND");
    let expected = json!([
        version(6, "discharge", "Three.", "bea", "2026-03-02T09:02:00.000Z"),
        version(3, "progress", "Three.", "ada", "2026-03-02T09:02:00.000Z"),
        version(2, "progress", "Two.", "ada", "2026-03-02T09:01:00.000Z"),
        version(1, "progress", "Less pain.", "bea", "2026-03-02T09:00:00.000Z"),
    ]);
    assert_eq!((&all["items"], &all["total"]), (&expected, &json!(4)));
    assert_eq!(Value::from(paged), expected);
    // A cursor is for the versions of one note.
    let other = ward.draft(&ward.ada).await;
    let cursor = path.split_once("cursor=").unwrap().1;
    let other = format!("{}/versions?limit=1&cursor={cursor}", other.path);
    let foreign = ward.app.get(&other).by(&ward.ada).send().await;
    assert_eq!((foreign.status, foreign.code()), (400, "INVALID_CURSOR"));
}

#[actix_web::test]
async fn an_addendum_is_added_to_a_signed_note_and_to_nothing_else() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;
    let body = || json!({ "text": "The right knee." });

    let early = ward.add(&ward.ada, &draft, body()).await;
    let note = record(&ward.sign(&ward.ada, &draft).await.expect(200));
    let added = ward.add(&ward.bea, &note, body()).await.expect(201);
    let to_draft = ward.add(&ward.ada, &record(&added), body()).await;
    let signed = record(&ward.sign(&ward.ada, &record(&added)).await.expect(200));
    let to_signed = ward.add(&ward.ada, &signed, body()).await;
    let nobodys = Record {
        path: format!("{NOTES}/{NOBODY}"),
        ..note.clone()
    };
    let nowhere = ward.add(&ward.ada, &nobodys, body()).await;

    assert_eq!((early.status, early.code()), (409, "NOTE_NOT_SIGNED"));
    for answer in [to_draft, to_signed] {
        assert_eq!((answer.status, answer.code()), (409, "NOTE_IS_ADDENDUM"));
    }
    assert_eq!((nowhere.status, nowhere.code()), (404, "CLINICAL_NOTE_NOT_FOUND"));
    let id = added.body["id"].as_str().unwrap();
    assert_eq!(added.header("location"), format!("{NOTES}/{id}"));
    assert_eq!(
        added.body,
        json!({
            "id": id,
            "treatmentSessionId": ward.session,
            "patientId": ward.patient,
            "author": { "id": ward.bea.id, "name": "bea" },
            "noteType": "progress",
            "text": "The right knee.",
            "status": "draft",
            "addendumTo": note.id,
            "retracts": false,
            "signature": null,
            "addenda": [],
            "version": 1,
            "createdAt": "2026-03-02T09:00:00.000Z",
            "updatedAt": "2026-03-02T09:00:00.000Z",
        })
    );
    let left = left_by(&ward, &added).await;
    assert_eq!((left[0].0.as_str(), left[0].2.as_str()), ("create", id));
    assert_eq!(left[0].5["addendumTo"], json!({ "to": note.id }));
}

/// The row of the note is never changed: what became of it follows from its addenda.
#[actix_web::test]
async fn a_note_with_addenda_reads_as_a_whole() {
    let ward = Bedside::open().await;
    let note = ward.signed().await;
    let status = async || ward.read(&note.path).await["status"].clone();

    let amend = json!({ "text": "The right knee.", "noteType": "correction" });
    let amending = record(&ward.add(&ward.ada, &note, amend).await.expect(201));
    assert_eq!(status().await, "final");
    let change = json!({ "text": "It was the right knee." });
    let amending = record(&ward.change(&ward.ada, &amending, change).await.expect(200));
    let amending = record(&ward.sign(&ward.ada, &amending).await.expect(200));
    assert_eq!(status().await, "amended");
    ward.app.clock.advance(Duration::from_secs(60));
    let retract = json!({ "text": "Another patient.", "retracts": true });
    let retracting = record(&ward.add(&ward.ada, &note, retract.clone()).await.expect(201));
    assert_eq!(status().await, "amended");
    let withdrawn = record(&ward.add(&ward.ada, &note, retract).await.expect(201));
    ward.delete(&ward.ada, &withdrawn).await.expect(204);
    let retracting = record(&ward.sign(&ward.ada, &retracting).await.expect(200));
    assert_eq!(status().await, "entered-in-error");

    let alone = |record: &Record| {
        let mut shown = record.body.clone();
        shown.as_object_mut().unwrap().remove("addenda");
        shown
    };
    let mut whole = note.body.clone();
    whole["status"] = json!("entered-in-error");
    whole["addenda"] = json!([alone(&amending), alone(&retracting)]);
    assert_eq!(ward.read(&note.path).await, whole);
    let list = ward.read(&format!("{NOTES}?addendum=false")).await;
    assert_eq!(list["items"], json!([whole]));
    let list = ward.read(&format!("{NOTES}?addendum=true")).await;
    assert_eq!(list["items"], json!([amending.body, retracting.body]));
    let verified = ward.verification(&note).await.expect(200);
    let addenda = verified.body["addenda"].as_array().unwrap().iter();
    let addenda: Vec<_> = addenda
        .map(|addendum| (&addendum["id"], &addendum["holds"]))
        .collect();
    let holds = json!(true);
    assert_eq!(
        addenda,
        [(&json!(amending.id), &holds), (&json!(retracting.id), &holds)]
    );
}

#[actix_web::test]
async fn a_draft_is_not_verified() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;

    let answer = ward.verification(&draft).await;

    assert_eq!((answer.status, answer.code()), (409, "NOTE_NOT_SIGNED"));
}

#[actix_web::test]
async fn a_field_that_is_not_valid_is_named() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;
    let note = ward.signed().await;

    for (field, value) in [
        ("noteType", json!("")),
        ("noteType", json!("x".repeat(101))),
        ("noteType", json!("two\nlines")),
        ("noteType", json!(1)),
        ("text", json!(" \u{200b}\n")),
        ("text", json!("\u{1f9b5}".repeat(20_001))),
        ("text", json!("NUL\u{0}")),
        ("text", json!(null)),
        ("status", json!("final")),
        ("signature", json!({})),
        ("signedAt", json!("2026-03-02T09:00:00Z")),
        ("sha256", json!("x")),
        ("authorId", json!(NOBODY)),
        ("patientId", json!(NOBODY)),
        ("addendumTo", json!(NOBODY)),
    ] {
        let mut body = ward.wish();
        body[field] = value.clone();
        let created = ward.app.post(NOTES).by(&ward.ada).json(body).send().await;
        let changed = ward
            .change(&ward.ada, &draft, json!({ field: value.clone() }))
            .await;
        let mut body = json!({ "text": "x" });
        body[field] = value.clone();
        let added = ward.add(&ward.ada, &note, body).await;

        for answer in [created, changed, added] {
            let shown: String = value.to_string().chars().take(40).collect();
            assert_eq!(
                (answer.status, answer.code()),
                (400, "INVALID_FIELD"),
                "{field} {shown}"
            );
            assert_eq!(answer.body["errors"][0]["field"], field, "{shown}");
        }
    }
    // Neither the session nor what it retracts is changed.
    for (field, value) in [
        ("treatmentSessionId", json!(ward.session)),
        ("retracts", json!(true)),
    ] {
        let answer = ward.change(&ward.ada, &draft, json!({ field: value })).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!(field))
        );
    }
    let longest = json!({ "noteType": "\u{1f9b5}".repeat(100), "text": "\u{1f9b5}\n".repeat(10_000) });
    ward.change(&ward.ada, &draft, longest).await.expect(200);
    assert_eq!(ward.read(&format!("{NOTES}?total=true")).await["total"], 2);
}

/// What was entered in error is treated as what never was; a draft about it stays to be read and deleted.
#[actix_web::test]
async fn about_a_session_that_is_not_there_nothing_is_written_or_signed() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;
    let gone = ward.draft(&ward.ada).await;
    let tag = ward.delete(&ward.ada, &gone).await.expect(204);
    ward.delete_session().await.expect(204);
    let mut nowhere = ward.wish();
    nowhere["treatmentSessionId"] = json!(NOBODY);
    let create = |body: Value| ward.app.post(NOTES).by(&ward.ada).json(body).send();

    for answer in [
        create(nowhere).await,
        create(ward.wish()).await,
        ward.change(&ward.ada, &draft, json!({ "text": "x" })).await,
        ward.sign(&ward.ada, &draft).await,
        ward.restore(&ward.ada, &gone.path, tag.header("etag")).await,
    ] {
        assert_eq!((answer.status, answer.code()), (400, "INVALID_FIELD"));
        let problem = json!([{ "field": "treatmentSessionId", "detail": "names no session" }]);
        assert_eq!(answer.body["errors"], problem, "{}", answer.text);
    }
    assert_eq!(ward.read(&draft.path).await, draft.body);
    ward.delete(&ward.ada, &draft).await.expect(204);
    let session = format!("{SESSIONS}/{}", ward.session);
    ward.restore(&ward.ada, &session, "\"2\"").await.expect(200);
    let restored = ward
        .restore(&ward.ada, &gone.path, tag.header("etag"))
        .await
        .expect(200);
    assert_eq!(restored.body["status"], "draft");
}

#[actix_web::test]
async fn a_draft_is_deleted_and_listed_among_the_deleted() {
    let ward = Bedside::open().await;
    let draft = ward.draft(&ward.ada).await;

    let refused = ward.delete(&ward.bea, &draft).await;
    ward.delete(&ward.ada, &draft).await.expect(204);

    assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
    let gone = ward.app.get(&draft.path).by(&ward.ada).send().await;
    assert_eq!((gone.status, gone.code()), (404, "CLINICAL_NOTE_NOT_FOUND"));
    let deleted = ward.read(&format!("{NOTES}?deleted=true")).await;
    let shown = &deleted["items"][0];
    assert_eq!(
        (&shown["id"], &shown["status"]),
        (&json!(draft.id), &json!("entered-in-error"))
    );
    assert_eq!(shown["deletionReason"], "entered twice");
    let list = ward.here(ward.app.get(&format!("{NOTES}?deleted=true")), &ward.bea);
    assert_eq!(list.send().await.status, 403);
}

#[actix_web::test]
async fn notes_are_listed_by_session_patient_author_and_status() {
    let mut ward = Bedside::open().await;
    let session = ward.session.clone();
    let ben = ward.app.patient(&ward.ada).name("Ben", "Costa").create().await;
    let appointment = ward
        .app
        .appointment(&ward.ada, &ben)
        .with("start", json!("2026-03-04T09:00:00Z"));
    let appointment = appointment
        .with("end", json!("2026-03-04T09:30:00Z"))
        .create()
        .await;
    let signed = ward.signed().await;
    let of_bea = ward.draft(&ward.bea).await;
    ward.session = ward.another_session().await;
    let elsewhere = ward.draft(&ward.ada).await;
    ward.session = ward.session_of(&ben.id, &appointment.id).await;
    let of_ben = ward.draft(&ward.bea).await;
    ward.app.clock.advance(Duration::from_secs(60));
    ward.change(&ward.ada, &elsewhere, json!({ "text": "x" }))
        .await
        .expect(200);
    let ids = async |query: String| -> Vec<String> {
        let page = ward.read(&format!("{NOTES}?{query}")).await;
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|note| note["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let of = |notes: &[&Record]| -> Vec<String> {
        let mut ids: Vec<_> = notes.iter().map(|note| note.id.clone()).collect();
        ids.sort_unstable();
        ids
    };

    let all = [&signed, &of_bea, &elsewhere, &of_ben];
    assert_eq!(ids(String::new()).await, of(&all));
    let mut newest = of(&all);
    newest.reverse();
    assert_eq!(ids("sort=-createdAt".to_owned()).await, newest);
    assert_eq!(ids("sort=-updatedAt&limit=1".to_owned()).await, of(&[&elsewhere]));
    let by_session = ids(format!("treatmentSessionId={session}")).await;
    assert_eq!(by_session, of(&[&signed, &of_bea]));
    let by_patient = ids(format!("patientId={}", ward.patient)).await;
    assert_eq!(by_patient, of(&[&signed, &of_bea, &elsewhere]));
    assert_eq!(ids(format!("patientId={}", ben.id)).await, of(&[&of_ben]));
    let mine = ids(format!("authorId={}&status=draft", ward.ada.id)).await;
    assert_eq!(mine, of(&[&elsewhere]));
    assert_eq!(ids("status=final,amended".to_owned()).await, of(&[&signed]));
    for query in [
        format!("patientId={NOBODY}"),
        format!("treatmentSessionId={NOBODY}"),
        format!("authorId={NOBODY}"),
        "status=entered-in-error".to_owned(),
        "addendum=true".to_owned(),
    ] {
        assert_eq!(ids(query.clone()).await, [""; 0], "{query}");
    }
    for query in ["status=signed", "status=draft,", "sort=text", "limit=201"] {
        let refused = ward
            .app
            .get(&format!("{NOTES}?{query}"))
            .by(&ward.ada)
            .send()
            .await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "INVALID_FIELD"),
            "{query}"
        );
    }
}

/// One key means one addendum to one note.
#[actix_web::test]
async fn an_addendum_that_is_sent_again_is_written_once() {
    let ward = Bedside::open().await;
    let (one, other) = (ward.signed().await, ward.signed().await);
    let add = |to: &Record| {
        let request = ward.app.post(&format!("{}/addenda", to.path)).by(&ward.ada);
        let request = request.header("idempotency-key", "k-1");
        request.json(json!({ "text": "The right knee." })).send()
    };

    let first = add(&one).await.expect(201);
    let again = add(&one).await.expect(201);
    let elsewhere = add(&other).await;

    assert_eq!(again.text, first.text);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let left = left_by(&ward, &again).await;
    assert_eq!(
        (left[0].4.as_str(), &left[0].3),
        ("replayed", &Some(ward.patient.clone()))
    );
    assert_eq!(
        (elsewhere.status, elsewhere.code()),
        (422, "IDEMPOTENCY_KEY_REUSED")
    );
    assert_eq!(
        ward.read(&format!("{NOTES}?addendum=true&total=true")).await["total"],
        1
    );
}
