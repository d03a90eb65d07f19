//! What the API says of absences. What they share with working hours is tried there.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Clinic, Person};

const PATH: &str = "/api/v1/absences";
const NOBODY: &str = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

/// A clinic with an owner, and with Ben, a member.
struct Desk {
    app: App,
    clinic: Clinic,
    ada: Person,
    ben: Person,
    membership: String,
}

impl Desk {
    async fn open() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        let ben = app.sign_up("ben").await;
        let membership = app.join(&clinic.id, &ben.id, "member").await;
        Self {
            app,
            clinic,
            ada,
            ben,
            membership,
        }
    }

    async fn add(&self, body: Value) -> Answer {
        self.app.post(PATH).by(&self.ada).json(body).send().await
    }

    async fn change(&self, path: &str, tag: &str, body: Value) -> Answer {
        let request = self.app.patch(path).by(&self.ada).if_match(tag);
        request.json(body).send().await
    }

    async fn list(&self, query: &str) -> Answer {
        let request = self.app.get(&format!("{PATH}?{query}")).by(&self.ada);
        request.send().await
    }

    async fn starts(&self, query: &str) -> Vec<Value> {
        let page = self.list(query).await.expect(200);
        let items = page.body["items"].as_array().unwrap().iter();
        items.map(|absence| absence["start"].clone()).collect()
    }
}

fn away(practitioner: &Person, start: &str, end: &str) -> Value {
    json!({ "practitionerId": practitioner.id, "start": start, "end": end })
}

#[actix_web::test]
async fn an_absence_is_added_read_changed_deleted_and_restored() {
    let desk = Desk::open().await;
    let mut body = away(
        &desk.ben,
        "2026-07-06T00:00:00+02:00",
        "2026-07-27T00:00:00.0009+02:00",
    );
    body["reason"] = json!(" holiday ");

    let added = desk.add(body).await.expect(201);
    let path = added.header("location").to_owned();
    let read = desk.app.get(&path).by(&desk.ada).send().await.expect(200);
    let changes = json!({ "end": "2026-07-28T00:00:00+02:00", "reason": null });
    let changed = desk.change(&path, "\"1\"", changes).await.expect(200);
    let delete = desk.app.delete(&path).by(&desk.ada).if_match("\"2\"");
    let deleted = delete
        .json(json!({ "reason": "another Ben" }))
        .send()
        .await
        .expect(204);
    let gone = desk.app.get(&path).by(&desk.ada).send().await;
    let listed = desk.list("deleted=true").await.expect(200);
    let restore = desk.app.post(&format!("{path}/restore")).by(&desk.ada);
    let restored = restore.if_match(deleted.header("etag")).send().await.expect(200);

    assert_eq!(read.body, added.body);
    assert_eq!(added.body["practitionerName"], "ben");
    assert_eq!(added.body["start"], "2026-07-05T22:00:00.000Z");
    assert_eq!(added.body["end"], "2026-07-26T22:00:00.000Z");
    assert_eq!(added.body["reason"], "holiday");
    assert_eq!(changed.body["end"], "2026-07-27T22:00:00.000Z");
    assert_eq!(
        (&changed.body["start"], &changed.body["reason"]),
        (&added.body["start"], &json!(null))
    );
    assert_eq!((gone.status, gone.code()), (404, "ABSENCE_NOT_FOUND"));
    assert_eq!(listed.body["items"][0]["deletionReason"], "another Ben");
    assert_eq!(restored.header("etag"), "\"4\"");
}

#[actix_web::test]
async fn a_field_that_is_not_valid_is_named() {
    let desk = Desk::open().await;
    let body = || away(&desk.ben, "2026-07-06T00:00:00Z", "2026-07-27T00:00:00Z");
    let path = desk.add(body()).await.expect(201).header("location").to_owned();

    for (field, value, named) in [
        ("start", json!("2026-07-27T00:00:00Z"), "end"),
        ("start", json!("2026-07-28T00:00:00Z"), "end"),
        ("start", json!("2025-07-25T23:59:59.999Z"), "end"),
        ("start", json!("1969-12-31T23:59:59Z"), "start"),
        ("start", json!("2026-07-06"), "start"),
        ("start", json!("2026-07-06T00:00:00"), "start"),
        ("start", json!("2026-06-31T00:00:00Z"), "start"),
        ("start", json!(1_783_296_000), "start"),
        ("start", json!(null), "start"),
        ("end", json!("2026-07-06T02:00:00+02:00"), "end"),
        ("end", json!("2026-07-06T00:00:00.0004Z"), "end"),
        ("end", json!("2027-07-07T00:00:00.001Z"), "end"),
        ("end", json!("2200-01-01T00:00:00Z"), "end"),
        ("end", json!("9999-12-31T23:59:59-23:59"), "end"),
        ("end", json!("0000-01-01T00:00:00+23:59"), "end"),
        ("reason", json!(" "), "reason"),
        ("reason", json!("x".repeat(501)), "reason"),
        ("reason", json!("ill\u{7}"), "reason"),
        ("reason", json!("two\nlines"), "reason"),
        ("reason", json!(5), "reason"),
        ("id", json!(NOBODY), "id"),
        ("practitionerName", json!("Ada"), "practitionerName"),
    ] {
        let mut create = body();
        create[field] = value.clone();
        let created = desk.add(create).await;
        let changed = desk.change(&path, "\"1\"", json!({ field: value.clone() })).await;

        for answer in [created, changed] {
            let shown: String = value.to_string().chars().take(40).collect();
            assert_eq!(
                (answer.status, answer.code()),
                (400, "INVALID_FIELD"),
                "{field} {shown}"
            );
            assert_eq!(answer.body["errors"][0]["field"], named, "{field} {shown}");
        }
    }
    let moved = desk
        .change(&path, "\"1\"", json!({ "practitionerId": desk.ada.id }))
        .await;
    assert_eq!(
        (moved.status, &moved.body["errors"][0]["field"]),
        (400, &json!("practitionerId"))
    );
    assert_eq!(desk.list("total=true").await.body["total"], 1);
}

#[actix_web::test]
async fn a_leap_year_is_not_too_long() {
    let desk = Desk::open().await;

    let year = away(
        &desk.ben,
        "2028-01-01T00:00:00+01:00",
        "2029-01-01T00:00:00+01:00",
    );

    desk.add(year).await.expect(201);
}

#[actix_web::test]
async fn nobody_is_away_who_is_no_member() {
    let desk = Desk::open().await;
    let bea = desk.app.sign_up("bea").await;
    desk.app.organization(&bea, "mill-road").await;
    let left = away(&desk.ben, "2026-07-06T00:00:00Z", "2026-07-27T00:00:00Z");
    let path = desk
        .add(left.clone())
        .await
        .expect(201)
        .header("location")
        .to_owned();
    let remove = desk
        .app
        .post("/api/auth/organization/remove-member")
        .by(&desk.ada);
    let remove = remove.json(json!({ "memberIdOrEmail": desk.membership }));
    remove.send().await.expect(200);

    let mut answers = Vec::new();
    for practitioner in [NOBODY, &bea.id, &desk.ben.id] {
        let mut body = left.clone();
        body["practitionerId"] = json!(practitioner);
        let mut answer = desk.add(body).await;
        answer.body["requestId"] = json!(null);
        answers.push((answer.status, answer.body));
    }
    let changed = desk
        .change(&path, "\"1\"", json!({ "end": "2026-07-20T00:00:00Z" }))
        .await;
    let delete = desk.app.delete(&path).by(&desk.ada).if_match("\"2\"");
    let deleted = delete.json(json!({ "reason": "has left" })).send().await;
    let restore = desk.app.post(&format!("{path}/restore")).by(&desk.ada);
    let restored = restore.if_match("\"3\"").send().await;

    assert_eq!(
        answers[0].1["errors"],
        json!([{ "field": "practitionerId", "detail": "names no member" }])
    );
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!((changed.status, deleted.status, restored.status), (200, 204, 200));
}

#[actix_web::test]
async fn they_are_listed_by_practitioner_and_time() {
    let desk = Desk::open().await;
    let days = |month: u8, from: u8, to: u8| {
        let day = |day| format!("2026-{month:02}-{day:02}T00:00:00Z");
        (day(from), day(to))
    };
    for (who, (start, end)) in [
        (&desk.ben, days(5, 1, 3)),
        (&desk.ada, days(4, 1, 30)),
        (&desk.ben, days(3, 10, 20)),
    ] {
        desk.add(away(who, &start, &end)).await.expect(201);
        desk.app.clock.advance(std::time::Duration::from_secs(1));
    }
    let (march, april, may) = (
        "2026-03-10T00:00:00.000Z",
        "2026-04-01T00:00:00.000Z",
        "2026-05-01T00:00:00.000Z",
    );

    assert_eq!(desk.starts("").await, [march, april, may]);
    assert_eq!(desk.starts("sort=-start").await, [may, april, march]);
    assert_eq!(desk.starts("sort=updatedAt").await, [may, april, march]);
    assert_eq!(
        desk.starts(&format!("practitionerId={}", desk.ben.id)).await,
        [march, may]
    );
    // What ends as the time begins, or begins as it ends, is outside.
    assert_eq!(
        desk.starts("from=2026-03-20T00:00:00Z&to=2026-05-01T00:00:00Z")
            .await,
        [april]
    );
    assert_eq!(
        desk.starts("from=2026-03-19T23:59:59Z&to=2026-04-01T00:00:01Z")
            .await,
        [march, april]
    );
    assert_eq!(
        desk.starts("from=2026-04-29T23:00:00%2B00:00").await,
        [april, may]
    );
    let first = desk.list("limit=1&to=2026-05-01T00:00:00Z").await.expect(200);
    let cursor = first.body["nextCursor"].as_str().unwrap();
    assert_eq!(
        desk.starts(&format!("to=2026-05-01T00:00:00Z&cursor={cursor}"))
            .await,
        [april]
    );
    for (query, code) in [
        ("from=yesterday", "INVALID_QUERY"),
        ("from=2026-03-02", "INVALID_QUERY"),
        ("from=1900-01-01T00:00:00Z", "INVALID_FIELD"),
        ("to=2200-01-01T00:00:00Z", "INVALID_FIELD"),
        ("sort=end", "INVALID_FIELD"),
        (
            &format!("to=2026-05-02T00:00:00Z&cursor={cursor}"),
            "INVALID_CURSOR",
        ),
    ] {
        let answer = desk.list(query).await;
        assert_eq!((answer.status, answer.code()), (400, code), "{query}");
    }
}

#[actix_web::test]
async fn a_member_sees_them_and_adds_none() {
    let desk = Desk::open().await;
    let body = away(&desk.ben, "2026-07-06T00:00:00Z", "2026-07-27T00:00:00Z");
    let path = desk
        .add(body.clone())
        .await
        .expect(201)
        .header("location")
        .to_owned();

    let seen = desk
        .app
        .get(&path)
        .by(&desk.ben)
        .organization(&desk.clinic.id)
        .send()
        .await;
    let add = desk.app.post(PATH).by(&desk.ben).organization(&desk.clinic.id);
    let added = add.json(body).send().await;

    assert_eq!(seen.status, 200);
    assert_eq!((added.status, added.code()), (403, "FORBIDDEN"));
}

#[actix_web::test]
async fn of_64_changes_to_one_version_one_is_made() {
    let desk = Desk::open().await;
    let body = away(&desk.ben, "2026-07-06T00:00:00Z", "2026-07-27T00:00:00Z");
    let path = desk.add(body).await.expect(201).header("location").to_owned();

    let change = |number| desk.change(&path, "\"1\"", json!({ "reason": format!("reason {number}") }));
    let answers = join_all((0..64).map(change)).await;

    let made = answers.iter().filter(|answer| answer.status == 200).count();
    let stale = answers
        .iter()
        .filter(|answer| answer.code() == "STALE_VERSION")
        .count();
    assert_eq!((made, stale), (1, 63));
}
