//! What the API says of rooms, and with them of all kinds of record: they share what is tried here.

use futures_util::future::join_all;
use serde_json::json;
use wardkeep_tests::{App, Person};

async fn desk() -> (App, Person) {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    (app, ada)
}

#[actix_web::test]
async fn a_room_is_added_read_changed_deleted_and_restored() {
    let (app, ada) = desk().await;
    let body = json!({ "name": " Room 1 ", "description": "ground floor" });

    let added = app
        .post("/api/v1/rooms")
        .by(&ada)
        .json(body)
        .send()
        .await
        .expect(201);
    let path = added.header("location").to_owned();
    let read = app.get(&path).by(&ada).send().await.expect(200);
    let change = json!({ "description": null });
    let changed = app
        .patch(&path)
        .by(&ada)
        .if_match("\"1\"")
        .json(change)
        .send()
        .await
        .expect(200);
    let reason = json!({ "reason": "entered twice" });
    let deleted = app
        .delete(&path)
        .by(&ada)
        .if_match("\"2\"")
        .json(reason)
        .send()
        .await
        .expect(204);
    let gone = app.get(&path).by(&ada).send().await;
    let listed = app
        .get("/api/v1/rooms?deleted=true&total=true")
        .by(&ada)
        .send()
        .await
        .expect(200);
    let restored = app
        .post(&format!("{path}/restore"))
        .by(&ada)
        .if_match(deleted.header("etag"))
        .send()
        .await
        .expect(200);

    assert_eq!(read.body, added.body);
    assert_eq!((read.header("etag"), added.header("etag")), ("\"1\"", "\"1\""));
    assert_eq!(changed.body["description"], json!(null));
    assert_eq!((gone.status, gone.code()), (404, "ROOM_NOT_FOUND"));
    assert_eq!(listed.body["items"][0]["deletionReason"], "entered twice");
    assert_eq!(listed.body["total"], 1);
    assert_eq!(restored.header("etag"), "\"4\"");
    assert_eq!(restored.body.get("deletedAt"), None);
}

#[actix_web::test]
async fn of_64_creates_of_one_key_one_is_made_and_all_have_its_answer() {
    let (app, ada) = desk().await;
    let create = |_| {
        app.post("/api/v1/rooms")
            .by(&ada)
            .header("idempotency-key", "k-1")
            .json(json!({ "name": "Room 1" }))
            .send()
    };

    let answers = join_all((0..64).map(create)).await;

    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
    }
    let replayed = answers
        .iter()
        .filter(|answer| answer.header("idempotency-replayed") == "true");
    assert_eq!(replayed.count(), 63);
    let other = app
        .post("/api/v1/rooms")
        .by(&ada)
        .header("idempotency-key", "k-1")
        .json(json!({ "name": "Room 2" }))
        .send()
        .await;
    assert_eq!((other.status, other.code()), (422, "IDEMPOTENCY_KEY_REUSED"));
    let rooms = app
        .get("/api/v1/rooms?total=true")
        .by(&ada)
        .send()
        .await
        .expect(200);
    assert_eq!(rooms.body["total"], 1);
}
