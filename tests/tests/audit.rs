//! Who saw, searched, changed or was refused what, as those who may see it are told.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Clinic, Patient, Person};

const EVENTS: &str = "/api/v1/audit-events";
const NOBODY: &str = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

/// Salt Lane, where Ada is an owner and Ben a member, and Ana a patient.
struct World {
    app: App,
    ada: Person,
    ben: Person,
    clinic: Clinic,
    ana: Patient,
}

impl World {
    async fn new() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        let ben = app.sign_up("ben").await;
        app.join(&clinic.id, &ben.id, "member").await;
        let ana = app.patient(&ada).create().await;
        Self {
            app,
            ada,
            ben,
            clinic,
            ana,
        }
    }

    async fn get(&self, by: &Person, path: &str) -> Answer {
        let request = self.app.get(path).by(by).organization(&self.clinic.id);
        let answer = request.send().await;
        self.app.clock.advance(Duration::from_secs(60));
        answer
    }

    /// What Ada is shown for a query, the newest first: who did what with which kind of record.
    async fn found(&self, query: &str) -> Vec<String> {
        let answer = self
            .get(&self.ada, &format!("{EVENTS}?{query}"))
            .await
            .expect(200);
        told(&answer)
    }
}

fn told(answer: &Answer) -> Vec<String> {
    let items = answer.body["items"].as_array().expect("a page has items");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items
        .iter()
        .map(|item| {
            [
                &item["user"]["name"],
                &item["action"],
                &item["resource"],
                &item["outcome"],
            ]
            .map(text)
            .join(" ")
        })
        .collect()
}

#[actix_web::test]
async fn an_event_says_who_did_what_from_where_and_when() {
    let world = World::new().await;
    let World { app, ada, ana, .. } = &world;
    app.clock.advance(Duration::from_secs(90));
    let change = app
        .patch(&ana.path())
        .by(ada)
        .if_match(&ana.etag)
        .from("192.0.2.7:40312");
    let change = change.header("x-request-id", "at-the-desk");
    let change = change.json(json!({ "phone": "+49 30 901820" }));
    change.send().await.expect(200);

    let answer = app
        .get(&format!("{EVENTS}?action=update&total=true"))
        .by(ada)
        .send()
        .await
        .expect(200);

    let mut event = answer.body["items"][0].clone();
    assert!(event["id"].is_string());
    event["id"] = Value::Null;
    assert_eq!(
        event,
        json!({
            "id": null,
            "recordedAt": "2026-03-02T09:01:30.000Z",
            "user": { "id": ada.id, "name": "ada" },
            "action": "update",
            "resource": "patient",
            "resourceId": ana.id,
            "patientId": ana.id,
            "address": "192.0.2.7",
            "requestId": "at-the-desk",
            "outcome": "success",
            "code": null,
            "changes": { "phone": { "from": null, "to": "+49 30 901820" } },
            "query": null,
        })
    );
    assert_eq!(answer.body["total"], 1);
    assert_eq!(answer.body["nextCursor"], Value::Null);
}

#[actix_web::test]
async fn events_are_found_by_whom_they_are_about_who_did_it_what_and_when() {
    let world = World::new().await;
    let World {
        app, ada, ben, ana, ..
    } = &world;
    app.clock.advance(Duration::from_secs(60));
    world.get(ben, &ana.path()).await.expect(200);
    world.get(ben, "/api/v1/rooms").await.expect(200);
    world.get(ben, EVENTS).await.expect(403);
    let eva = app.patient(ada).name("Eva", "Dahl").create().await;

    for (query, expected) in [
        (
            format!("patientId={}", ana.id),
            &["ben read patient success", "ada create patient success"][..],
        ),
        (
            format!("userId={}", ben.id),
            &[
                "ben search audit refused",
                "ben search room success",
                "ben read patient success",
            ],
        ),
        ("resource=room".to_owned(), &["ben search room success"]),
        ("action=read".to_owned(), &["ben read patient success"]),
        ("outcome=refused".to_owned(), &["ben search audit refused"]),
        ("outcome=replayed".to_owned(), &[]),
        (
            "action=create&sort=recordedAt".to_owned(),
            &["ada create patient success", "ada create patient success"],
        ),
        // From an instant on, and before another.
        (
            "from=2026-03-02T09:01:00Z&to=2026-03-02T09:03:00Z".to_owned(),
            &["ben search room success", "ben read patient success"],
        ),
        (
            "from=2026-03-02T10:01:00.001%2B01:00&to=2026-03-02T09:02:00.001Z".to_owned(),
            &["ben search room success"],
        ),
        (
            format!(
                "patientId={}&userId={}&resource=patient&action=create&outcome=success",
                eva.id, ada.id
            ),
            &["ada create patient success"],
        ),
        (format!("patientId={NOBODY}"), &[]),
        (format!("userId={NOBODY}"), &[]),
    ] {
        assert_eq!(world.found(&query).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn the_newest_come_first_a_page_at_a_time() {
    let world = World::new().await;
    for _ in 0..4 {
        world.get(&world.ben, &world.ana.path()).await.expect(200);
    }
    let (mut pages, mut cursor) = (Vec::new(), String::new());

    for _ in 0..3 {
        let path = format!("{EVENTS}?resource=patient&limit=2&total=true{cursor}");
        let page = world.get(&world.ada, &path).await.expect(200);
        assert_eq!(page.body["total"], 5);
        pages.extend(page.body["items"].as_array().unwrap().clone());
        cursor = format!("&cursor={}", page.body["nextCursor"].as_str().unwrap_or_default());
    }

    let times: Vec<_> = pages
        .iter()
        .map(|event| event["recordedAt"].as_str().unwrap())
        .collect();
    assert_eq!(times.len(), 5);
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    let elsewhere = world.get(&world.ada, &format!("{EVENTS}?{}", &cursor[1..])).await;
    assert_eq!((elsewhere.status, elsewhere.code()), (400, "INVALID_CURSOR"));
}

#[actix_web::test]
async fn a_patients_page_shows_who_opened_the_file() {
    let world = World::new().await;
    let World {
        app, ada, ben, ana, ..
    } = &world;
    let eva = app.patient(ada).name("Eva", "Dahl").create().await;
    world.get(ben, &ana.path()).await.expect(200);
    world.get(ben, &eva.path()).await.expect(200);
    let booked = app.appointment(ada, ana).create().await;
    world.get(ben, &booked.path).await.expect(200);
    let refused = app.delete(&ana.path()).by(ben).organization(&world.clinic.id);
    let refused = refused.if_match(&ana.etag).json(json!({ "reason": "mine" }));
    refused.send().await.expect(403);
    let page = format!("{}/audit-events", ana.path());

    let first = world.get(ada, &page).await.expect(200);
    let second = world
        .get(ada, &format!("{page}?userId={}&action=read&total=true", ben.id))
        .await;

    let opened = [
        "ben delete patient refused",
        "ben read appointment success",
        "ada create appointment success",
        "ben read patient success",
        "ada create patient success",
    ];
    let mut shown = told(&first);
    shown.sort_unstable();
    let mut expected = opened.map(str::to_owned);
    expected.sort_unstable();
    assert_eq!(shown, expected);
    assert_eq!(second.body["total"], 2, "{}", second.text);
}

#[actix_web::test]
async fn who_looks_at_the_audit_is_in_it() {
    let world = World::new().await;
    let World { ada, ana, .. } = &world;
    let page = format!("{}/audit-events?action=read", ana.path());

    world.get(ada, &page).await.expect(200);
    world
        .get(ada, &format!("{EVENTS}?outcome=refused"))
        .await
        .expect(200);

    let seen = world
        .get(ada, &format!("{EVENTS}?resource=audit&sort=recordedAt"))
        .await;
    let items = seen.expect(200).body["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(2), "{items}");
    for (item, (patient, query)) in items.as_array().unwrap().iter().zip([
        (json!(ana.id), json!({ "action": "read", "patientId": ana.id })),
        (Value::Null, json!({ "outcome": "refused" })),
    ]) {
        assert_eq!(item["patientId"], patient);
        let asked = item["query"].as_object().unwrap().iter();
        let asked: Value = asked
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into();
        assert_eq!(asked, query);
    }
}

#[actix_web::test]
async fn the_file_of_a_deleted_patient_still_says_who_opened_it() {
    let world = World::new().await;
    let World {
        app, ada, ben, ana, ..
    } = &world;
    world.get(ben, &ana.path()).await.expect(200);
    let reason = json!({ "reason": "entered twice" });
    let deletion = app.delete(&ana.path()).by(ada).if_match(&ana.etag).json(reason);
    deletion.send().await.expect(204);

    let gone = world
        .get(ada, &format!("{}/audit-events", ana.path()))
        .await
        .expect(200);
    let nobodys = format!("/api/v1/patients/{NOBODY}/audit-events");
    let nobodys = world.get(ada, &nobodys).await;
    let no_id = world.get(ada, "/api/v1/patients/ana/audit-events").await;

    assert_eq!(told(&gone)[0], "ada delete patient success");
    for never in [nobodys, no_id] {
        assert_eq!((never.status, never.code()), (404, "PATIENT_NOT_FOUND"));
    }
}

#[actix_web::test]
async fn only_who_may_see_the_audit_sees_it() {
    let world = World::new().await;
    let of_patient = format!("{}/audit-events", world.ana.path());
    let of_nobody = format!("/api/v1/patients/{NOBODY}/audit-events");

    for path in [EVENTS, &of_patient, &of_nobody] {
        let refused = world.get(&world.ben, path).await;
        assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"), "{path}");
    }
    for method in ["POST", "PATCH", "PUT", "DELETE"] {
        let request = world.app.request(method.parse().unwrap(), EVENTS).by(&world.ada);
        let refused = request.json(json!({})).send().await;
        assert_eq!(
            (refused.status, refused.code()),
            (405, "METHOD_NOT_ALLOWED"),
            "{method}"
        );
    }
}

#[actix_web::test]
async fn what_cannot_be_asked_is_refused() {
    let world = World::new().await;

    for (query, field) in [
        ("resource=invoice", "resource"),
        ("action=wink", "action"),
        ("outcome=maybe", "outcome"),
        ("outcome=", "outcome"),
        ("from=2026-03-02T09:00:00Z&to=2026-03-02T09:00:00Z", "to"),
        ("from=2026-03-02T09:00:00Z&to=2026-03-02T09:59:00%2B01:00", "to"),
        ("from=1969-12-31T23:59:59Z", "from"),
        ("to=2200-01-01T00:00:00Z", "to"),
        // In UTC it is a year later, of which there is none.
        ("to=9999-12-31T23:59:59-23:59", "to"),
        ("from=0000-01-01T00:00:00%2B23:59", "from"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("sort=user", "sort"),
        ("sort=", "sort"),
    ] {
        let answer = world.get(&world.ada, &format!("{EVENTS}?{query}")).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_FIELD"), "{query}");
        assert_eq!(answer.body["errors"][0]["field"], field, "{query}");
    }
    for query in [
        "from=yesterday",
        "to=2026-03-02",
        "patientId=ana",
        "userId=1",
        "limit=many",
        "total=maybe",
        "user=ben",
    ] {
        let answer = world.get(&world.ada, &format!("{EVENTS}?{query}")).await;
        assert_eq!((answer.status, answer.code()), (400, "INVALID_QUERY"), "{query}");
    }
    let other = format!("{}/audit-events?patientId={NOBODY}", world.ana.path());
    let answer = world.get(&world.ada, &other).await;
    assert_eq!((answer.status, answer.code()), (400, "INVALID_QUERY"));
}

#[actix_web::test]
async fn a_name_is_the_one_that_they_had() {
    let world = World::new().await;
    let World {
        app,
        ada,
        ben,
        ana,
        clinic,
    } = &world;
    world.get(ben, &ana.path()).await.expect(200);

    let rename = app
        .post("/api/auth/update-user")
        .by(ben)
        .json(json!({ "name": "Benedikt" }));
    rename.send().await.expect(200);
    world.get(ben, &ana.path()).await.expect(200);
    let mut admin = app.database.admin().await;
    sqlx::query(r#"delete from "user" where id = $1::text::uuid"#)
        .bind(&ben.id)
        .execute(&mut admin)
        .await
        .unwrap();

    let seen = app
        .get(&format!("{EVENTS}?userId={}", ben.id))
        .by(ada)
        .organization(&clinic.id);
    assert_eq!(
        told(&seen.send().await.expect(200)),
        ["Benedikt read patient success", "ben read patient success"]
    );
}
