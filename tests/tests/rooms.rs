//! What the API says of rooms, and with them of all kinds of record: they share what is tried here.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wardkeep_testkit::race_rounds;
use wardkeep_tests::{Answer, App, Patient, Person};

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

async fn add(app: &App, by: &Person, name: &str) -> String {
    let request = app.post("/api/v1/rooms").by(by).json(json!({ "name": name }));
    let added = request.send().await.expect(201);
    added.header("location").to_owned()
}

async fn delete(app: &App, by: &Person, path: &str, tag: &str) -> Answer {
    let request = app.delete(path).by(by).if_match(tag);
    request.json(json!({ "reason": "walled up" })).send().await
}

#[actix_web::test]
async fn a_field_that_is_not_valid_is_named() {
    let (app, ada) = desk().await;
    let path = add(&app, &ada, "Room 1").await;

    for (field, value) in [
        ("name", json!("")),
        ("name", json!(" \u{a0}\t")),
        ("name", json!("x".repeat(101))),
        ("name", json!("\u{1f9a9}".repeat(101))),
        ("name", json!("two\nlines")),
        ("name", json!("NUL\u{0}")),
        ("name", json!(1)),
        ("name", json!(null)),
        ("description", json!("")),
        ("description", json!("x".repeat(501))),
        ("description", json!("bell\u{7}")),
        ("description", json!({})),
        ("id", json!("0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38")),
        ("version", json!(1)),
        ("deletedAt", json!(null)),
    ] {
        let mut body = json!({ "name": "Room 2" });
        body[field] = value.clone();
        let created = app.post("/api/v1/rooms").by(&ada).json(body).send().await;
        let change = app.patch(&path).by(&ada).if_match("\"1\"");
        let changed = change.json(json!({ field: value.clone() })).send().await;

        for answer in [created, changed] {
            let shown: String = value.to_string().chars().take(40).collect();
            assert_eq!(
                (answer.status, answer.code()),
                (400, "INVALID_FIELD"),
                "{field} {shown}"
            );
            assert_eq!(answer.body["errors"][0]["field"], field, "{field} {shown}");
        }
    }
    for reason in [
        json!(""),
        json!("x".repeat(501)),
        json!("bell\u{7}"),
        json!(null),
        json!(5),
    ] {
        let request = app.delete(&path).by(&ada).if_match("\"1\"");
        let answer = request.json(json!({ "reason": reason })).send().await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!("reason"))
        );
    }
    let rooms = app
        .get("/api/v1/rooms?total=true")
        .by(&ada)
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&rooms.body["total"], &rooms.body["items"][0]["version"]),
        (&json!(1), &json!(1))
    );
}

#[actix_web::test]
async fn the_longest_texts_are_taken() {
    let (app, ada) = desk().await;
    let body = json!({ "name": "\u{1f9a9}".repeat(100), "description": "\u{1f9a9}\n".repeat(250) });

    let added = app
        .post("/api/v1/rooms")
        .by(&ada)
        .json(body.clone())
        .send()
        .await
        .expect(201);

    assert_eq!(added.body["name"], body["name"]);
}

#[actix_web::test]
async fn a_name_is_taken_until_its_room_is_deleted() {
    let (app, ada) = desk().await;
    let (first, second) = (add(&app, &ada, "Room 1").await, add(&app, &ada, "Room 2").await);
    let name = |name: &str| json!({ "name": name });

    let again = app
        .post("/api/v1/rooms")
        .by(&ada)
        .json(name(" Room 1 "))
        .send()
        .await;
    let renamed = app
        .patch(&second)
        .by(&ada)
        .if_match("\"1\"")
        .json(name("Room 1"))
        .send()
        .await;
    let same = app
        .patch(&first)
        .by(&ada)
        .if_match("\"1\"")
        .json(name("Room 1"))
        .send()
        .await;
    delete(&app, &ada, &first, "\"2\"").await.expect(204);
    let heir = app
        .patch(&second)
        .by(&ada)
        .if_match("\"1\"")
        .json(name("Room 1"))
        .send()
        .await;
    let restored = app
        .post(&format!("{first}/restore"))
        .by(&ada)
        .if_match("\"3\"")
        .send()
        .await;

    assert_eq!((same.status, heir.status), (200, 200));
    for taken in [again, renamed, restored] {
        assert_eq!((taken.status, taken.code()), (409, "ROOM_NAME_TAKEN"));
    }
    let bea = app.sign_up("bea").await;
    app.organization(&bea, "mill-road").await;
    add(&app, &bea, "Room 1").await;
}

#[actix_web::test]
async fn rooms_that_can_be_booked_are_listed_alone() {
    let (app, ada) = desk().await;
    let (first, _) = (add(&app, &ada, "Room 1").await, add(&app, &ada, "Room 2").await);
    let change = app.patch(&first).by(&ada).if_match("\"1\"");
    change.json(json!({ "active": false })).send().await.expect(200);
    let names = async |query: &str| -> Vec<Value> {
        let page = app
            .get(&format!("/api/v1/rooms?{query}"))
            .by(&ada)
            .send()
            .await
            .expect(200);
        let items = page.body["items"].as_array().unwrap().iter();
        items.map(|room| room["name"].clone()).collect()
    };

    assert_eq!(names("").await, ["Room 1", "Room 2"]);
    assert_eq!(names("active=true").await, ["Room 2"]);
    assert_eq!(names("active=false").await, ["Room 1"]);
}

/// An appointment in a room, written past the API.
async fn book(app: &App, room: &str, patient: &Patient, (start, end): (&str, &str), status: &str) {
    const BOOK: &str =
        "insert into appointments (organization_id, id, patient_id, practitioner_id, practitioner_name,
          room_id, starts_at, ends_at, time_zone, status, cancellation_reason, created_by, created_by_name,
          created_at, updated_at)
        select organization_id, gen_random_uuid(), $2::text::uuid, gen_random_uuid(), 'Ben', id,
          $3::text::timestamptz, $4::text::timestamptz, 'UTC', $5, case when $5 = 'cancelled' then 'ill' end,
          gen_random_uuid(), 'Ada', current_timestamp, current_timestamp
        from rooms where id = $1::text::uuid";
    let id = room.rsplit('/').next().unwrap();
    let booking = sqlx::query(BOOK)
        .bind(id)
        .bind(&patient.id)
        .bind(start)
        .bind(end)
        .bind(status);
    booking.execute(&mut app.database.admin().await).await.unwrap();
}

#[actix_web::test]
async fn a_room_stays_while_somebody_is_to_come_to_it() {
    let (app, ada) = desk().await;
    let ana = app.patient(&ada).create().await;
    // It is 09:00.
    let (over, now, ahead) = (
        ("2026-03-02T08:00Z", "2026-03-02T09:00Z"),
        ("2026-03-01T09:30Z", "2026-03-02T09:01Z"),
        ("2027-03-02T09:00Z", "2027-03-02T10:00Z"),
    );

    for (status, when, code) in [
        ("proposed", ahead, "ROOM_IN_USE"),
        ("pending", ahead, "ROOM_IN_USE"),
        ("waitlist", ahead, "ROOM_IN_USE"),
        ("booked", ahead, "ROOM_IN_USE"),
        ("booked", now, "ROOM_IN_USE"),
        ("arrived", now, "ROOM_IN_USE"),
        ("checked-in", now, "ROOM_IN_USE"),
        ("fulfilled", now, ""),
        ("cancelled", ahead, ""),
        ("noshow", now, ""),
        ("booked", over, ""),
    ] {
        let room = add(&app, &ada, "Room 1").await;
        book(&app, &room, &ana, when, status).await;

        let deleted = delete(&app, &ada, &room, "\"1\"").await;
        let inactive = json!({ "active": false, "name": format!("{status} {}", when.0) });
        let change = app
            .patch(&room)
            .by(&ada)
            .if_match("\"1\"")
            .json(inactive)
            .send()
            .await;

        let (expected, change_expected) = if code.is_empty() { (204, 404) } else { (409, 200) };
        assert_eq!(
            (deleted.status, deleted.code()),
            (expected, code),
            "{status} {when:?}"
        );
        assert_eq!(change.status, change_expected, "{status} {when:?}");
    }
}

#[actix_web::test]
async fn an_appointment_that_was_entered_in_error_keeps_no_room() {
    let (app, ada) = desk().await;
    let ana = app.patient(&ada).create().await;
    let room = add(&app, &ada, "Room 1").await;
    book(
        &app,
        &room,
        &ana,
        ("2027-03-02T09:00Z", "2027-03-02T10:00Z"),
        "booked",
    )
    .await;
    let erase = "update appointments set deleted_at = current_timestamp, deletion_reason = 'entered twice'";
    sqlx::query(erase)
        .execute(&mut app.database.admin().await)
        .await
        .unwrap();

    delete(&app, &ada, &room, "\"1\"").await.expect(204);
}

#[actix_web::test]
async fn of_64_rooms_of_one_name_one_is_added() {
    let (app, ada) = desk().await;
    for round in 1..=race_rounds() {
        let body = || json!({ "name": format!("Room {round}") });
        let create = |_| app.post("/api/v1/rooms").by(&ada).json(body()).send();

        let answers = join_all((0..64).map(create)).await;

        let added = answers.iter().filter(|answer| answer.status == 201).count();
        let taken = answers
            .iter()
            .filter(|answer| answer.code() == "ROOM_NAME_TAKEN")
            .count();
        assert_eq!((added, taken), (1, 63));
    }
}

#[actix_web::test]
async fn of_64_changes_to_one_version_one_is_made() {
    let (app, ada) = desk().await;
    let path = add(&app, &ada, "Room 1").await;
    for round in 1..=race_rounds() {
        let tag = format!("\"{round}\"");
        let change = |number| {
            let body = json!({ "description": format!("{round} {number}") });
            app.patch(&path).by(&ada).if_match(&tag).json(body).send()
        };

        let answers = join_all((0..64).map(change)).await;

        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        let stale = answers
            .iter()
            .filter(|answer| answer.code() == "STALE_VERSION")
            .count();
        assert_eq!((made.len(), stale), (1, 63));
        let read = app.get(&path).by(&ada).send().await.expect(200);
        assert_eq!(read.body, made[0].body);
    }
}
