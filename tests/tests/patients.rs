//! What the API says of patients, whole answers included.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::{join_all, join3};
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Person};

/// The last names on a page.
fn names(answer: &Answer) -> Vec<&str> {
    let patients = answer.body["items"].as_array().expect("a page has items");
    patients
        .iter()
        .map(|patient| patient["lastName"].as_str().unwrap())
        .collect()
}

async fn list(app: &App, person: &Person, query: &str) -> Answer {
    app.get(&format!("/api/v1/patients{query}"))
        .by(person)
        .send()
        .await
}

#[actix_web::test]
async fn a_patient_is_recorded_read_changed_and_deleted() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let body = json!({
        "namePrefix": "Dr.",
        "firstName": " Ana ",
        "middleName": "Lucía",
        "lastName": "Brandt",
        "nameSuffix": "M.A.",
        "preferredName": "Anni",
        "birthName": "Ortiz",
        "medicalRecordNumber": "2026-00417",
        "identifiers": [{ "system": "http://fhir.de/sid/gkv/kvid-10", "value": "A123456780" }],
        "dateOfBirth": "1984-11-23",
        "gender": "female",
        "phone": "+49 30 901820",
        "otherPhones": [{ "use": "work", "number": "030 901821" }],
        "email": "ana.brandt@example.org",
        "address": { "lines": ["Salzgasse 4"], "city": "Berlin", "postalCode": "10115", "country": "DE" },
        "language": "DE-de",
        "contacts": [{ "relationship": "mother", "name": "Lucía Ortiz", "phone": "+49 170 5550142" }],
        "medicalHistory": {
            "conditions": [{ "text": "asthma", "code": "195967001", "system": "http://snomed.info/sct", "since": "2019-05" }],
            "allergies": [{ "text": "penicillin", "note": "rash" }],
            "notes": "afraid of needles",
        },
    });

    let recorded = app.post("/api/v1/patients").by(&ada).json(body).send().await;
    let path = recorded.header("location").to_owned();
    let read = app.get(&path).by(&ada).send().await;
    app.clock.advance(Duration::from_secs(3600));
    let change = json!({
        "lastName": "Brandt-Ode",
        "email": null,
        "address": null,
        "contacts": [],
        "active": false,
        "deceasedOn": "2026-03-01",
        "medicalHistory": null,
    });
    let changed = app
        .patch(&path)
        .by(&ada)
        .if_match("\"1\"")
        .json(change)
        .send()
        .await;
    let listed = list(&app, &ada, "?total=true").await;
    let deleted = app
        .delete(&path)
        .json(json!({ "reason": "entered twice" }))
        .by(&ada)
        .if_match("\"2\"")
        .send()
        .await;
    let gone = app.get(&path).by(&ada).send().await;

    assert_json_snapshot!("recorded", recorded.shown());
    assert_eq!(read.body, recorded.body);
    assert_eq!(read.header("etag"), "\"1\"");
    assert_json_snapshot!("changed", changed.shown());
    assert_json_snapshot!("listed", listed.shown());
    assert_json_snapshot!("deleted", deleted.shown());
    assert_json_snapshot!("gone", gone.shown());
}

#[actix_web::test]
async fn a_patient_needs_no_more_than_a_name() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;

    let ana = app.patient(&ada).create().await;

    for field in [
        "email",
        "phone",
        "dateOfBirth",
        "gender",
        "address",
        "deceasedOn",
        "medicalHistory",
    ] {
        assert_eq!(ana.body[field], Value::Null, "{field}");
    }
    for field in ["identifiers", "otherPhones", "contacts"] {
        assert_eq!(ana.body[field], json!([]), "{field}");
    }
    assert_eq!(
        (&ana.body["active"], &ana.body["deceased"]),
        (&json!(true), &json!(false))
    );
}

#[actix_web::test]
async fn a_stale_etag_changes_nothing() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    let change = |phone: &str| {
        app.patch(&ana.path())
            .by(&ada)
            .if_match(&ana.etag)
            .json(json!({ "phone": phone }))
    };

    let first = change("1").send().await.expect(200);
    let second = change("2").send().await;
    let deletion = app
        .delete(&ana.path())
        .json(json!({ "reason": "entered twice" }))
        .by(&ada)
        .if_match(&ana.etag)
        .send()
        .await;

    assert_json_snapshot!("stale", second.shown());
    assert_eq!((deletion.status, deletion.code()), (412, "STALE_VERSION"));
    let now = app.get(&ana.path()).by(&ada).send().await.expect(200);
    assert_eq!(now.body, first.body);
}

#[actix_web::test]
async fn of_64_changes_to_one_version_one_is_made() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    let change = |phone: usize| {
        let change = json!({ "phone": phone.to_string() });
        app.patch(&ana.path())
            .by(&ada)
            .if_match(&ana.etag)
            .json(change)
            .send()
    };

    let answers = join_all((0..64).map(change)).await;

    let (made, stale): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(made.len(), 1);
    assert!(
        stale
            .iter()
            .all(|answer| (answer.status, answer.code()) == (412, "STALE_VERSION"))
    );
    let now = app.get(&ana.path()).by(&ada).send().await.expect(200);
    assert_eq!(now.body, made[0].body);
    assert_eq!(now.header("etag"), "\"2\"");
}

#[actix_web::test]
async fn a_search_finds_the_beginning_of_any_word() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    for (first_name, last_name) in [
        ("Ana", "Brandt"),
        ("Zoë", "Ångström"),
        ("Łukasz", "Nowak"),
        ("Mary Ann", "O'Neill-Brand"),
    ] {
        app.patient(&ada).name(first_name, last_name).create().await;
    }

    for (search, found) in [
        ("bra", vec!["Brandt", "O'Neill-Brand"]),
        ("BRAND", vec!["Brandt", "O'Neill-Brand"]),
        ("brandt", vec!["Brandt"]),
        ("an", vec!["Brandt", "O'Neill-Brand", "Ångström"]),
        ("an bra", vec!["Brandt", "O'Neill-Brand"]),
        ("bra mary", vec!["O'Neill-Brand"]),
        ("zoe%20angstrom", vec!["Ångström"]),
        ("ZO%C3%8B", vec!["Ångström"]),
        ("lukasz", vec!["Nowak"]),
        ("neill", vec!["O'Neill-Brand"]),
        ("randt", vec![]),
        ("%25", vec!["Brandt", "Nowak", "O'Neill-Brand", "Ångström"]),
        ("b_andt", vec![]),
        ("", vec!["Brandt", "Nowak", "O'Neill-Brand", "Ångström"]),
    ] {
        let query = format!("?total=true&search={}", search.replace(' ', "%20"));
        let answer = list(&app, &ada, &query).await.expect(200);
        assert_eq!(names(&answer), found, "{search}");
        assert_eq!(answer.body["total"], found.len(), "{search}");
    }
}

#[actix_web::test]
async fn a_renamed_patient_is_found_by_the_new_name_alone() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).name("Ana", "Brandt").create().await;
    let rename = json!({ "lastName": "Okonkwo" });

    app.patch(&ana.path())
        .by(&ada)
        .if_match(&ana.etag)
        .json(rename)
        .send()
        .await
        .expect(200);

    assert_eq!(names(&list(&app, &ada, "?search=brandt").await), [] as [&str; 0]);
    assert_eq!(names(&list(&app, &ada, "?search=oko").await), ["Okonkwo"]);
    assert_eq!(names(&list(&app, &ada, "?search=ana").await), ["Okonkwo"]);
}

#[actix_web::test]
async fn a_deleted_patient_is_absent_but_kept() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;

    app.delete(&ana.path())
        .json(json!({ "reason": "entered twice" }))
        .by(&ada)
        .if_match(&ana.etag)
        .send()
        .await
        .expect(204);

    for request in [
        app.get(&ana.path()),
        app.patch(&ana.path()).json(json!({})),
        app.delete(&ana.path()).json(json!({ "reason": "entered twice" })),
    ] {
        let answer = request.by(&ada).if_match("\"2\"").send().await;
        assert_eq!((answer.status, answer.code()), (404, "PATIENT_NOT_FOUND"));
    }
    let listed = list(&app, &ada, "?search=ana&total=true").await.expect(200);
    assert_eq!((names(&listed).len(), &listed.body["total"]), (0, &json!(0)));
    let mut admin = app.database.admin().await;
    let kept: (i64, i64) = sqlx::query_as(
        "select (select count(*) from patients where deleted_at is not null), (select count(*) from patient_words)",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!(kept, (1, 0));
}

#[actix_web::test]
async fn paging_shows_everybody_once_while_others_are_recorded() {
    for search in ["", "&search=an"] {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        app.organization(&ada, "salt-lane").await;
        // Many share a name, so that the position between two of them hangs on the id.
        let mut there = Vec::new();
        for number in 0..40 {
            let last_name = ["Éluard", "Costa", "Brandt", "Dahl"][number % 4];
            let patient = app.patient(&ada).name("Ana", last_name).create().await;
            there.push((last_name, patient.id));
        }
        // Those that change lie elsewhere in the table than those that do not.
        for (_, id) in there.iter().step_by(3) {
            let change = app.patch(&format!("/api/v1/patients/{id}")).by(&ada);
            let change = change.if_match("\"1\"").json(json!({ "phone": "1" }));
            change.send().await.expect(200);
        }

        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = list(&app, &ada, &format!("?limit=7{search}{cursor}"))
                .await
                .expect(200);
            seen.extend(ids(&page));
            let Some(next) = page.body["nextCursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
            // Before, at and after the position.
            for last_name in ["Abel", "Brandt", "Costa", "Zorn"] {
                app.patient(&ada).name("Ana", last_name).create().await;
            }
        }

        let different: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(different.len(), seen.len(), "somebody was listed twice");
        there.sort();
        let there: Vec<&String> = there.iter().map(|(_, id)| id).collect();
        let seen: Vec<&String> = seen.iter().filter(|id| there.contains(id)).collect();
        assert_eq!(seen, there, "{search}");
    }
}

#[actix_web::test]
async fn a_page_that_ends_exactly_is_the_last() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    for last_name in ["Brandt", "Costa", "Dahl"] {
        app.patient(&ada).name("Ana", last_name).create().await;
    }

    let whole = list(&app, &ada, "?limit=3").await.expect(200);
    let half = list(&app, &ada, "?limit=2&total=true").await.expect(200);

    assert_eq!(
        (names(&whole).len(), &whole.body["nextCursor"]),
        (3, &Value::Null)
    );
    assert!(whole.body.get("total").is_none());
    assert_eq!((names(&half).len(), &half.body["total"]), (2, &json!(3)));
    let rest = format!("?limit=2&cursor={}", half.body["nextCursor"].as_str().unwrap());
    assert_eq!(names(&list(&app, &ada, &rest).await), ["Dahl"]);
}

#[actix_web::test]
async fn a_member_may_not_delete() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let salt_lane = app.organization(&ada, "salt-lane").await;
    let ben = app.sign_up("ben").await;
    app.join(&salt_lane.id, &ben.id, "member").await;
    let ana = app.patient(&ada).create().await;
    app.post("/api/auth/organization/set-active")
        .by(&ben)
        .json(json!({ "organizationId": salt_lane.id }))
        .send()
        .await
        .expect(200);

    app.get(&ana.path()).by(&ben).send().await.expect(200);
    let change = app
        .patch(&ana.path())
        .by(&ben)
        .if_match("\"1\"")
        .json(json!({ "phone": "1" }));
    change.send().await.expect(200);
    let deleted = app
        .delete(&ana.path())
        .json(json!({ "reason": "entered twice" }))
        .by(&ben)
        .if_match("\"2\"")
        .send()
        .await;

    assert_eq!((deleted.status, deleted.code()), (403, "FORBIDDEN"));
}

fn ids(answer: &Answer) -> Vec<String> {
    let patients = answer.body["items"].as_array().expect("a page has items");
    patients
        .iter()
        .map(|patient| patient["id"].as_str().unwrap().to_owned())
        .collect()
}

/// What a clinic has stored, but for the traces of refusals.
async fn stored(app: &App) -> Vec<i64> {
    let mut admin = app.database.admin().await;
    let mut counts = Vec::new();
    for table in [
        "select count(*) from patients",
        "select count(*) from patient_words",
        "select count(*) from patient_phones",
        "select count(*) from patient_identifiers",
        "select count(*) from idempotency_keys",
        "select count(*) from audit_events where outcome <> 'refused'",
        "select coalesce(max(version), 0)::bigint from patients",
    ] {
        counts.push(sqlx::query_scalar(table).fetch_one(&mut admin).await.unwrap());
    }
    counts
}

async fn create(app: &App, by: &Person, query: &str, body: &Value) -> Answer {
    let request = app.post(&format!("/api/v1/patients{query}")).by(by);
    request.json(body.clone()).send().await
}

#[actix_web::test]
async fn the_same_person_is_recorded_twice_on_demand_only() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = json!({
        "firstName": "Ana",
        "lastName": "Brandt",
        "dateOfBirth": "1984-11-23",
        "phone": "030 901820",
        "medicalRecordNumber": "2026-00417",
    });
    create(&app, &ada, "", &ana).await.expect(201);
    let mut again = ana.clone();
    again["phone"] = json!("+49 30 901820");
    again["medicalRecordNumber"] = Value::Null;
    let by_key = |query: &'static str| {
        let request = app.post(&format!("/api/v1/patients{query}")).by(&ada);
        request.header("idempotency-key", "k").json(again.clone()).send()
    };

    let warned = by_key("").await;
    let before = stored(&app).await;
    let still_warned = by_key("?allowDuplicate=false").await;
    let after = stored(&app).await;
    app.clock.advance(Duration::from_secs(1));
    let recorded = by_key("?allowDuplicate=true").await.expect(201);
    let replayed = by_key("?allowDuplicate=true").await.expect(201);
    let taken = create(&app, &ada, "?allowDuplicate=true", &ana).await;

    assert_json_snapshot!("warned", warned.shown());
    assert_eq!(still_warned.code(), "LIKELY_DUPLICATE");
    assert_eq!(before, after);
    assert_eq!(replayed.text, recorded.text);
    assert_eq!((taken.status, taken.code()), (409, "MEDICAL_RECORD_NUMBER_TAKEN"));
    let all = list(&app, &ada, "?phone=901820&total=true&sort=-createdAt").await;
    assert_eq!(all.body["total"], 2);
    assert_eq!(all.body["items"][0]["id"], recorded.body["id"]);
}

#[actix_web::test]
async fn of_64_creates_of_one_key_one_patient_is_made_and_all_have_its_answer() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let body = json!({ "firstName": "Ana", "lastName": "Brandt", "dateOfBirth": "1984-11-23", "phone": "030 901820" });
    let request = |_| {
        let request = app.post("/api/v1/patients").by(&ada);
        request.header("idempotency-key", "k").json(body.clone()).send()
    };

    let answers = join_all((0..64).map(request)).await;

    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
    }
    assert_eq!(stored(&app).await[..3], [1, 2, 1]);
}

#[actix_web::test]
async fn of_64_creates_of_one_medical_record_number_one_is_made() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let request = |number: usize| {
        let body =
            json!({ "firstName": format!("Ana {number}"), "lastName": "Brandt", "medicalRecordNumber": "1" });
        app.post("/api/v1/patients").by(&ada).json(body).send()
    };

    let answers = join_all((0..64).map(request)).await;

    let (made, taken): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(made.len(), 1);
    for answer in taken {
        assert_eq!(
            (answer.status, answer.code()),
            (409, "MEDICAL_RECORD_NUMBER_TAKEN")
        );
    }
    assert_eq!(stored(&app).await[0], 1);
}

#[actix_web::test]
async fn a_patient_with_an_appointment_that_is_not_over_is_not_deleted() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    let appointment = json!({
        "patientId": ana.id,
        "practitionerId": ada.id,
        "start": "2026-03-03T09:00:00Z",
        "end": "2026-03-03T09:30:00Z",
        "timeZone": "Europe/Berlin",
    });
    let booked = app.post("/api/v1/appointments").by(&ada).json(appointment);
    let booked = booked.send().await.expect(201);
    let delete = || {
        let request = app.delete(&ana.path()).by(&ada).if_match(&ana.etag);
        request.json(json!({ "reason": "entered twice" })).send()
    };

    let refused = delete().await;
    let cancel = json!({ "status": "cancelled", "cancellationReason": "moved away" });
    let cancel = app
        .patch(booked.header("location"))
        .by(&ada)
        .if_match("\"1\"")
        .json(cancel);
    cancel.send().await.expect(200);

    assert_eq!(
        (refused.status, refused.code()),
        (409, "PATIENT_HAS_APPOINTMENTS")
    );
    delete().await.expect(204);
}

/// Whoever comes first: there is never an appointment that waits for somebody who is deleted.
#[actix_web::test]
async fn a_patient_who_is_deleted_and_booked_at_once_is_one_of_the_two() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    for round in 0..wardkeep_testkit::race_rounds() {
        let ana = app.patient(&ada).create().await;
        let book = |hour: usize| {
            let day = 1 + round % 28;
            let appointment = json!({
                "patientId": ana.id,
                "practitionerId": ada.id,
                "start": format!("{}-03-{day:02}T{hour:02}:00:00Z", 2027 + round / 28),
                "end": format!("{}-03-{day:02}T{hour:02}:30:00Z", 2027 + round / 28),
                "timeZone": "Europe/Berlin",
            });
            app.post("/api/v1/appointments").by(&ada).json(appointment).send()
        };
        let delete = app.delete(&ana.path()).by(&ada).if_match(&ana.etag);
        let delete = delete.json(json!({ "reason": "entered twice" })).send();

        let (first, deleted, later) = join3(book(8), delete, join_all((9..12).map(book))).await;

        let booked: Vec<_> = [first].into_iter().chain(later).collect();
        let made = booked.iter().filter(|answer| answer.status == 201).count();
        for answer in booked.iter().filter(|answer| answer.status != 201) {
            assert_eq!(
                (answer.status, answer.code()),
                (400, "INVALID_FIELD"),
                "{}",
                answer.text
            );
        }
        match deleted.status {
            204 => assert_eq!(made, 0),
            _ => assert_eq!((deleted.code(), made), ("PATIENT_HAS_APPOINTMENTS", 4)),
        }
    }
}

#[actix_web::test]
async fn a_deleted_patient_is_listed_for_who_may_restore_and_comes_back() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let salt_lane = app.organization(&ada, "salt-lane").await;
    let ben = app.sign_up("ben").await;
    app.join(&salt_lane.id, &ben.id, "member").await;
    let ana = app
        .patient(&ada)
        .with("phone", json!("030 901820"))
        .create()
        .await;
    let delete = app.delete(&ana.path()).by(&ada).if_match(&ana.etag);
    let deleted = delete
        .json(json!({ "reason": "entered twice" }))
        .send()
        .await
        .expect(204);
    let restore = |person: &Person, tag: &str| {
        let request = app
            .post(&format!("{}/restore", ana.path()))
            .by(person)
            .organization(&salt_lane.id);
        request.if_match(tag).send()
    };

    let found = list(&app, &ada, "?phone=901820").await.expect(200);
    let listed = list(&app, &ada, "?deleted=true").await.expect(200);
    let searched = list(&app, &ada, "?deleted=true&search=ana").await;
    let members = app
        .get("/api/v1/patients?deleted=true")
        .by(&ben)
        .organization(&salt_lane.id);
    let members = members.send().await;
    let refused = restore(&ben, deleted.header("etag")).await;
    let stale = restore(&ada, "\"1\"").await;
    let restored = restore(&ada, deleted.header("etag")).await.expect(200);
    let twice = restore(&ada, restored.header("etag")).await;

    assert_eq!(names(&found), [""; 0]);
    assert_eq!(listed.body["items"][0]["deletionReason"], "entered twice");
    assert_eq!((searched.status, searched.code()), (400, "INVALID_FIELD"));
    assert_eq!((members.status, refused.status), (403, 403));
    assert_eq!((stale.status, stale.code()), (412, "STALE_VERSION"));
    assert_eq!(
        (restored.header("etag"), restored.body.get("deletedAt")),
        ("\"3\"", None)
    );
    assert_eq!((twice.status, twice.code()), (404, "PATIENT_NOT_FOUND"));
    assert_eq!(
        names(&list(&app, &ada, "?phone=901820&search=ana").await),
        ["Brandt"]
    );
}

#[actix_web::test]
async fn a_medical_history_of_the_clinics_own_making_is_shown_as_stored() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    let mut admin = app.database.admin().await;
    let older =
        "update patients set medical_history = '{\"allergies\": [\"penicillin\"], \"mine\": {\"a\": 1.5}}'";
    sqlx::query(older).execute(&mut admin).await.unwrap();

    let change = app.patch(&ana.path()).by(&ada).if_match(&ana.etag);
    let changed = change
        .json(json!({ "phone": "030 901820" }))
        .send()
        .await
        .expect(200);

    let shown = json!({ "allergies": ["penicillin"], "mine": { "a": 1.5 } });
    assert_eq!(changed.body["medicalHistory"], shown);
}

#[actix_web::test]
async fn who_records_a_patient_may_say_what_fits_and_nothing_more() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    let with = |field: &str, value: Value| {
        let mut body = json!({ "firstName": "Ana", "lastName": "Brandt" });
        body[field] = value;
        body
    };
    let text = |length: usize| json!("\u{1f9a9}".repeat(length));
    let uri = |length: usize| json!(format!("urn:{}", "x".repeat(length - 4)));
    let identifier = |system: Value, value: Value| json!([{ "system": system, "value": value }]);
    let identifiers = |count: usize| {
        json!(
            (0..count)
                .map(|n| json!({ "system": "urn:x", "value": n.to_string() }))
                .collect::<Vec<_>>()
        )
    };
    let phone = |r#use: &str, number: &str| json!([{ "use": r#use, "number": number }]);
    let contact = |field: &str, value: Value| {
        let mut contact = json!({ "name": "Ben" });
        contact[field] = value;
        json!([contact])
    };
    let entry = |field: &str, value: Value| {
        let mut entry = json!({ "text": "asthma" });
        entry[field] = value;
        json!({ "conditions": [entry] })
    };
    let address = |field: &str, value: Value| json!({ field: value });
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));

    // What fits, what does not, and the field that is named.
    for (field, fits, breaks, named) in [
        ("namePrefix", text(50), text(51), "namePrefix"),
        ("middleName", text(100), text(101), "middleName"),
        ("nameSuffix", text(50), json!(" "), "nameSuffix"),
        ("preferredName", text(100), json!("A\nna"), "preferredName"),
        ("birthName", text(100), json!("A\u{0}na"), "birthName"),
        ("medicalRecordNumber", text(64), text(65), "medicalRecordNumber"),
        ("identifiers", identifiers(20), identifiers(21), "identifiers"),
        (
            "identifiers",
            identifier(uri(200), text(100)),
            identifier(uri(201), text(100)),
            "identifiers.0.system",
        ),
        (
            "identifiers",
            identifier(json!("urn:x"), json!("1")),
            identifier(json!("x"), json!("1")),
            "identifiers.0.system",
        ),
        (
            "identifiers",
            identifier(json!("urn:x"), json!("2")),
            identifier(json!("urn:x"), text(101)),
            "identifiers.0.value",
        ),
        (
            "identifiers",
            json!([]),
            json!([{ "system": "urn:x" }]),
            "identifiers.0.value",
        ),
        (
            "identifiers",
            json!([]),
            json!([{ "system": "urn:x", "value": "1", "type": "x" }]),
            "identifiers.0.type",
        ),
        ("identifiers", json!([]), Value::Null, "identifiers"),
        (
            "dateOfBirth",
            json!("2024-02-29"),
            json!("2023-02-29"),
            "dateOfBirth",
        ),
        ("gender", json!("unknown"), json!("Female"), "gender"),
        ("phone", json!("1".repeat(20)), json!("1".repeat(21)), "phone"),
        (
            "otherPhones",
            phone("old", "12345"),
            phone("fax", "12345"),
            "otherPhones.0.use",
        ),
        (
            "otherPhones",
            phone("temp", "12345"),
            phone("home", "none"),
            "otherPhones.0.number",
        ),
        (
            "otherPhones",
            json!(vec![phone("home", "1")[0].clone(); 10]),
            json!(vec![phone("home", "1")[0].clone(); 11]),
            "otherPhones",
        ),
        (
            "address",
            address("lines", json!(vec![text(200); 5])),
            address("lines", json!(vec![text(1); 6])),
            "address.lines",
        ),
        (
            "address",
            address("lines", json!(["a"])),
            address("lines", json!([text(201)])),
            "address.lines.0",
        ),
        (
            "address",
            address("city", text(100)),
            address("city", text(101)),
            "address.city",
        ),
        (
            "address",
            address("district", text(100)),
            address("district", text(101)),
            "address.district",
        ),
        (
            "address",
            address("state", text(100)),
            address("state", json!("\u{7}")),
            "address.state",
        ),
        (
            "address",
            address("postalCode", text(20)),
            address("postalCode", text(21)),
            "address.postalCode",
        ),
        (
            "address",
            address("country", json!("ZW")),
            address("country", json!("de")),
            "address.country",
        ),
        ("address", Value::Null, json!({}), "address"),
        ("language", json!("zh-Hant-TW"), json!("x".repeat(36)), "language"),
        ("language", json!("sl-rozaj"), json!("de_DE"), "language"),
        (
            "contacts",
            json!(vec![json!({ "name": "Ben" }); 10]),
            json!(vec![json!({ "name": "Ben" }); 11]),
            "contacts",
        ),
        (
            "contacts",
            contact("name", text(200)),
            contact("name", text(201)),
            "contacts.0.name",
        ),
        (
            "contacts",
            contact("relationship", text(100)),
            contact("relationship", text(101)),
            "contacts.0.relationship",
        ),
        (
            "contacts",
            contact("phone", json!("1")),
            contact("phone", json!("?")),
            "contacts.0.phone",
        ),
        (
            "contacts",
            contact("email", json!("a@b.c")),
            contact("email", json!("a@b")),
            "contacts.0.email",
        ),
        ("active", json!(false), Value::from("no"), "active"),
        ("deceased", json!(true), json!(1), "deceased"),
        (
            "deceasedOn",
            json!("2026-03-02"),
            json!("2026-03-03"),
            "deceasedOn",
        ),
        (
            "medicalHistory",
            json!({ "notes": "a\nb" }),
            json!({ "notes": "a\u{1b}b" }),
            "medicalHistory.notes",
        ),
        (
            "medicalHistory",
            json!({ "medications": vec![json!({ "text": "x" }); 100] }),
            json!({ "medications": vec![json!({ "text": "x" }); 101] }),
            "medicalHistory.medications",
        ),
        (
            "medicalHistory",
            entry("text", text(500)),
            entry("text", text(501)),
            "medicalHistory.conditions.0.text",
        ),
        (
            "medicalHistory",
            entry("code", text(100)),
            entry("code", text(101)),
            "medicalHistory.conditions.0.code",
        ),
        (
            "medicalHistory",
            entry("system", uri(200)),
            entry("system", uri(201)),
            "medicalHistory.conditions.0.system",
        ),
        (
            "medicalHistory",
            entry("since", json!("2019")),
            entry("since", json!("2027")),
            "medicalHistory.conditions.0.since",
        ),
        (
            "medicalHistory",
            entry("note", text(2000)),
            entry("note", text(2001)),
            "medicalHistory.conditions.0.note",
        ),
        (
            "medicalHistory",
            json!({ "notes": "x".repeat(10_000) }),
            json!({ "notes": "x".repeat(10_001) }),
            "medicalHistory.notes",
        ),
        (
            "medicalHistory",
            Value::Null,
            json!({ "notes": "\u{1f9a9}".repeat(5_000) }),
            "medicalHistory",
        ),
        (
            "medicalHistory",
            json!({}),
            json!({ "conditions": deep }),
            "medicalHistory.conditions.0",
        ),
        (
            "medicalHistory",
            json!({}),
            json!({ "surgeries": [] }),
            "medicalHistory.surgeries",
        ),
    ] {
        let before = stored(&app).await;
        let refused = create(&app, &ada, "?allowDuplicate=true", &with(field, breaks.clone())).await;
        let change = app.patch(&ana.path()).by(&ada).if_match(&ana.etag);
        let unchanged = change.json(json!({ field: breaks })).send().await;
        for answer in [refused, unchanged] {
            assert_eq!(
                (answer.status, answer.code()),
                (400, "INVALID_FIELD"),
                "{named}: {}",
                answer.text
            );
            assert_eq!(answer.body["errors"][0]["field"], *named, "{}", answer.text);
        }
        assert_eq!(stored(&app).await, before, "{named}");
        create(&app, &ada, "?allowDuplicate=true", &with(field, fits))
            .await
            .expect(201);
    }
    let now = app.get(&ana.path()).by(&ada).send().await.expect(200);
    assert_eq!(now.body, ana.body);
}

#[actix_web::test]
async fn a_search_that_is_not_valid_names_its_field() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;

    for (query, code, field) in [
        ("?phone=123", "INVALID_FIELD", "phone"),
        ("?phone=000123", "INVALID_FIELD", "phone"),
        ("?phone=", "INVALID_FIELD", "phone"),
        (&format!("?phone={}", "1".repeat(41)), "INVALID_FIELD", "phone"),
        ("?medicalRecordNumber=%00", "INVALID_FIELD", "medicalRecordNumber"),
        (
            &format!("?medicalRecordNumber={}", "1".repeat(65)),
            "INVALID_FIELD",
            "medicalRecordNumber",
        ),
        ("?identifier=urn:x%7C", "INVALID_FIELD", "identifier"),
        ("?identifier=urn:%00%7CA1", "INVALID_FIELD", "identifier"),
        ("?gender=f", "INVALID_FIELD", "gender"),
        ("?sort=phone", "INVALID_FIELD", "sort"),
        ("?deleted=true&phone=1234", "INVALID_FIELD", "phone"),
        ("?dateOfBirth=23.11.1984", "INVALID_QUERY", "dateOfBirth"),
        ("?active=yes", "INVALID_QUERY", "active"),
    ] {
        let answer = list(&app, &ada, query).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, code),
            "{query}: {}",
            answer.text
        );
        let named = answer.body.pointer("/errors/0/field").and_then(Value::as_str);
        assert_eq!(named.unwrap_or_default(), field, "{query}");
    }
}
