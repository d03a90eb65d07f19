//! What the API says of working hours.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Clinic, Person};

const PATH: &str = "/api/v1/working-hours";
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

    async fn delete(&self, path: &str, tag: &str) -> Answer {
        let request = self.app.delete(path).by(&self.ada).if_match(tag);
        request.json(json!({ "reason": "entered twice" })).send().await
    }

    async fn restore(&self, path: &str, tag: &str) -> Answer {
        let request = self.app.post(&format!("{path}/restore")).by(&self.ada);
        request.if_match(tag).send().await
    }

    async fn list(&self, by: &Person, query: &str) -> Answer {
        let request = self.app.get(&format!("{PATH}?{query}")).by(by);
        request.organization(&self.clinic.id).send().await
    }

    async fn ben_leaves(&self) {
        let body = json!({ "memberIdOrEmail": self.membership });
        let request = self
            .app
            .post("/api/auth/organization/remove-member")
            .by(&self.ada);
        request.json(body).send().await.expect(200);
    }
}

fn of(practitioner: &Person) -> Value {
    json!({
        "practitionerId": practitioner.id,
        "daysOfWeek": ["fri", "mon"],
        "opensAt": "09:00",
        "closesAt": "17:30",
        "timeZone": "europe/berlin",
        "validFrom": "2026-03-02",
    })
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

#[actix_web::test]
async fn working_hours_are_added_read_changed_deleted_and_restored() {
    let desk = Desk::open().await;

    let added = desk.add(of(&desk.ben)).await.expect(201);
    let path = added.header("location").to_owned();
    let read = desk.app.get(&path).by(&desk.ada).send().await.expect(200);
    let changes = json!({ "closesAt": "06:00", "validFrom": null, "validTo": "2028-02-29" });
    let changed = desk.change(&path, "\"1\"", changes).await.expect(200);
    let deleted = desk.delete(&path, "\"2\"").await.expect(204);
    let gone = desk.app.get(&path).by(&desk.ada).send().await;
    let listed = desk.list(&desk.ada, "deleted=true").await.expect(200);
    let restored = desk.restore(&path, deleted.header("etag")).await.expect(200);

    assert_eq!((read.status, &read.body), (200, &added.body));
    assert_eq!(added.body["practitionerId"], json!(desk.ben.id));
    assert_eq!(added.body["practitionerName"], "ben");
    assert_eq!(added.body["daysOfWeek"], json!(["mon", "fri"]));
    assert_eq!(added.body["opensAt"], "09:00");
    assert_eq!(added.body["timeZone"], "Europe/Berlin");
    assert_eq!(added.body["validFrom"], "2026-03-02");
    assert_eq!(added.body["validTo"], json!(null));
    assert_eq!(changed.body["closesAt"], "06:00");
    assert_eq!(changed.body["validFrom"], json!(null));
    assert_eq!(changed.body["validTo"], "2028-02-29");
    assert_eq!(changed.body["opensAt"], "09:00");
    assert_eq!((gone.status, gone.code()), (404, "WORKING_HOURS_NOT_FOUND"));
    assert_eq!(listed.body["items"][0]["deletionReason"], "entered twice");
    assert_eq!(restored.header("etag"), "\"4\"");
}

#[actix_web::test]
async fn a_field_that_is_not_valid_is_named() {
    let desk = Desk::open().await;
    let path = desk
        .add(of(&desk.ben))
        .await
        .expect(201)
        .header("location")
        .to_owned();

    for (field, value, named) in [
        ("daysOfWeek", json!([]), "daysOfWeek"),
        ("daysOfWeek", json!(["mon", "tue", "mon"]), "daysOfWeek"),
        ("daysOfWeek", json!(["mon", "monday"]), "daysOfWeek.1"),
        ("daysOfWeek", json!(["Mon"]), "daysOfWeek.0"),
        ("daysOfWeek", json!([1]), "daysOfWeek.0"),
        ("daysOfWeek", json!("mon"), "daysOfWeek"),
        ("daysOfWeek", json!(null), "daysOfWeek"),
        ("opensAt", json!("24:00"), "opensAt"),
        ("opensAt", json!("9:00"), "opensAt"),
        ("opensAt", json!("09:00:30"), "opensAt"),
        ("opensAt", json!("09:60"), "opensAt"),
        ("opensAt", json!(900), "opensAt"),
        ("opensAt", json!(null), "opensAt"),
        ("closesAt", json!(""), "closesAt"),
        ("closesAt", json!("\u{661}7:30"), "closesAt"),
        ("timeZone", json!("Europe/Atlantis"), "timeZone"),
        ("timeZone", json!(""), "timeZone"),
        ("timeZone", json!("+01:00"), "timeZone"),
        ("timeZone", json!("CET-1CEST"), "timeZone"),
        ("timeZone", json!("localtime"), "timeZone"),
        ("timeZone", json!("posix/Europe/Berlin"), "timeZone"),
        ("timeZone", json!("../../etc/localtime"), "timeZone"),
        ("timeZone", json!("Europe/Berlin\u{0}"), "timeZone"),
        ("timeZone", json!("x".repeat(100_000)), "timeZone"),
        ("validFrom", json!("1969-12-31"), "validFrom"),
        ("validFrom", json!("2200-01-01"), "validFrom"),
        ("validFrom", json!("2026-02-29"), "validFrom"),
        ("validFrom", json!("+12026-01-01"), "validFrom"),
        ("validTo", json!("2026-03-01"), "validTo"),
        ("validTo", json!("2026-03-02T00:00:00Z"), "validTo"),
        ("id", json!(NOBODY), "id"),
        ("practitionerName", json!("Ada"), "practitionerName"),
        ("version", json!(1), "version"),
    ] {
        let created = desk.add(with(of(&desk.ben), field, value.clone())).await;
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
    let stored = desk.list(&desk.ada, "total=true").await.expect(200);
    assert_eq!(
        (&stored.body["total"], &stored.body["items"][0]["version"]),
        (&json!(1), &json!(1))
    );
}

#[actix_web::test]
async fn a_missing_field_is_named_and_all_that_are_broken_at_once() {
    let desk = Desk::open().await;
    for field in ["practitionerId", "daysOfWeek", "opensAt", "closesAt", "timeZone"] {
        let mut body = of(&desk.ben);
        body.as_object_mut().unwrap().remove(field);
        let answer = desk.add(body).await.expect(400);
        assert_eq!(answer.body["errors"][0]["field"], field);
    }

    let mut body = of(&desk.ben);
    body["daysOfWeek"] = json!([]);
    body["timeZone"] = json!("Nowhere");
    body["validTo"] = json!("2026-01-01");
    let answer = desk.add(body).await.expect(400);

    let named = answer.body["errors"].as_array().unwrap().iter();
    let named: Vec<_> = named.map(|error| &error["field"]).collect();
    assert_eq!(named, ["daysOfWeek", "timeZone", "validTo"]);
}

#[actix_web::test]
async fn the_days_on_which_they_are_valid_are_checked_together() {
    let desk = Desk::open().await;
    let path = desk
        .add(of(&desk.ben))
        .await
        .expect(201)
        .header("location")
        .to_owned();

    let before = desk
        .change(&path, "\"1\"", json!({ "validTo": "2026-03-01" }))
        .await;
    let same = desk
        .change(&path, "\"1\"", json!({ "validTo": "2026-03-02" }))
        .await;
    let after = desk
        .change(&path, "\"2\"", json!({ "validFrom": "2026-03-03" }))
        .await;
    let moved = json!({ "validFrom": "2026-04-01", "validTo": "2026-04-30" });
    let both = desk.change(&path, "\"2\"", moved).await;

    assert_eq!(
        (before.status, same.status, after.status, both.status),
        (400, 200, 400, 200)
    );
}

#[actix_web::test]
async fn nobody_is_given_hours_who_is_no_member() {
    let desk = Desk::open().await;
    let bea = desk.app.sign_up("bea").await;
    desk.app.organization(&bea, "mill-road").await;
    let cleo = desk.app.sign_up("cleo").await;
    let left = desk
        .add(of(&desk.ben))
        .await
        .expect(201)
        .header("location")
        .to_owned();
    desk.ben_leaves().await;

    let mut answers = Vec::new();
    for practitioner in [NOBODY, &bea.id, &cleo.id, &desk.ben.id] {
        let mut answer = desk
            .add(with(of(&desk.ben), "practitionerId", json!(practitioner)))
            .await;
        answer.body["requestId"] = json!(null);
        answers.push((answer.status, answer.body));
    }
    let given = desk
        .change(&left, "\"1\"", json!({ "practitionerId": desk.ada.id }))
        .await;

    assert_eq!(answers[0].0, 400);
    assert_eq!(
        answers[0].1["errors"],
        json!([{ "field": "practitionerId", "detail": "names no member" }])
    );
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(
        (given.status, &given.body["errors"][0]["field"]),
        (400, &json!("practitionerId"))
    );
}

#[actix_web::test]
async fn hours_of_somebody_who_left_can_be_changed_deleted_and_restored() {
    let desk = Desk::open().await;
    let path = desk
        .add(of(&desk.ben))
        .await
        .expect(201)
        .header("location")
        .to_owned();
    desk.ben_leaves().await;

    let changed = desk
        .change(&path, "\"1\"", json!({ "validTo": "2026-03-31" }))
        .await;
    let deleted = desk.delete(&path, "\"2\"").await;
    let restored = desk.restore(&path, "\"3\"").await;

    assert_eq!((changed.status, deleted.status, restored.status), (200, 204, 200));
    assert_eq!(restored.body["practitionerName"], "ben");
}

#[actix_web::test]
async fn they_are_listed_by_practitioner_in_the_order_in_which_they_were_made_or_changed() {
    let desk = Desk::open().await;
    let mut paths = Vec::new();
    for (practitioner, opens_at) in [(&desk.ben, "08:00"), (&desk.ada, "09:00"), (&desk.ben, "10:00")] {
        let body = with(of(practitioner), "opensAt", json!(opens_at));
        paths.push(desk.add(body).await.expect(201).header("location").to_owned());
        desk.app.clock.advance(std::time::Duration::from_secs(1));
    }
    desk.change(&paths[0], "\"1\"", json!({ "closesAt": "12:00" }))
        .await
        .expect(200);
    desk.delete(&paths[1], "\"1\"").await.expect(204);
    let opens = async |by, query: &str| -> Vec<Value> {
        let page = desk.list(by, query).await.expect(200);
        let items = page.body["items"].as_array().unwrap().iter();
        items.map(|hours| hours["opensAt"].clone()).collect()
    };

    assert_eq!(opens(&desk.ben, "").await, ["08:00", "10:00"]);
    assert_eq!(opens(&desk.ben, "sort=updatedAt").await, ["10:00", "08:00"]);
    assert_eq!(opens(&desk.ben, "sort=-createdAt").await, ["10:00", "08:00"]);
    assert_eq!(opens(&desk.ada, "deleted=true").await, ["09:00"]);
    let of_ben = format!("practitionerId={}&limit=1", desk.ben.id);
    let first = desk.list(&desk.ada, &of_ben).await.expect(200);
    let cursor = first.body["nextCursor"].as_str().unwrap();
    assert_eq!(
        opens(&desk.ada, &format!("{of_ben}&cursor={cursor}")).await,
        ["10:00"]
    );
    assert_eq!(
        opens(&desk.ada, &format!("practitionerId={}", desk.ada.id)).await,
        [] as [&str; 0]
    );
    assert_eq!(
        opens(&desk.ada, &format!("practitionerId={NOBODY}")).await,
        [] as [&str; 0]
    );
    let sorted = desk.list(&desk.ada, "sort=opensAt").await;
    assert_eq!((sorted.status, sorted.code()), (400, "INVALID_FIELD"));
    let filtered = desk.list(&desk.ada, "practitionerId=ben").await;
    assert_eq!((filtered.status, filtered.code()), (400, "INVALID_QUERY"));
}

#[actix_web::test]
async fn a_member_sees_them_and_changes_none() {
    let desk = Desk::open().await;
    let path = desk
        .add(of(&desk.ben))
        .await
        .expect(201)
        .header("location")
        .to_owned();
    let by_ben = async |request: wardkeep_tests::Request<'_>| {
        let request = request.by(&desk.ben).organization(&desk.clinic.id);
        let request = request.if_match("\"1\"").json(json!({ "reason": "not mine" }));
        request.send().await
    };

    let seen = desk
        .app
        .get(&path)
        .by(&desk.ben)
        .organization(&desk.clinic.id)
        .send()
        .await;
    let deleted = by_ben(desk.app.delete(&path)).await;
    let restored = by_ben(desk.app.post(&format!("{path}/restore"))).await;
    let listed = desk.list(&desk.ben, "deleted=true").await;
    let change = desk
        .app
        .patch(&path)
        .by(&desk.ben)
        .organization(&desk.clinic.id)
        .if_match("\"1\"");
    let changed = change.json(json!({ "closesAt": "12:00" })).send().await;
    let add = desk.app.post(PATH).by(&desk.ben).organization(&desk.clinic.id);
    let added = add.json(of(&desk.ben)).send().await;

    assert_eq!(seen.status, 200);
    for refused in [deleted, restored, listed, changed, added] {
        assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
    }
}

#[actix_web::test]
async fn of_64_changes_to_one_version_one_is_made() {
    let desk = Desk::open().await;
    let path = desk
        .add(of(&desk.ben))
        .await
        .expect(201)
        .header("location")
        .to_owned();

    let change = |minute| {
        desk.change(
            &path,
            "\"1\"",
            json!({ "opensAt": format!("08:{:02}", minute % 60) }),
        )
    };
    let answers = join_all((0..64).map(change)).await;

    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(made.len(), 1);
    let stale = answers
        .iter()
        .filter(|answer| (answer.status, answer.code()) == (412, "STALE_VERSION"));
    assert_eq!(stale.count(), 63);
    let read = desk.app.get(&path).by(&desk.ada).send().await.expect(200);
    assert_eq!(read.body, made[0].body);
}
