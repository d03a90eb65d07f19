//! A create that names itself has one answer, for whoever sent it, for 24 hours. Tried with rooms; all creates share it.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Person};

async fn desk() -> (App, Person) {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    (app, ada)
}

async fn create(app: &App, by: &Person, key: &str, body: Value) -> Answer {
    let request = app.post("/api/v1/rooms").by(by).header("idempotency-key", key);
    request.json(body).send().await
}

fn room(name: &str) -> Value {
    json!({ "name": name })
}

async fn assert_rooms(app: &App, by: &Person, expected: &[&str]) {
    let rooms = app.get("/api/v1/rooms").by(by).send().await.expect(200);
    let names: Vec<_> = rooms.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|room| &room["name"])
        .collect();
    assert_eq!(names, expected);
}

#[actix_web::test]
async fn the_answer_is_the_first_one_whatever_became_of_the_record() {
    let (app, ada) = desk().await;
    let first = create(&app, &ada, "k", room("Room 1")).await.expect(201);
    let rename = app
        .patch(first.header("location"))
        .by(&ada)
        .if_match("\"1\"")
        .json(room("Room 2"));
    rename.send().await.expect(200);

    let again = create(&app, &ada, "k", room("Room 1")).await;

    assert_eq!((again.status, &again.text), (201, &first.text));
    for header in ["etag", "location", "content-type"] {
        assert_eq!(again.header(header), first.header(header), "{header}");
    }
    assert_eq!(
        (
            first.header("idempotency-replayed"),
            again.header("idempotency-replayed")
        ),
        ("", "true")
    );
    assert_rooms(&app, &ada, &["Room 2"]).await;
}

#[actix_web::test]
async fn the_order_of_the_fields_is_no_difference_and_all_else_is() {
    let (app, ada) = desk().await;
    let body = r#"{"name": "Room 1", "description": "couch"}"#;
    let turned = r#"{ "description":"couch", "name":"Room 1" }"#;
    let send = |path: &'static str, body: &'static str| {
        let request = app.post(path).by(&ada).header("idempotency-key", "k");
        request.body("application/json", body).send()
    };
    send("/api/v1/rooms", body).await.expect(201);

    send("/api/v1/rooms", turned).await.expect(201);
    let others = [
        send("/api/v1/rooms", r#"{"name": "Room 1"}"#).await,
        send("/api/v1/rooms", r#"{"name": "Room 1", "description": "bed"}"#).await,
        send("/api/v1/rooms?by=hand", body).await,
    ];

    for other in others {
        assert_eq!(
            (other.status, other.code()),
            (422, "IDEMPOTENCY_KEY_REUSED"),
            "{}",
            other.text
        );
    }
    assert_rooms(&app, &ada, &["Room 1"]).await;
}

#[actix_web::test]
async fn a_key_counts_for_24_hours() {
    let (app, ada) = desk().await;
    create(&app, &ada, "k", room("Room 1")).await.expect(201);

    app.clock.advance(Duration::from_secs(24 * 3600 - 1));
    let in_time = create(&app, &ada, "k", room("Room 2")).await;
    app.clock.advance(Duration::from_secs(1));
    let too_late = create(&app, &ada, "k", room("Room 2")).await;
    let again = create(&app, &ada, "k", room("Room 2")).await;

    assert_eq!(in_time.code(), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!((too_late.status, again.status), (201, 201));
    assert_eq!(again.text, too_late.text);
    assert_rooms(&app, &ada, &["Room 1", "Room 2"]).await;
}

#[actix_web::test]
async fn a_key_counts_for_one_user_in_one_organization_on_one_route() {
    let (app, ada) = desk().await;
    let bea = app.sign_up("bea").await;
    let salt_lane =
        app.get("/api/auth/get-session").by(&ada).send().await.body["session"]["activeOrganizationId"]
            .as_str()
            .unwrap()
            .to_owned();
    app.join(&salt_lane, &bea.id, "admin").await;
    let mill_road = app.organization(&bea, "mill-road").await;
    create(&app, &ada, "k", room("Room 1")).await.expect(201);

    let of_bea = app
        .post("/api/v1/rooms")
        .by(&bea)
        .organization(&salt_lane)
        .header("idempotency-key", "k");
    let of_bea = of_bea.json(room("Room 1")).send().await;
    let elsewhere = app
        .post("/api/v1/rooms")
        .by(&bea)
        .organization(&mill_road.id)
        .header("idempotency-key", "k");
    elsewhere.json(room("Room 1")).send().await.expect(201);
    let patient = app
        .post("/api/v1/patients")
        .by(&ada)
        .header("idempotency-key", "k");
    patient
        .json(json!({ "firstName": "Ana", "lastName": "Brandt" }))
        .send()
        .await
        .expect(201);

    assert_eq!(of_bea.code(), "ROOM_NAME_TAKEN");
}

#[actix_web::test]
async fn a_create_that_was_refused_does_not_use_its_key_up() {
    let (app, ada) = desk().await;
    create(&app, &ada, "taken", room("Room 1")).await.expect(201);

    let refused = create(&app, &ada, "k", room("Room 1")).await;
    let broken = create(&app, &ada, "k", room(" ")).await;
    let made = create(&app, &ada, "k", room("Room 2")).await;

    assert_eq!(
        (refused.code(), broken.code()),
        ("ROOM_NAME_TAKEN", "INVALID_FIELD")
    );
    assert_eq!((made.status, made.header("idempotency-replayed")), (201, ""));
}

#[actix_web::test]
async fn who_has_lost_the_right_does_not_get_the_answer_again() {
    let (app, ada) = desk().await;
    let bea = app.sign_up("bea").await;
    let salt_lane = app.get("/api/auth/organization/list").by(&ada).send().await.body[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let member = app.join(&salt_lane, &bea.id, "admin").await;
    let send = || {
        let request = app
            .post("/api/v1/rooms")
            .by(&bea)
            .organization(&salt_lane)
            .header("idempotency-key", "k");
        request.json(room("Room 1")).send()
    };
    send().await.expect(201);
    let demote = json!({ "memberId": member, "role": "member", "organizationId": salt_lane });
    app.post("/api/auth/organization/update-member-role")
        .by(&ada)
        .json(demote)
        .send()
        .await
        .expect(200);

    let again = send().await;

    assert_eq!((again.status, again.code()), (403, "FORBIDDEN"));
}

#[actix_web::test]
async fn what_is_no_key_is_refused() {
    let (app, ada) = desk().await;
    let long = "k".repeat(256);

    for key in ["", "two words", "ключ", long.as_str()] {
        let answer = create(&app, &ada, key, room("Room 1")).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "INVALID_IDEMPOTENCY_KEY"),
            "{key}"
        );
    }
    let twice = app
        .post("/api/v1/rooms")
        .by(&ada)
        .header("idempotency-key", "a")
        .header("idempotency-key", "a");
    let twice = twice.json(room("Room 1")).send().await;
    assert_eq!(twice.code(), "INVALID_IDEMPOTENCY_KEY");
    create(&app, &ada, &"k".repeat(255), room("Room 1"))
        .await
        .expect(201);
}

#[actix_web::test]
async fn the_trace_tells_an_answer_that_was_given_again_from_the_first() {
    let (app, ada) = desk().await;
    let made = create(&app, &ada, "k", room("Room 1")).await.expect(201);
    app.clock.advance(Duration::from_secs(1));
    create(&app, &ada, "k", room("Room 1")).await.expect(201);

    const TRACE: &str =
        "select outcome, resource_id::text from audit_events where action = 'create' order by id";
    let trace: Vec<(String, Option<String>)> = sqlx::query_as(TRACE)
        .fetch_all(&mut app.database.admin().await)
        .await
        .unwrap();

    let id = made.body["id"].as_str().map(str::to_owned);
    assert_eq!(
        trace,
        [("success".to_owned(), id.clone()), ("replayed".to_owned(), id)]
    );
}
