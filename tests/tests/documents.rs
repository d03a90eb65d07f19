//! The contents of documents: what is taken, what comes back, and what is left of what broke off.

mod wire;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Patient, Person, Record};

struct Desk {
    app: App,
    ada: Person,
    clinic: String,
    ana: Patient,
}

impl Desk {
    async fn open() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let clinic = app.organization(&ada, "salt-lane").await.id;
        let ana = app.patient(&ada).create().await;
        Self {
            app,
            ada,
            clinic,
            ana,
        }
    }

    async fn document(&self) -> Record {
        self.app.document(&self.ada, &self.ana).create().await
    }

    async fn put(
        &self,
        document: &Record,
        etag: &str,
        media_type: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Answer {
        let path = format!("{}/content", document.path);
        let request = self.app.put(&path).by(&self.ada).if_match(etag);
        let request = match media_type {
            "" => request.body("application/octet-stream", bytes),
            media_type => request.body(media_type, bytes),
        };
        request.send().await
    }

    async fn content(&self, document: &Record) -> Answer {
        let path = format!("{}/content", document.path);
        self.app.get(&path).by(&self.ada).send().await
    }

    async fn read(&self, document: &Record) -> Value {
        self.app
            .get(&document.path)
            .by(&self.ada)
            .send()
            .await
            .expect(200)
            .body
    }

    /// How many pieces there are of all contents together.
    async fn pieces(&self) -> i64 {
        let query = sqlx::query_scalar("select count(*) from medical_record_chunks");
        query
            .fetch_one(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }
}

const LETTER: &str = "Dear colleague,\n\nthank you for sending Ana.\n";
/// `printf 'Dear colleague,\n\nthank you for sending Ana.\n' | sha256sum`.
const LETTER_SHA256: &str = "6feb91e6d32491e3874fa30e3ee8c17476a7fa93b98237cff65d072276ffde37";

#[actix_web::test]
async fn a_document_gets_its_content_and_gives_it_back() {
    let desk = Desk::open().await;
    let document = desk
        .app
        .document(&desk.ada, &desk.ana)
        .with("fileName", json!("letter.txt"));
    let document = document.create().await;

    let before = desk.content(&document).await;
    let put = desk
        .put(&document, "\"1\"", "text/plain; charset=utf-8", LETTER)
        .await
        .expect(201);
    let got = desk.content(&document).await.expect(200);
    let listed = desk
        .app
        .get("/api/v1/medical-records")
        .by(&desk.ada)
        .send()
        .await
        .expect(200);

    assert_eq!(document.body["content"], json!(null));
    assert_eq!((before.status, before.code()), (404, "CONTENT_NOT_FOUND"));
    assert_eq!((put.header("etag"), &put.body["version"]), ("\"2\"", &json!(2)));
    assert_eq!(
        put.body["content"],
        json!({ "mediaType": "text/plain", "size": LETTER.len(), "sha256": LETTER_SHA256 })
    );
    assert_eq!(got.text, LETTER);
    for (name, value) in [
        ("content-type", "text/plain; charset=utf-8"),
        (
            "content-disposition",
            "attachment; filename=\"letter.txt\"; filename*=UTF-8''letter.txt",
        ),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("cache-control", "no-store"),
        (
            "repr-digest",
            "sha-256=:b+uR5tMkkeOHT6MOPujBdHan+pO5gjfP9l0HInb/3jc=:",
        ),
        ("etag", "\"2\""),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    assert_eq!(listed.body["items"], json!([put.body]));
    assert!(!listed.text.contains("colleague"));
}

#[actix_web::test]
async fn who_stored_and_who_downloaded_a_content_is_in_the_audit() {
    let desk = Desk::open().await;
    let document = desk.document().await;
    desk.put(&document, "\"1\"", "", LETTER).await.expect(201);
    desk.content(&document).await.expect(200);
    desk.put(&document, "\"2\"", "", LETTER).await.expect(409);

    let path = format!(
        "/api/v1/patients/{}/audit-events?resource=medicalRecord",
        desk.ana.id
    );
    let events = desk.app.get(&path).by(&desk.ada).send().await.expect(200);

    let items = events.body["items"].as_array().unwrap();
    let shown = items.iter().map(|event| {
        json!([
            event["action"],
            event["outcome"],
            event["code"],
            event["changes"]["size"]["to"]
        ])
    });
    let shown: Vec<_> = shown.collect();
    let stored = json!(["update", "success", null, LETTER.len()]);
    for event in [
        json!(["update", "refused", "CONTENT_EXISTS", null]),
        json!(["download", "success", null, null]),
        stored,
        json!(["create", "success", null, null]),
    ] {
        assert!(shown.contains(&event), "{event} is not in {shown:?}");
    }
    assert_eq!(shown.len(), 4);
}

#[actix_web::test]
async fn a_content_is_never_replaced() {
    let desk = Desk::open().await;
    let document = desk.document().await;
    desk.put(&document, "\"1\"", "", LETTER).await.expect(201);

    let again = desk.put(&document, "\"2\"", "", "another").await;
    let stale = desk.put(&document, "\"1\"", "", "another").await;
    let unread = desk.app.put(&format!("{}/content", document.path)).by(&desk.ada);
    let unread = unread.body("text/plain", "another").send().await;
    let patched = desk.app.patch(&document.path).by(&desk.ada).if_match("\"2\"");
    let patched = patched.json(json!({ "content": null })).send().await;

    assert_eq!((again.status, again.code()), (409, "CONTENT_EXISTS"));
    assert_eq!((stale.status, stale.code()), (412, "STALE_VERSION"));
    assert_eq!((unread.status, unread.code()), (428, "PRECONDITION_REQUIRED"));
    assert_eq!((patched.status, patched.code()), (400, "INVALID_FIELD"));
    assert_eq!(desk.content(&document).await.expect(200).text, LETTER);
    assert_eq!(desk.pieces().await, 1);
}

#[actix_web::test]
async fn only_a_document_has_a_content() {
    let desk = Desk::open().await;
    let observation = desk.app.observation(&desk.ada, &desk.ana).create().await;

    let put = desk.put(&observation, "\"1\"", "", LETTER).await;
    let got = desk.content(&observation).await;

    assert_eq!((put.status, put.code()), (409, "NOT_A_DOCUMENT"));
    assert_eq!((got.status, got.code()), (404, "CONTENT_NOT_FOUND"));
    assert_eq!(desk.pieces().await, 0);
}

#[actix_web::test]
async fn the_content_of_a_deleted_document_is_not_there_until_it_is_restored() {
    let desk = Desk::open().await;
    let document = desk.document().await;
    desk.put(&document, "\"1\"", "", LETTER).await.expect(201);
    let deletion = desk.app.delete(&document.path).by(&desk.ada).if_match("\"2\"");
    deletion
        .json(json!({ "reason": "another patient" }))
        .send()
        .await
        .expect(204);

    let got = desk.content(&document).await;
    let put = desk.put(&document, "\"3\"", "", LETTER).await;
    let restored = desk.app.post(&format!("{}/restore", document.path)).by(&desk.ada);
    restored.if_match("\"3\"").send().await.expect(200);

    for answer in [got, put] {
        assert_eq!((answer.status, answer.code()), (404, "MEDICAL_RECORD_NOT_FOUND"));
    }
    assert_eq!(desk.content(&document).await.expect(200).text, LETTER);
}

#[actix_web::test]
async fn a_content_that_is_not_kept_leaves_nothing() {
    let desk = Desk::open().await;
    let document = desk.document().await;

    for (media_type, bytes, status, code) in [
        ("", &b""[..], 400, "EMPTY_CONTENT"),
        (
            "application/pdf",
            b"MZ\x90\0\x03\0\0\0",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "image/png",
            b"<svg onload=alert(1)>",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("text/html", b"<!doctype html>", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "application/zip",
            b"PK\x03\x04\x14\0\0\0",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("image/png", b"%PDF-1.7\n", 400, "MEDIA_TYPE_MISMATCH"),
        ("text/html", b"a letter", 400, "MEDIA_TYPE_MISMATCH"),
        ("a;b/c", b"a letter", 400, "MEDIA_TYPE_MISMATCH"),
    ] {
        let answer = desk.put(&document, "\"1\"", media_type, bytes).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
    let named = desk
        .put(&document, "\"1\"", "", &b"PK\x03\x04\x14\0\0\0"[..])
        .await;
    let detail = named.body["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("the content is ZIP (application/zip); "),
        "{detail}"
    );
    assert_eq!(desk.read(&document).await, document.body);
    assert_eq!(desk.pieces().await, 0);
    for media_type in ["application/octet-stream", "application/PDF"] {
        let document = desk.document().await;
        let answer = desk
            .put(&document, "\"1\"", media_type, &b"%PDF-1.7\n"[..])
            .await
            .expect(201);
        assert_eq!(answer.body["content"]["mediaType"], "application/pdf");
    }
}

#[actix_web::test]
async fn a_file_is_called_as_it_was_and_ends_as_its_kind_does() {
    let desk = Desk::open().await;
    for (given, shown) in [
        (
            json!("letter.txt"),
            "filename=\"letter.txt\"; filename*=UTF-8''letter.txt",
        ),
        (
            json!("Röntgen \"links\"; x=y.txt"),
            "filename=\"R_ntgen _links__ x_y.txt\"; filename*=UTF-8''R%C3%B6ntgen%20%22links%22%3B%20x%3Dy.txt",
        ),
        (
            json!("run.bat"),
            "filename=\"run.bat.txt\"; filename*=UTF-8''run.bat.txt",
        ),
        (
            json!(null),
            "filename=\"document.txt\"; filename*=UTF-8''document.txt",
        ),
    ] {
        let document = desk.app.document(&desk.ada, &desk.ana).with("fileName", given);
        let document = document.create().await;
        desk.put(&document, "\"1\"", "", LETTER).await.expect(201);

        let got = desk.content(&document).await.expect(200);

        assert_eq!(got.header("content-disposition"), format!("attachment; {shown}"));
    }
    for name in ["a/b.txt", "..\\b.txt", "..", "a\r\nb", "\u{202e}fdp.exe", " "] {
        let body = json!({
            "patientId": desk.ana.id, "category": "document", "code": { "text": "x" }, "fileName": name
        });
        let answer = desk
            .app
            .post("/api/v1/medical-records")
            .by(&desk.ada)
            .json(body)
            .send()
            .await;
        assert_eq!(answer.status, 400, "{name:?}");
        assert_eq!(answer.body["errors"][0]["field"], "fileName", "{name:?}");
    }
}

#[actix_web::test]
async fn of_64_contents_of_one_document_one_is_taken_and_nothing_of_the_others() {
    let desk = Desk::open().await;
    let document = desk.document().await;
    // Two pieces each.
    let content = |number: usize| format!("{number}{}", " ".repeat(300_000));

    let puts = (0..64).map(|number| desk.put(&document, "\"1\"", "", content(number)));
    let answers = join_all(puts).await;

    let winners: Vec<_> = (0..64).filter(|number| answers[*number].status == 201).collect();
    assert_eq!(winners.len(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert!([409, 412, 503].contains(&answer.status), "{}", answer.text);
    }
    assert_eq!(
        desk.content(&document).await.expect(200).text,
        content(winners[0])
    );
    assert_eq!(desk.pieces().await, 2);
}

#[actix_web::test]
async fn who_may_not_change_records_stores_nothing_and_who_may_not_read_them_downloads_nothing() {
    let desk = Desk::open().await;
    let document = desk.document().await;
    desk.put(&document, "\"1\"", "", LETTER).await.expect(201);
    let empty = desk.document().await;
    for (name, may) in [("reader", "read"), ("writer", "update")] {
        let role = json!({ "role": name, "permission": { "medicalRecord": [may] } });
        let made = desk.app.post("/api/auth/organization/create-role").by(&desk.ada);
        made.json(role).send().await.expect(200);
        let person = desk.app.sign_up(name).await;
        desk.app.join(&desk.clinic, &person.id, name).await;

        let got = desk.app.get(&format!("{}/content", document.path)).by(&person);
        let got = got.organization(&desk.clinic).send().await;
        let put = desk.app.put(&format!("{}/content", empty.path)).by(&person);
        let put = put
            .organization(&desk.clinic)
            .if_match("\"1\"")
            .body("text/plain", LETTER);
        let put = put.send().await;

        let expected = if may == "read" { (200, 403) } else { (403, 201) };
        assert_eq!((got.status, put.status), expected, "{name}");
    }
}
