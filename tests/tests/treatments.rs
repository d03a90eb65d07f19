//! What the API says of treatments: what is kept of them, how far they are, what may follow what, and how they are found.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::{Answer, Record};

use crate::course::{Course, TREATMENTS, assert_refused};
use crate::desk::{at, problems, with};

fn progress(counts: [i64; 5], plan: Option<(i64, i64)>) -> Value {
    let [completed, open, not_done, stopped, past_plan] = counts;
    json!({
        "planned": plan.map(|(planned, _)| planned),
        "completed": completed,
        "open": open,
        "notDone": not_done,
        "stopped": stopped,
        "remaining": plan.map(|(_, remaining)| remaining),
        "pastPlan": past_plan,
    })
}

#[actix_web::test]
async fn a_treatment_is_made_read_changed_deleted_and_restored() {
    let course = Course::open().await;
    let code = json!({ "text": "Physical therapy procedure", "code": "91251008", "system": "http://snomed.info/sct" });
    let wish = course.wish(&json!({
        "title": " Knee after surgery ",
        "code": code,
        "goal": "bends to 120 degrees\nwithout pain",
        "periodStart": "2026-03-02",
        "periodEnd": "2026-05-29",
    }));

    let made = course.post(TREATMENTS, wish).await.expect(201);
    let treatment = crate::course::made(&made);
    let read = course.read(&treatment).await;
    course.desk.app.clock.advance(Duration::from_secs(60));
    let changed = course
        .changed(
            &treatment,
            json!({ "goal": null, "code": null, "plannedSessions": null, "practitionerId": course.desk.bea.id }),
        )
        .await;
    let deleted = course.deleted(&changed).await;
    let gone = course.get(&treatment.path).await;
    let listed = course
        .get(&format!("{TREATMENTS}?deleted=true"))
        .await
        .expect(200);
    let restored = course.restored(&deleted).await;

    let expected = json!({
        "id": treatment.id,
        "patientId": course.desk.patient,
        "title": "Knee after surgery",
        "code": code,
        "goal": "bends to 120 degrees\nwithout pain",
        "plannedSessions": 3,
        "practitionerId": course.desk.ada.id,
        "practitionerName": "ada",
        "periodStart": "2026-03-02",
        "periodEnd": "2026-05-29",
        "status": "active",
        "statusReason": null,
        "completionReason": null,
        "progress": progress([0; 5], Some((3, 3))),
        "createdBy": { "id": course.desk.ada.id, "name": "ada" },
        "version": 1,
        "createdAt": at("10:00"),
        "updatedAt": at("10:00"),
    });
    assert_eq!(made.body, expected);
    assert_eq!((read.body, read.etag), (made.body.clone(), treatment.etag));
    let expected = with(
        made.body,
        &json!({
            "goal": null,
            "code": null,
            "plannedSessions": null,
            "practitionerId": course.desk.bea.id,
            "practitionerName": "bea",
            "progress": progress([0; 5], None),
            "version": 2,
            "updatedAt": at("10:01"),
        }),
    );
    assert_eq!(changed.body, expected);
    assert_refused(&gone, 404, "TREATMENT_NOT_FOUND");
    let shown = &listed.body["items"][0];
    assert_eq!(
        (&shown["status"], &shown["deletionReason"]),
        (&json!("entered-in-error"), &json!("entered twice"))
    );
    assert_eq!(restored.body, with(expected, &json!({ "version": 4 })));
}

#[actix_web::test]
async fn a_status_follows_only_what_it_can_follow_and_takes_its_reason_along() {
    let course = Course::open().await;
    let draft = course.treatment(json!({ "status": "draft" })).await;
    let told = |answer: Answer| {
        assert_refused(&answer, 409, "STATUS_NOT_ALLOWED");
        (
            answer.body["currentStatus"].clone(),
            answer.body["allowed"].clone(),
        )
    };

    let early = course.change(&draft, json!({ "status": "completed" })).await;
    let active = course.changed(&draft, json!({ "status": "active" })).await;
    let back = course.change(&active, json!({ "status": "draft" })).await;
    let away = json!({ "status": "on-hold", "statusReason": " travels " });
    let resting = course.changed(&active, away).await;
    let same = course
        .changed(&resting, json!({ "status": "on-hold", "title": "Knee" }))
        .await;
    let again = course.changed(&same, json!({ "status": "active" })).await;
    let done = course.changed(&again, json!({ "status": "completed" })).await;
    let late = course.change(&done, json!({ "status": "revoked" })).await;
    let reopened = course.changed(&done, json!({ "status": "active" })).await;
    let given_up = json!({ "status": "revoked", "statusReason": "moved away" });
    let revoked = course.changed(&reopened, given_up).await;
    let resumed = course.changed(&revoked, json!({ "status": "active" })).await;
    let deleting = course
        .change(&resumed, json!({ "status": "entered-in-error" }))
        .await;

    assert_eq!(told(early), (json!("draft"), json!(["active", "revoked"])));
    let allowed = json!(["on-hold", "completed", "revoked"]);
    assert_eq!(told(back), (json!("active"), allowed));
    assert_eq!(told(late), (json!("completed"), json!(["active"])));
    assert_eq!(resting.body["statusReason"], "travels");
    assert_eq!(same.body["statusReason"], "travels");
    assert_eq!(again.body["statusReason"], Value::Null);
    assert_eq!(revoked.body["statusReason"], "moved away");
    assert_eq!(resumed.body["statusReason"], Value::Null);
    let told = ("status".to_owned(), "is set by deleting the treatment".to_owned());
    assert_eq!(problems(&deleting), [told]);
}

/// Four sessions of a treatment that is planned for three: two completed, one stopped, one open; one more was not done.
async fn with_sessions(course: &Course) -> (Record, Vec<Record>) {
    let treatment = course.treatment(json!({})).await;
    let appointment = course.appointment(json!({})).await;
    let mut sessions = Vec::new();
    for status in [
        "completed",
        "completed",
        "in-progress",
        "preparation",
        "preparation",
    ] {
        let session = course.session(&treatment, &appointment, json!({ "status": status }));
        sessions.push(session.await);
    }
    sessions[2] = course
        .changed(
            &sessions[2],
            json!({ "status": "stopped", "statusReason": "pain" }),
        )
        .await;
    sessions[3] = course
        .changed(&sessions[3], json!({ "status": "not-done" }))
        .await;
    (treatment, sessions)
}

#[actix_web::test]
async fn how_far_it_is_is_counted_over_the_sessions_that_are_not_deleted() {
    let course = Course::open().await;
    let (treatment, sessions) = with_sessions(&course).await;
    course.desk.app.clock.advance(Duration::from_secs(1));
    course.treatment(json!({ "plannedSessions": null })).await;
    let shown = async || {
        let read = course.read(&treatment).await;
        let listed = course.get(TREATMENTS).await.expect(200);
        assert_eq!(listed.body["items"][0], read.body);
        assert_eq!(listed.body["items"][1]["progress"], progress([0; 5], None));
        assert_eq!(read.etag, treatment.etag, "progress is no version");
        read.body["progress"].clone()
    };

    assert_eq!(shown().await, progress([2, 1, 1, 1, 2], Some((3, 1))));
    course.deleted(&sessions[4]).await;
    assert_eq!(shown().await, progress([2, 0, 1, 1, 1], Some((3, 1))));
    course.deleted(&course.read(&sessions[0]).await).await;
    assert_eq!(shown().await, progress([1, 0, 1, 1, 1], Some((3, 2))));
    let planned = course.changed(&treatment, json!({ "plannedSessions": 1 })).await;
    assert_eq!(planned.body["progress"], progress([1, 0, 1, 1, 3], Some((1, 0))));
    let unplanned = course.changed(&planned, json!({ "plannedSessions": null })).await;
    assert_eq!(unplanned.body["progress"], progress([1, 0, 1, 1, 0], None));
}

#[actix_web::test]
async fn one_with_open_sessions_is_completed_only_for_a_reason() {
    let course = Course::open().await;
    let (treatment, sessions) = with_sessions(&course).await;
    let open = &sessions[4];
    let complete = json!({ "status": "completed" });
    let for_a_reason = with(
        complete.clone(),
        &json!({ "completionReason": " goes on elsewhere " }),
    );

    let refused = course.change(&treatment, complete.clone()).await;
    let forced = course.changed(&treatment, for_a_reason.clone()).await;
    let kept = course.changed(&forced, json!({ "title": "Knee" })).await;
    let late = course
        .change(&kept, json!({ "completionReason": "another" }))
        .await;
    let reopened = course.changed(&kept, json!({ "status": "active" })).await;
    let early = course
        .change(&reopened, json!({ "completionReason": "another" }))
        .await;
    course.changed(open, json!({ "status": "not-done" })).await;
    let needless = course.changed(&reopened, for_a_reason).await;

    assert_refused(&refused, 409, "TREATMENT_HAS_OPEN_SESSIONS");
    let shown = json!([{ "id": open.id, "number": 5, "status": "preparation" }]);
    assert_eq!(refused.body["openSessions"], shown);
    assert_eq!(forced.body["completionReason"], "goes on elsewhere");
    assert_eq!(kept.body["completionReason"], "goes on elsewhere");
    assert_eq!(reopened.body["completionReason"], Value::Null);
    for answer in [late, early] {
        let told = (
            "completionReason".to_owned(),
            "is only for completing the treatment".to_owned(),
        );
        assert_eq!(problems(&answer), [told]);
    }
    assert_eq!(needless.body["completionReason"], Value::Null);
}

#[actix_web::test]
async fn at_most_twenty_open_sessions_are_named_and_none_to_who_may_not_see_them() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let appointment = course.appointment(json!({})).await;
    for number in (1..=21).rev() {
        course
            .session(&treatment, &appointment, json!({ "number": number }))
            .await;
    }
    let role = json!({ "role": "planner", "permission": { "treatment": ["read", "update"] } });
    course
        .post("/api/auth/organization/create-role", role)
        .await
        .expect(200);
    sqlx::query(r#"update member set role = 'planner' where "userId" = $1::text::uuid"#)
        .bind(&course.desk.bea.id)
        .execute(&mut course.desk.app.database.admin().await)
        .await
        .unwrap();
    let complete = |by| {
        let request = course.desk.app.patch(&treatment.path).if_match(&treatment.etag);
        let request = course.desk.here(request, by);
        request.json(json!({ "status": "completed" })).send()
    };

    let shown = complete(&course.desk.ada).await;
    let hidden = complete(&course.desk.bea).await;

    let numbers = shown.body["openSessions"].as_array().unwrap().iter();
    let numbers: Vec<_> = numbers
        .map(|session| session["number"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    assert_refused(&hidden, 409, "TREATMENT_HAS_OPEN_SESSIONS");
    assert_eq!(hidden.body["openSessions"], json!([]));
}

#[actix_web::test]
async fn one_with_sessions_is_not_deleted() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let appointment = course.appointment(json!({})).await;
    let session = course.session(&treatment, &appointment, json!({})).await;
    let session = course.changed(&session, json!({ "status": "not-done" })).await;

    let refused = course.delete(&treatment).await;
    course.deleted(&session).await;

    assert_refused(&refused, 409, "TREATMENT_HAS_SESSIONS");
    course.deleted(&treatment).await;
}

#[actix_web::test]
async fn a_patient_stays_until_their_treatments_are_over_and_comes_back_before_they_do() {
    let course = Course::open().await;
    let ana = course.ana().await;
    let draft = course.treatment(json!({ "status": "draft" })).await;
    let refused = async |treatment: &Record| {
        assert_refused(&course.delete(&ana).await, 409, "PATIENT_HAS_TREATMENTS");
        treatment.clone()
    };

    let draft = refused(&draft).await;
    let active = refused(&course.changed(&draft, json!({ "status": "active" })).await).await;
    let resting = refused(&course.changed(&active, json!({ "status": "on-hold" })).await).await;
    let over = course.changed(&resting, json!({ "status": "completed" })).await;
    let other = course.treatment(json!({})).await;
    let other = course.deleted(&other).await;
    let gone = course.deleted(&ana).await;

    let again = json!({ "status": "active" });
    let reopened = course.change(&over, again.clone()).await;
    let restored = course.restore(&other).await;
    let made = course.post(TREATMENTS, course.wish(&json!({}))).await;
    let told = [("patientId".to_owned(), "names no patient".to_owned())];
    for answer in [reopened, restored, made] {
        assert_eq!(problems(&answer), told, "{}", answer.text);
    }
    // What is over can be corrected all the same.
    let over = course
        .changed(&over, json!({ "title": "Knee", "periodStart": "2026-03-01" }))
        .await;
    course.restored(&gone).await;
    course.changed(&over, again).await;
    course.restored(&other).await;
}

#[actix_web::test]
async fn a_reference_that_is_not_there_is_refused_in_the_same_words_whatever_the_cause() {
    let course = Course::open().await;
    let mia = course.desk.app.sign_up("mia").await;
    course.desk.app.organization(&mia, "mill-road").await;
    let foreign = course.desk.app.patient(&mia).create().await.id;
    let nobody = "0194d3a0-7c11-4e5b-8a44-0f2e6b1c9d38";
    let deleted = course.patient("Ben").await;
    let request = course.desk.app.delete(&deleted.path()).if_match(&deleted.etag);
    let request = course.desk.here(request, &course.desk.ada);
    request.json(json!({ "reason": "x" })).send().await.expect(204);
    let treatment = course.treatment(json!({})).await;

    for id in [nobody, &foreign, &deleted.id] {
        let answer = course
            .post(TREATMENTS, course.wish(&json!({ "patientId": id })))
            .await;
        assert_eq!(answer.status, 400);
        assert_eq!(
            problems(&answer),
            [("patientId".to_owned(), "names no patient".to_owned())]
        );
    }
    for id in [nobody, &mia.id] {
        let fields = json!({ "practitionerId": id });
        let made = course.post(TREATMENTS, course.wish(&fields)).await;
        let changed = course.change(&treatment, fields).await;
        for answer in [made, changed] {
            let told = ("practitionerId".to_owned(), "names no member".to_owned());
            assert_eq!(problems(&answer), [told]);
        }
    }
    let moved = course.change(&treatment, json!({ "patientId": nobody })).await;
    assert_eq!(problems(&moved)[0].0, "patientId", "it stays that of its patient");
}

#[actix_web::test]
async fn who_has_left_leads_what_they_led_and_nothing_else() {
    let course = Course::open().await;
    let of_bea = json!({ "practitionerId": course.desk.bea.id });
    let treatment = course.treatment(of_bea.clone()).await;
    course.desk.bea_leaves().await;

    let kept = course
        .changed(&treatment, with(of_bea.clone(), &json!({ "title": "Knee" })))
        .await;
    let made = course.post(TREATMENTS, course.wish(&of_bea)).await;

    assert_eq!(kept.body["practitionerName"], "bea");
    let told = ("practitionerId".to_owned(), "names no member".to_owned());
    assert_eq!(problems(&made), [told]);
}

#[actix_web::test]
async fn what_cannot_be_is_refused_and_nothing_is_stored() {
    let course = Course::open().await;
    let born = course
        .changed(&course.ana().await, json!({ "dateOfBirth": "1984-11-23" }))
        .await;
    assert_eq!(born.body["dateOfBirth"], "1984-11-23");
    let wrong = [
        (json!({ "title": "" }), "title"),
        (json!({ "title": "x".repeat(201) }), "title"),
        (json!({ "title": "a\nb" }), "title"),
        (json!({ "title": null }), "title"),
        (json!({ "goal": "x".repeat(2001) }), "goal"),
        (json!({ "goal": "\u{1b}[31m" }), "goal"),
        (json!({ "code": {} }), "code.text"),
        (json!({ "code": [] }), "code"),
        (json!({ "code": { "text": "" } }), "code.text"),
        (
            json!({ "code": { "text": "x", "system": "http://snomed.info/sct" } }),
            "code.system",
        ),
        (
            json!({ "code": { "text": "x", "code": "1", "system": "snomed" } }),
            "code.system",
        ),
        (json!({ "plannedSessions": 0 }), "plannedSessions"),
        (json!({ "plannedSessions": 1001 }), "plannedSessions"),
        (json!({ "plannedSessions": 1.5 }), "plannedSessions"),
        (json!({ "plannedSessions": "6" }), "plannedSessions"),
        (json!({ "plannedSessions": 4_294_967_297_i64 }), "plannedSessions"),
        (json!({ "periodStart": "2026-02-29" }), "periodStart"),
        (json!({ "periodStart": "2026-03-02T00:00:00Z" }), "periodStart"),
        (json!({ "periodStart": "1969-12-31" }), "periodStart"),
        (json!({ "periodStart": "1984-11-22" }), "periodStart"),
        (json!({ "periodEnd": "2200-01-01" }), "periodEnd"),
        (
            json!({ "periodStart": "2026-03-02", "periodEnd": "2026-03-01" }),
            "periodEnd",
        ),
        (json!({ "status": "completed" }), "status"),
        (json!({ "status": "entered-in-error" }), "status"),
        (json!({ "status": "ACTIVE" }), "status"),
        (json!({ "statusReason": "x" }), "statusReason"),
        (json!({ "completionReason": "x" }), "completionReason"),
        (json!({ "progress": {} }), "progress"),
    ];

    for (fields, field) in wrong {
        let answer = course.post(TREATMENTS, course.wish(&fields)).await;
        assert_refused(&answer, 400, "INVALID_FIELD");
        let told: Vec<_> = problems(&answer).into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            told.first().map(String::as_str),
            Some(field),
            "{fields}: {told:?}"
        );
    }
    for field in ["patientId", "title", "practitionerId"] {
        let mut body = course.wish(&json!({}));
        body.as_object_mut().unwrap().remove(field);
        assert_eq!(problems(&course.post(TREATMENTS, body).await)[0].0, field);
    }
    let total = course.get(&format!("{TREATMENTS}?total=true")).await;
    assert_eq!(total.body["total"], 0);
    course
        .treatment(json!({ "periodStart": "1984-11-23", "periodEnd": "1984-11-23" }))
        .await;
}

#[actix_web::test]
async fn every_broken_field_of_a_change_is_named_at_once_and_it_is_not_made() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({ "periodEnd": "2026-03-31" })).await;
    let change = json!({
        "title": " ",
        "code": { "text": "\u{7}" },
        "goal": "",
        "plannedSessions": -1,
        "periodStart": "1900-01-01",
        "statusReason": "",
        "completionReason": "x".repeat(501),
        "status": "done",
    });

    let answer = course.change(&treatment, change).await;
    let backwards = course
        .change(&treatment, json!({ "periodStart": "2026-04-01" }))
        .await;
    let nulls = ["title", "practitionerId", "status", "completionReason"];
    for field in nulls {
        let answer = course.change(&treatment, json!({ field: null })).await;
        assert_eq!(problems(&answer)[0].0, field);
    }

    let fields: Vec<_> = problems(&answer).into_iter().map(|(field, _)| field).collect();
    let expected = [
        "title",
        "code.text",
        "goal",
        "plannedSessions",
        "periodStart",
        "statusReason",
        "completionReason",
        "status",
    ];
    assert_eq!(fields, expected);
    let told = ("periodEnd".to_owned(), "must not be before the start".to_owned());
    assert_eq!(problems(&backwards), [told]);
    assert_eq!(course.read(&treatment).await.body, treatment.body);
}

#[actix_web::test]
async fn a_list_is_of_a_patient_a_lead_and_a_status() {
    let course = Course::open().await;
    let ben = course.patient("Ben").await;
    let mut made = Vec::new();
    for fields in [
        json!({ "title": "a" }),
        json!({ "title": "b", "patientId": ben.id, "status": "draft" }),
        json!({ "title": "c", "practitionerId": course.desk.bea.id }),
    ] {
        course.desk.app.clock.advance(Duration::from_secs(1));
        made.push(course.treatment(fields).await);
    }
    course.desk.app.clock.advance(Duration::from_secs(1));
    made[0] = course.changed(&made[0], json!({ "goal": "x" })).await;
    let shown = async |query: String| {
        let answer = course.get(&format!("{TREATMENTS}{query}")).await.expect(200);
        let items = answer.body["items"].as_array().unwrap().clone();
        let titles = items
            .iter()
            .map(|item| item["title"].as_str().unwrap().to_owned());
        titles.collect::<String>()
    };

    for (query, expected) in [
        (String::new(), "abc"),
        ("?sort=-createdAt".to_owned(), "cba"),
        ("?sort=updatedAt".to_owned(), "bca"),
        ("?sort=-updatedAt".to_owned(), "acb"),
        (format!("?patientId={}", ben.id), "b"),
        (format!("?practitionerId={}", course.desk.bea.id), "c"),
        (
            format!("?practitionerId={}&status=draft", course.desk.ada.id),
            "b",
        ),
        ("?status=draft,active".to_owned(), "abc"),
        ("?status=revoked".to_owned(), ""),
    ] {
        assert_eq!(shown(query.clone()).await, expected, "{query}");
    }
    course.deleted(&made[1]).await;
    assert_eq!(shown(String::new()).await, "ac");
    assert_eq!(shown("?deleted=true&status=draft".to_owned()).await, "b");
    for (query, code) in [
        ("?status=done", "INVALID_FIELD"),
        ("?status=", "INVALID_FIELD"),
        ("?sort=title", "INVALID_FIELD"),
        ("?patientId=ana", "INVALID_QUERY"),
        ("?title=knee", "INVALID_QUERY"),
        ("?cursor=abc", "INVALID_CURSOR"),
    ] {
        assert_refused(&course.get(&format!("{TREATMENTS}{query}")).await, 400, code);
    }
    let request = course.desk.app.get(&format!("{TREATMENTS}?deleted=true"));
    let answer = course.desk.here(request, &course.desk.bea).send().await;
    assert_refused(&answer, 403, "FORBIDDEN");
}
