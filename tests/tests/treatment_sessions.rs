//! What the API says of sessions: what is kept of them, their numbers and times, what may follow what, and how they are
//! found.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::Record;

use crate::course::{Course, SESSIONS, assert_refused, made};
use crate::desk::{at, problems, with};

/// A treatment and an appointment of one patient.
async fn places(course: &Course) -> (Record, Record) {
    let treatment = course.treatment(json!({})).await;
    (treatment, course.appointment(json!({})).await)
}

#[actix_web::test]
async fn a_session_is_made_read_changed_deleted_and_restored() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let measure = |value: &str| {
        json!([{
            "code": { "text": "Range of motion", "code": "8362-6", "system": "http://loinc.org" },
            "value": value,
            "unit": "deg",
        }])
    };
    let fields = json!({
        "start": "2026-03-03T10:05:00+01:00",
        "end": at("09:35"),
        "outcome": " one\ntwo ",
        "measures": measure("105.0"),
        "status": "in-progress",
    });

    let answer = course.ask(&treatment, &appointment, fields).await.expect(201);
    let session = made(&answer);
    let read = course.read(&session).await;
    course.desk.app.clock.advance(Duration::from_secs(60));
    let change = json!({
        "number": 4,
        "performerId": course.desk.bea.id,
        "start": null,
        "end": null,
        "outcome": null,
        "measures": measure("110"),
    });
    let changed = course.changed(&session, change).await;
    let deleted = course.deleted(&changed).await;
    let gone = course.get(&session.path).await;
    let listed = course.get(&format!("{SESSIONS}?deleted=true")).await.expect(200);
    let restored = course.restored(&deleted).await;

    let expected = json!({
        "id": session.id,
        "treatmentId": treatment.id,
        "appointmentId": appointment.id,
        "patientId": course.desk.patient,
        "performerId": course.desk.ada.id,
        "performerName": "ada",
        "number": 1,
        "pastPlan": false,
        "start": at("09:05"),
        "end": at("09:35"),
        "outcome": "one\ntwo",
        "measures": measure("105.0"),
        "status": "in-progress",
        "statusReason": null,
        "createdBy": { "id": course.desk.ada.id, "name": "ada" },
        "version": 1,
        "createdAt": at("10:00"),
        "updatedAt": at("10:00"),
    });
    assert_eq!(answer.body, expected);
    assert_eq!((read.body, read.etag), (answer.body.clone(), session.etag));
    let expected = with(
        answer.body,
        &json!({
            "number": 4,
            "pastPlan": true,
            "performerId": course.desk.bea.id,
            "performerName": "bea",
            "start": null,
            "end": null,
            "outcome": null,
            "measures": measure("110"),
            "version": 2,
            "updatedAt": at("10:01"),
        }),
    );
    assert_eq!(changed.body, expected);
    assert_refused(&gone, 404, "TREATMENT_SESSION_NOT_FOUND");
    let shown = &listed.body["items"][0];
    assert_eq!(
        (&shown["status"], &shown["deletionReason"], &shown["pastPlan"]),
        (&json!("entered-in-error"), &json!("entered twice"), &json!(true))
    );
    assert_eq!(restored.body, with(expected, &json!({ "version": 4 })));
}

#[actix_web::test]
async fn a_number_is_the_next_one_or_the_given_one_and_of_one_session() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let number = async |fields: Value| {
        let session = course.session(&treatment, &appointment, fields).await;
        (session.body["number"].as_i64().unwrap(), session)
    };

    let (one, first) = number(json!({})).await;
    let (given, fifth) = number(json!({ "number": 5 })).await;
    let (six, _) = number(json!({})).await;
    let (three, _) = number(json!({ "number": 3 })).await;
    let taken = course.ask(&treatment, &appointment, json!({ "number": 5 })).await;
    let changed = course.change(&first, json!({ "number": 5 })).await;
    let deleted = course.deleted(&fifth).await;
    let (free, _) = number(json!({ "number": 5 })).await;
    let restored = course.restore(&deleted).await;
    let other = course.treatment(json!({})).await;
    let (elsewhere, sixth) = {
        let session = course.session(&other, &appointment, json!({ "number": 6 })).await;
        (session.body["number"].as_i64().unwrap(), session)
    };
    let moved = course
        .change(&sixth, json!({ "treatmentId": treatment.id }))
        .await;
    let (last, _) = number(json!({ "number": 10000 })).await;
    let none = course.ask(&treatment, &appointment, json!({})).await;

    assert_eq!(
        [one, given, six, three, free, elsewhere, last],
        [1, 5, 6, 3, 5, 6, 10000]
    );
    let told = (
        "number".to_owned(),
        "is the number of another session of the treatment".to_owned(),
    );
    for answer in [taken, changed, restored, moved] {
        assert_refused(&answer, 409, "SESSION_NUMBER_TAKEN");
        assert_eq!(problems(&answer), std::slice::from_ref(&told));
    }
    let told = (
        "number".to_owned(),
        "must be given, as the last one is taken".to_owned(),
    );
    assert_eq!(problems(&none), [told]);
}

#[actix_web::test]
async fn a_session_past_the_plan_is_made_and_says_so_as_long_as_it_is() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let unplanned = course.treatment(json!({ "plannedSessions": null })).await;
    let session = course
        .session(&treatment, &appointment, json!({ "number": 4 }))
        .await;
    let last = course
        .session(&treatment, &appointment, json!({ "number": 3 }))
        .await;
    let free = course
        .session(&unplanned, &appointment, json!({ "number": 999 }))
        .await;
    let listed = async || {
        let answer = course.get(SESSIONS).await.expect(200);
        let items = answer.body["items"].as_array().unwrap().clone();
        [&session, &last, &free].map(|session| {
            let item = items.iter().find(|item| item["id"] == session.id.as_str());
            item.unwrap()["pastPlan"].as_bool().unwrap()
        })
    };

    let past = [&session, &last, &free].map(|session| session.body["pastPlan"].as_bool().unwrap());
    assert_eq!(past, [true, false, false]);
    assert_eq!(listed().await, past);
    course.changed(&treatment, json!({ "plannedSessions": 4 })).await;
    assert_eq!(course.read(&session).await.body["pastPlan"], false);
    assert_eq!(listed().await, [false; 3]);
    let noted = course.changed(&session, json!({ "outcome": "x" })).await;
    assert_eq!(noted.body["pastPlan"], false);
}

#[actix_web::test]
async fn a_reference_that_is_not_there_is_refused_in_the_same_words_whatever_the_cause() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let mia = course.desk.app.sign_up("mia").await;
    course.desk.app.organization(&mia, "mill-road").await;
    let foreign = course.desk.app.patient(&mia).create().await;
    let foreign_treatment = course.desk.app.treatment(&mia, &foreign).create().await;
    let foreign_appointment = course.desk.app.appointment(&mia, &foreign).create().await;
    let deleted_treatment = course.treatment(json!({})).await;
    course.deleted(&deleted_treatment).await;
    let deleted_appointment = course.another_appointment(json!({})).await;
    course.deleted(&deleted_appointment).await;
    let nobody = "0194d3a0-7c11-4e5b-8a44-0f2e6b1c9d38";
    let session = course.session(&treatment, &appointment, json!({})).await;
    let causes = [
        (
            "treatmentId",
            vec![nobody, &foreign_treatment.id, &deleted_treatment.id],
            "names no treatment",
        ),
        (
            "appointmentId",
            vec![nobody, &foreign_appointment.id, &deleted_appointment.id],
            "names no appointment",
        ),
        ("performerId", vec![nobody, &mia.id], "names no member"),
    ];

    for (field, ids, problem) in causes {
        for id in ids {
            let fields = json!({ field: id });
            let created = course.ask(&treatment, &appointment, fields.clone()).await;
            let changed = course.change(&session, fields).await;
            for answer in [created, changed] {
                assert_refused(&answer, 400, "INVALID_FIELD");
                assert_eq!(
                    problems(&answer),
                    [(field.to_owned(), problem.to_owned())],
                    "{id}"
                );
                assert!(!answer.text.contains(id), "{}", answer.text);
            }
        }
    }
    let both = json!({ "treatmentId": nobody, "appointmentId": nobody });
    let both = course.ask(&treatment, &appointment, both).await;
    assert_eq!(problems(&both).len(), 2);
    let total = course.get(&format!("{SESSIONS}?total=true")).await;
    assert_eq!(total.body["total"], 1);
}

#[actix_web::test]
async fn treatment_and_appointment_are_of_one_patient() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let ben = course.patient("Ben").await;
    let of_ben = json!({ "patientId": ben.id });
    let other_treatment = course.treatment(of_ben.clone()).await;
    let other_appointment = course.another_appointment(of_ben).await;
    let session = course.session(&treatment, &appointment, json!({})).await;

    let crossed = course.ask(&treatment, &other_appointment, json!({})).await;
    let appointment_alone = json!({ "appointmentId": other_appointment.id });
    let appointment_alone = course.change(&session, appointment_alone).await;
    let treatment_alone = json!({ "treatmentId": other_treatment.id });
    let treatment_alone = course.change(&session, treatment_alone).await;
    let both = json!({ "treatmentId": other_treatment.id, "appointmentId": other_appointment.id });
    let both = course.changed(&session, both).await;

    let told = ("appointmentId".to_owned(), "is of another patient".to_owned());
    for answer in [crossed, appointment_alone, treatment_alone] {
        assert_refused(&answer, 400, "INVALID_FIELD");
        assert_eq!(problems(&answer), std::slice::from_ref(&told));
    }
    assert_eq!(both.body["patientId"], ben.id);
}

#[actix_web::test]
async fn the_performer_is_that_of_the_appointment_unless_another_is_named_and_stays_when_they_leave() {
    let course = Course::open().await;
    let (treatment, _) = places(&course).await;
    let bea = &course.desk.bea.id;
    let of_bea = course.appointment(json!({ "practitionerId": bea })).await;

    let default = course.session(&treatment, &of_bea, json!({})).await;
    let named = json!({ "performerId": course.desk.ada.id });
    let named = course.session(&treatment, &of_bea, named).await;
    course.desk.bea_leaves().await;
    let none = course.ask(&treatment, &of_bea, json!({})).await;
    let kept = json!({ "status": "in-progress", "performerId": bea });
    let kept = course.changed(&default, kept).await;
    let deleted = course.deleted(&kept).await;
    let restored = course.restored(&deleted).await;

    assert_eq!(
        (&default.body["performerId"], &default.body["performerName"]),
        (&json!(bea), &json!("bea"))
    );
    assert_eq!(named.body["performerName"], "ada");
    assert_eq!(
        problems(&none),
        [("performerId".to_owned(), "names no member".to_owned())]
    );
    assert_eq!(restored.body["performerName"], "bea");
}

#[actix_web::test]
async fn a_status_follows_only_what_it_can_follow_and_takes_its_reason_along() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let session = course.session(&treatment, &appointment, json!({})).await;
    let can = async |session: &Record, refused: &[&str]| {
        for status in refused {
            let answer = course.change(session, json!({ "status": status })).await;
            assert_refused(&answer, 409, "STATUS_NOT_ALLOWED");
            assert_eq!(answer.body["currentStatus"], session.body["status"]);
        }
    };
    let to =
        async |session: &Record, status: &str| course.changed(session, json!({ "status": status })).await;

    can(&session, &["stopped"]).await;
    let skipped = json!({ "status": "not-done", "statusReason": "did not come" });
    let skipped = course.changed(&session, skipped).await;
    can(&skipped, &["in-progress", "completed", "stopped"]).await;
    let planned = to(&skipped, "preparation").await;
    let begun = to(&planned, "in-progress").await;
    can(&begun, &["not-done"]).await;
    let back = to(&begun, "preparation").await;
    let stopped = to(&to(&back, "in-progress").await, "stopped").await;
    can(&stopped, &["completed", "preparation", "not-done"]).await;
    let completed = to(&to(&stopped, "in-progress").await, "completed").await;
    can(&completed, &["preparation", "stopped", "not-done"]).await;
    let answer = course
        .change(&completed, json!({ "status": "entered-in-error" }))
        .await;

    assert_eq!(skipped.body["statusReason"], "did not come");
    assert_eq!(planned.body["statusReason"], Value::Null);
    let told = ("status".to_owned(), "is set by deleting the session".to_owned());
    assert_eq!(problems(&answer), [told]);
}

#[actix_web::test]
async fn sessions_are_planned_until_the_treatment_is_over_and_held_while_it_is_active() {
    let course = Course::open().await;
    let appointment = course.appointment(json!({})).await;
    let elsewhere = course.treatment(json!({})).await;
    for status in ["draft", "on-hold", "completed", "revoked"] {
        let treatment = course
            .treatment(json!({ "status": if status == "draft" { "draft" } else { "active" } }))
            .await;
        let treatment = match status {
            "draft" => treatment,
            _ => course.changed(&treatment, json!({ "status": status })).await,
        };
        let over = ["completed", "revoked"].contains(&status);
        let other = course.session(&elsewhere, &appointment, json!({})).await;

        for (kind, refused) in [("preparation", over), ("in-progress", true), ("completed", true)] {
            let answer = course
                .ask(&treatment, &appointment, json!({ "status": kind }))
                .await;
            if refused {
                assert_refused(&answer, 409, "TREATMENT_NOT_ACTIVE");
                assert_eq!(answer.body["treatmentStatus"], status);
            } else {
                let planned = made(&answer);
                for next in ["in-progress", "completed"] {
                    let begun = course.change(&planned, json!({ "status": next })).await;
                    assert_refused(&begun, 409, "TREATMENT_NOT_ACTIVE");
                }
                course.changed(&planned, json!({ "status": "not-done" })).await;
            }
        }
        let moved = json!({ "treatmentId": treatment.id, "number": 77 });
        let moved = course.change(&other, moved).await;
        assert_eq!(moved.status, if over { 409 } else { 200 }, "{}", moved.text);
    }
}

#[actix_web::test]
async fn what_was_begun_can_be_ended_whatever_becomes_of_the_treatment_and_is_not_opened_again() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let begin = async || {
        course
            .session(&treatment, &appointment, json!({ "status": "in-progress" }))
            .await
    };
    let (one, other, third) = (begin().await, begin().await, begin().await);
    let planned = course.session(&treatment, &appointment, json!({})).await;
    let skipped = course.changed(&planned, json!({ "status": "not-done" })).await;
    let over = json!({ "status": "completed", "completionReason": "goes on elsewhere" });
    let over = course.now(&treatment, over).await;

    let completed = course.changed(&one, json!({ "status": "completed" })).await;
    let stopped = course.changed(&other, json!({ "status": "stopped" })).await;
    let noted = course.changed(&third, json!({ "outcome": "x" })).await;
    for (session, status) in [
        (&completed, "in-progress"),
        (&stopped, "in-progress"),
        (&skipped, "preparation"),
    ] {
        let answer = course.change(session, json!({ "status": status })).await;
        assert_refused(&answer, 409, "TREATMENT_NOT_ACTIVE");
        assert_eq!(answer.body["treatmentStatus"], "completed");
    }
    let gone = [
        course.deleted(&course.read(&completed).await).await,
        course.deleted(&noted).await,
    ];
    course.restored(&gone[0]).await;
    let open = course.restore(&gone[1]).await;
    assert_refused(&open, 409, "TREATMENT_NOT_ACTIVE");
    let resting = course.changed(&over, json!({ "status": "active" })).await;
    course.changed(&resting, json!({ "status": "on-hold" })).await;
    course.restored(&gone[1]).await;
}

#[actix_web::test]
async fn times_are_filled_in_when_a_session_begins_and_ends() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let make = async |fields: Value| course.session(&treatment, &appointment, fields).await;
    let times = |session: &Record| (session.body["start"].clone(), session.body["end"].clone());
    let planned = make(json!({})).await;

    let begun = course.changed(&planned, json!({ "status": "in-progress" })).await;
    course.desk.app.clock.advance(Duration::from_secs(1800));
    let ended = course.changed(&begun, json!({ "status": "completed" })).await;
    let reopened = course.changed(&ended, json!({ "status": "in-progress" })).await;
    course.desk.app.clock.advance(Duration::from_secs(60));
    let again = course.changed(&reopened, json!({ "status": "completed" })).await;
    let entered_later = make(json!({ "status": "completed" })).await;
    let with_end = make(json!({ "status": "completed", "end": at("08:50") })).await;
    let with_start = make(json!({ "status": "completed", "start": at("09:10") })).await;
    let in_progress = make(json!({ "status": "in-progress" })).await;
    let stopped = course.changed(&in_progress, json!({ "status": "stopped" })).await;

    assert_eq!(times(&planned), (Value::Null, Value::Null));
    assert_eq!(times(&begun), (json!(at("10:00")), Value::Null));
    assert_eq!(times(&ended), (json!(at("10:00")), json!(at("10:30"))));
    // What goes on again has not ended.
    assert_eq!(times(&reopened), (json!(at("10:00")), Value::Null));
    assert_eq!(times(&again), (json!(at("10:00")), json!(at("10:31"))));
    assert_eq!(times(&entered_later), (json!(at("09:00")), json!(at("10:31"))));
    assert_eq!(times(&with_end), (json!(at("08:50")), json!(at("08:50"))));
    assert_eq!(times(&with_start), (json!(at("09:10")), json!(at("10:31"))));
    assert_eq!(times(&stopped), (json!(at("10:31")), json!(at("10:31"))));
    // As precise as what is shown.
    course.desk.app.clock.advance(Duration::from_nanos(1_234_567));
    let precise = make(json!({ "status": "completed" })).await;
    let end = "select ends_at = $1::text::timestamptz from treatment_sessions where id = $2::text::uuid";
    let end = sqlx::query_scalar(end)
        .bind(precise.body["end"].as_str())
        .bind(&precise.id);
    let mut admin = course.desk.app.database.admin().await;
    assert!(end.fetch_one(&mut admin).await.unwrap_or(false));
}

#[actix_web::test]
async fn what_cannot_be_is_refused_and_nothing_is_stored() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    course
        .changed(&course.ana().await, json!({ "dateOfBirth": "1984-11-23" }))
        .await;
    let measure = |fields: Value| {
        let measure = json!({ "code": { "text": "Weight" }, "value": "1", "unit": "kg" });
        json!({ "measures": [with(measure, &fields)] })
    };
    let wrong = [
        (json!({ "number": 0 }), "number"),
        (json!({ "number": 10001 }), "number"),
        (json!({ "number": "1" }), "number"),
        (json!({ "start": "2026-03-03" }), "start"),
        (json!({ "start": "1969-12-31T23:59:59Z" }), "start"),
        (json!({ "start": "1984-11-22T09:00:00Z" }), "start"),
        (json!({ "start": "2026-03-03T10:00:00.001Z" }), "start"),
        (json!({ "end": "2026-03-03T12:00:00Z" }), "end"),
        (json!({ "start": at("09:00"), "end": at("08:59") }), "end"),
        (json!({ "outcome": "x".repeat(2001) }), "outcome"),
        (json!({ "outcome": " " }), "outcome"),
        (measure(json!({ "unit": "furlongs" })), "measures.0.unit"),
        (measure(json!({ "unit": "" })), "measures.0.unit"),
        (measure(json!({ "value": "1,5" })), "measures.0.value"),
        (measure(json!({ "value": 1.5 })), "measures.0.value"),
        (measure(json!({ "code": { "text": "" } })), "measures.0.code.text"),
        (measure(json!({ "code": ["Weight"] })), "measures.0.code"),
        (measure(json!({ "note": "x" })), "measures.0.note"),
        (json!({ "measures": [["Weight"]] }), "measures.0"),
        (
            json!({ "measures": vec![measure(json!({}))["measures"][0].clone(); 51] }),
            "measures",
        ),
        (json!({ "measures": null }), "measures"),
        (json!({ "status": "stopped" }), "status"),
        (json!({ "status": "entered-in-error" }), "status"),
        (json!({ "statusReason": "x" }), "statusReason"),
        (json!({ "patientId": course.desk.patient }), "patientId"),
        (json!({ "pastPlan": true }), "pastPlan"),
    ];

    for (fields, field) in wrong {
        let answer = course.ask(&treatment, &appointment, fields.clone()).await;
        assert_refused(&answer, 400, "INVALID_FIELD");
        let told: Vec<_> = problems(&answer).into_iter().map(|(field, _)| field).collect();
        assert_eq!(
            told.first().map(String::as_str),
            Some(field),
            "{fields}: {told:?}"
        );
    }
    for (missing, other) in [("treatmentId", "appointmentId"), ("appointmentId", "treatmentId")] {
        let answer = course.post(SESSIONS, json!({ other: treatment.id })).await;
        assert_eq!(problems(&answer)[0].0, missing);
    }
    let total = course.get(&format!("{SESSIONS}?total=true")).await;
    assert_eq!(total.body["total"], 0);
    let all = json!({ "measures": vec![measure(json!({}))["measures"][0].clone(); 50] });
    course.session(&treatment, &appointment, all).await;
}

#[actix_web::test]
async fn every_broken_field_of_a_change_is_named_at_once_and_it_is_not_made() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let session = course
        .session(&treatment, &appointment, json!({ "start": at("09:00") }))
        .await;
    let change = json!({
        "number": 0,
        "start": "1900-01-01T00:00:00Z",
        "outcome": "",
        "measures": [{ "code": { "text": "Weight" }, "value": "1", "unit": "stones" }],
        "statusReason": "x".repeat(501),
        "status": "done",
    });

    let answer = course.change(&session, change).await;
    let backwards = course.change(&session, json!({ "end": at("08:00") })).await;
    for field in [
        "treatmentId",
        "appointmentId",
        "performerId",
        "number",
        "measures",
        "status",
    ] {
        let answer = course.change(&session, json!({ field: null })).await;
        assert_eq!(problems(&answer)[0].0, field);
    }

    let fields: Vec<_> = problems(&answer).into_iter().map(|(field, _)| field).collect();
    let expected = [
        "number",
        "start",
        "outcome",
        "measures.0.unit",
        "statusReason",
        "status",
    ];
    assert_eq!(fields, expected);
    let told = ("end".to_owned(), "must not be before the start".to_owned());
    assert_eq!(problems(&backwards), [told]);
    assert_eq!(course.read(&session).await.body, session.body);
}

#[actix_web::test]
async fn one_that_is_over_keeps_its_place_its_performer_and_its_number() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let other_treatment = course.treatment(json!({})).await;
    let other_appointment = course.another_appointment(json!({})).await;
    let mut over = Vec::new();
    for statuses in [
        vec!["completed"],
        vec!["not-done"],
        vec!["in-progress", "stopped"],
    ] {
        let mut session = course.session(&treatment, &appointment, json!({})).await;
        for status in statuses {
            session = course.changed(&session, json!({ "status": status })).await;
        }
        over.push(session);
    }

    for session in over {
        for change in [
            json!({ "treatmentId": other_treatment.id }),
            json!({ "appointmentId": other_appointment.id }),
            json!({ "performerId": course.desk.bea.id }),
            json!({ "number": 9 }),
        ] {
            let answer = course.change(&session, change.clone()).await;
            assert_refused(&answer, 409, "SESSION_CLOSED");
            // Not even while it is opened again.
            let opened = match session.body["status"].as_str() {
                Some("not-done") => "preparation",
                _ => "in-progress",
            };
            let change = with(change, &json!({ "status": opened }));
            assert_refused(&course.change(&session, change).await, 409, "SESSION_CLOSED");
        }
        let correction = json!({
            "treatmentId": treatment.id,
            "number": session.body["number"],
            "outcome": "x",
            "start": at("09:00"),
            "end": at("09:20"),
            "measures": [],
        });
        course.changed(&session, correction).await;
    }
}

/// Whoever signs a note has read whom it is about, and its version does not tell that somebody else is treated in the session
/// now.
#[actix_web::test]
async fn a_session_with_a_note_stays_that_of_its_patient() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let session = course.session(&treatment, &appointment, json!({})).await;
    let of_ben = json!({ "patientId": course.patient("Ben").await.id });
    let treatment_of_ben = course.treatment(of_ben.clone()).await;
    let appointment_of_ben = course.another_appointment(of_ben).await;
    let to_ben = json!({ "treatmentId": treatment_of_ben.id, "appointmentId": appointment_of_ben.id });
    let draft = json!({ "treatmentSessionId": session.id, "noteType": "progress", "text": "better" });
    let draft = made(&course.post("/api/v1/clinical-notes", draft).await);

    assert_refused(
        &course.change(&session, to_ben.clone()).await,
        409,
        "SESSION_HAS_NOTES",
    );
    course.deleted(&draft).await;
    assert_refused(&course.change(&session, to_ben).await, 409, "SESSION_HAS_NOTES");
    let other_treatment = course.treatment(json!({})).await;
    course
        .changed(&session, json!({ "treatmentId": other_treatment.id }))
        .await;
}

#[actix_web::test]
async fn a_signed_note_keeps_its_session_as_it_is() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let other = course.another_appointment(json!({})).await;
    let begun = json!({ "status": "in-progress" });
    let session = course.session(&treatment, &appointment, begun.clone()).await;
    let planned = course.session(&treatment, &appointment, json!({})).await;
    let other_treatment = course.treatment(json!({})).await;
    course.sign_note(&session).await;
    course.sign_note(&planned).await;

    for (session, change) in [
        (&session, json!({ "treatmentId": other_treatment.id })),
        (&session, json!({ "appointmentId": other.id })),
        (&session, json!({ "performerId": course.desk.bea.id })),
        (&session, json!({ "number": 9 })),
        (&session, json!({ "status": "preparation" })),
        (&planned, json!({ "status": "not-done" })),
    ] {
        let answer = course.change(session, change).await;
        assert_refused(&answer, 409, "SESSION_HAS_SIGNED_NOTE");
    }
    assert_refused(&course.delete(&session).await, 409, "SESSION_HAS_SIGNED_NOTE");
    let same = json!({ "number": 1, "status": "completed", "outcome": "x" });
    let completed = course.changed(&session, same).await;
    assert_refused(&course.delete(&completed).await, 409, "SESSION_HAS_SIGNED_NOTE");
    course.changed(&completed, begun).await;
}

#[actix_web::test]
async fn a_list_is_of_a_treatment_an_appointment_a_patient_a_performer_and_a_status() {
    let course = Course::open().await;
    let (treatment, appointment) = places(&course).await;
    let other = course.another_appointment(json!({})).await;
    let ben = course.patient("Ben").await;
    let of_ben = json!({ "patientId": ben.id });
    let (treatment_of_ben, appointment_of_ben) = (
        course.treatment(of_ben.clone()).await,
        course.another_appointment(of_ben).await,
    );
    let bea = &course.desk.bea.id;
    let mut sessions = Vec::new();
    for (treatment, appointment, fields) in [
        (&treatment, &appointment, json!({ "number": 7, "outcome": "a" })),
        (
            &treatment,
            &other,
            json!({ "number": 2, "outcome": "b", "status": "in-progress" }),
        ),
        (
            &treatment_of_ben,
            &appointment_of_ben,
            json!({ "number": 4, "outcome": "c" }),
        ),
        (
            &treatment,
            &appointment,
            json!({ "number": 5, "outcome": "d", "performerId": bea }),
        ),
    ] {
        course.desk.app.clock.advance(Duration::from_secs(1));
        sessions.push(course.session(treatment, appointment, fields).await);
    }
    course.desk.app.clock.advance(Duration::from_secs(1));
    sessions[0] = course.changed(&sessions[0], json!({ "number": 9 })).await;
    let shown = async |query: String| {
        let answer = course.get(&format!("{SESSIONS}{query}")).await.expect(200);
        let items = answer.body["items"].as_array().unwrap().clone();
        let letters = items
            .iter()
            .map(|item| item["outcome"].as_str().unwrap().to_owned());
        letters.collect::<String>()
    };

    let of_treatment = format!("?treatmentId={}", treatment.id);
    for (query, expected) in [
        (String::new(), "abcd"),
        ("?sort=-createdAt".to_owned(), "dcba"),
        ("?sort=updatedAt".to_owned(), "bcda"),
        (of_treatment.clone(), "abd"),
        (format!("{of_treatment}&sort=number"), "bda"),
        (format!("{of_treatment}&sort=-number"), "adb"),
        (format!("?appointmentId={}", appointment.id), "ad"),
        (format!("?patientId={}", ben.id), "c"),
        (format!("?performerId={bea}"), "d"),
        (format!("?patientId={}&performerId={bea}", ben.id), ""),
        ("?status=in-progress".to_owned(), "b"),
        ("?status=in-progress,preparation".to_owned(), "abcd"),
    ] {
        assert_eq!(shown(query.clone()).await, expected, "{query}");
    }
    // Numbers are in cursors too.
    let first = course
        .get(&format!("{SESSIONS}{of_treatment}&sort=number&limit=1"))
        .await;
    let cursor = first.body["nextCursor"].as_str().unwrap();
    assert_eq!(
        shown(format!("{of_treatment}&sort=number&cursor={cursor}")).await,
        "da"
    );
    course.deleted(&sessions[3]).await;
    assert_eq!(shown(of_treatment.clone()).await, "ab");
    assert_eq!(shown("?deleted=true&status=preparation".to_owned()).await, "d");
    assert_eq!(
        shown(format!("{of_treatment}&deleted=true&sort=number")).await,
        "d"
    );
    for (query, code) in [
        ("?status=done", "INVALID_FIELD"),
        ("?sort=number", "INVALID_FIELD"),
        ("?sort=-number", "INVALID_FIELD"),
        ("?sort=start", "INVALID_FIELD"),
        ("?treatmentId=knee", "INVALID_QUERY"),
        ("?cursor=abc", "INVALID_CURSOR"),
    ] {
        assert_refused(&course.get(&format!("{SESSIONS}{query}")).await, 400, code);
    }
    let request = course.desk.app.get(&format!("{SESSIONS}?deleted=true"));
    let answer = course.desk.here(request, &course.desk.bea).send().await;
    assert_refused(&answer, 403, "FORBIDDEN");
}
