//! A session that is completed fulfils its appointment, and neither says what contradicts the other.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::Record;

use crate::course::{Course, assert_refused};
use crate::desk::{at, problems};

/// What a clinic can do to an appointment to bring it to a status.
async fn appointment(course: &Course, status: &str) -> Record {
    let first = match status {
        "proposed" | "pending" | "waitlist" | "arrived" => status,
        _ => "booked",
    };
    let made = course.another_appointment(json!({ "status": first })).await;
    if status == first {
        return made;
    }
    let mut change = json!({ "status": status });
    if status == "cancelled" {
        change["cancellationReason"] = json!("ill");
    }
    course.changed(&made, change).await
}

async fn status(course: &Course, record: &Record) -> Value {
    course.read(record).await.body["status"].clone()
}

/// What the audit has of the request that changed a session last. The next one comes a second later.
async fn events(course: &Course, session: &Record) -> Vec<String> {
    const EVENTS: &str = "select resource || ' ' || action || ' ' || outcome
        from audit_events
        where request_id = (
          select request_id from audit_events where resource_id = $1::text::uuid and action <> 'read'
          order by recorded_at desc, id desc limit 1
        )
        order by resource desc";
    let events = sqlx::query_scalar(EVENTS).bind(&session.id);
    let mut admin = course.desk.app.database.admin().await;
    let events = events.fetch_all(&mut admin).await.unwrap();
    course.desk.app.clock.advance(Duration::from_secs(1));
    events
}

#[actix_web::test]
async fn a_completed_session_fulfils_its_appointment_and_reopening_takes_it_back() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    for from in ["booked", "arrived", "checked-in"] {
        let appointment = appointment(&course, from).await;
        let session = course.session(&treatment, &appointment, json!({})).await;
        assert_eq!(status(&course, &appointment).await, from);
        assert_eq!(
            events(&course, &session).await,
            ["treatmentSession create success"]
        );

        let completed = course.changed(&session, json!({ "status": "completed" })).await;
        let fulfilled = course.read(&appointment).await;
        assert_eq!(fulfilled.body["status"], "fulfilled");
        assert_eq!(
            fulfilled.body["version"].as_i64(),
            appointment.body["version"].as_i64().map(|version| version + 1)
        );
        assert_eq!(
            events(&course, &session).await,
            ["treatmentSession update success", "appointment update success"]
        );
        let reopened = course
            .changed(&completed, json!({ "status": "in-progress" }))
            .await;
        assert_eq!(status(&course, &appointment).await, from);
        assert_eq!(events(&course, &session).await.len(), 2);
        let again = course.changed(&reopened, json!({ "status": "completed" })).await;
        assert_eq!(events(&course, &session).await.len(), 2);
        let noted = course.changed(&again, json!({ "outcome": "x" })).await;
        assert_eq!(
            events(&course, &session).await,
            ["treatmentSession update success"]
        );
        let deleted = course.deleted(&noted).await;
        assert_eq!(status(&course, &appointment).await, from);
        assert_eq!(
            events(&course, &session).await,
            ["treatmentSession delete success", "appointment update success"]
        );
        course.restored(&deleted).await;
        assert_eq!(status(&course, &appointment).await, "fulfilled");
        assert_eq!(
            events(&course, &session).await,
            ["treatmentSession restore success", "appointment update success"]
        );
    }
}

#[actix_web::test]
async fn one_that_is_made_completed_fulfils_its_appointment_as_well() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let appointment = appointment(&course, "booked").await;

    let session = course
        .session(&treatment, &appointment, json!({ "status": "completed" }))
        .await;

    assert_eq!(status(&course, &appointment).await, "fulfilled");
    assert_eq!(
        events(&course, &session).await,
        ["treatmentSession create success", "appointment update success"]
    );
}

#[actix_web::test]
async fn an_appointment_stays_fulfilled_as_long_as_one_of_its_sessions_is_completed() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let appointment = appointment(&course, "arrived").await;
    let completed = json!({ "status": "completed" });
    let one = course.session(&treatment, &appointment, completed.clone()).await;
    let other = course.session(&treatment, &appointment, completed).await;
    assert_eq!(events(&course, &other).await.len(), 1);

    course.changed(&one, json!({ "status": "in-progress" })).await;
    assert_eq!(status(&course, &appointment).await, "fulfilled");
    course.deleted(&other).await;
    assert_eq!(status(&course, &appointment).await, "arrived");
}

#[actix_web::test]
async fn what_the_desk_fulfilled_stays_so_until_the_desk_takes_it_back() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let appointment = appointment(&course, "fulfilled").await;
    let session = course
        .session(&treatment, &appointment, json!({ "status": "completed" }))
        .await;
    assert_eq!(events(&course, &session).await.len(), 1);

    let kept = course
        .change(&appointment, json!({ "status": "checked-in" }))
        .await;
    let session = course.changed(&session, json!({ "status": "in-progress" })).await;
    let after = course.read(&appointment).await;
    let taken_back = course.changed(&after, json!({ "status": "checked-in" })).await;
    course.changed(&session, json!({ "status": "completed" })).await;

    assert_refused(&kept, 409, "APPOINTMENT_HAS_SESSIONS");
    assert_eq!(after.body, appointment.body);
    assert_eq!(taken_back.body["status"], "checked-in");
    assert_eq!(status(&course, &appointment).await, "fulfilled");
}

#[actix_web::test]
async fn a_session_takes_place_where_somebody_comes_and_completes_what_has_begun() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let kinds = ["preparation", "in-progress", "completed"];
    for (of_appointment, takes) in [
        ("proposed", [true, false, false]),
        ("pending", [true, false, false]),
        ("waitlist", [true, false, false]),
        ("booked", [true, true, true]),
        ("arrived", [true, true, true]),
        ("fulfilled", [true, true, true]),
        ("cancelled", [false, false, false]),
        ("noshow", [false, false, false]),
    ] {
        let moving = course
            .session(&treatment, &appointment(&course, "booked").await, json!({}))
            .await;
        for (kind, taken) in kinds.into_iter().zip(takes) {
            let place = appointment(&course, of_appointment).await;
            let answer = course.ask(&treatment, &place, json!({ "status": kind })).await;
            if taken {
                answer.expect(201);
            } else {
                assert_refused(&answer, 409, "APPOINTMENT_NOT_OPEN");
                assert_eq!(answer.body["appointmentStatus"], of_appointment);
                let moved = json!({ "appointmentId": place.id, "status": kind });
                let moved = course.change(&moving, moved).await;
                assert_refused(&moved, 409, "APPOINTMENT_NOT_OPEN");
            }
        }
    }
    let tomorrow = json!({ "start": "2026-03-04T09:00:00Z", "end": "2026-03-04T09:30:00Z" });
    let early = course.appointment(tomorrow).await;
    let session = course
        .session(&treatment, &early, json!({ "status": "in-progress" }))
        .await;
    let refused = course.change(&session, json!({ "status": "completed" })).await;
    assert_refused(&refused, 409, "APPOINTMENT_NOT_OPEN");
    assert!(refused.text.contains("has not begun"), "{}", refused.text);
}

#[actix_web::test]
async fn what_was_cancelled_meanwhile_is_neither_begun_nor_taken_up_again() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let place = appointment(&course, "booked").await;
    let planned = course.session(&treatment, &place, json!({})).await;
    let skipped = course.session(&treatment, &place, json!({})).await;
    let skipped = course.changed(&skipped, json!({ "status": "not-done" })).await;
    let completed = course
        .session(&treatment, &place, json!({ "status": "completed" }))
        .await;
    let deleted = course.deleted(&completed).await;
    let cancel = json!({ "status": "cancelled", "cancellationReason": "ill" });
    course.now(&place, cancel).await;

    for (session, status) in [
        (&planned, "in-progress"),
        (&planned, "completed"),
        (&skipped, "preparation"),
    ] {
        let answer = course.change(session, json!({ "status": status })).await;
        assert_refused(&answer, 409, "APPOINTMENT_NOT_OPEN");
    }
    assert_refused(&course.restore(&deleted).await, 409, "APPOINTMENT_NOT_OPEN");
    course.changed(&planned, json!({ "status": "not-done" })).await;
}

#[actix_web::test]
async fn an_appointment_says_nothing_that_its_sessions_contradict() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let contradictions = async |place: &Record, statuses: &[&str]| {
        let place = course.read(place).await;
        for status in statuses {
            let mut change = json!({ "status": status });
            if *status == "cancelled" {
                change["cancellationReason"] = json!("ill");
            }
            let answer = course.change(&place, change).await;
            assert_refused(&answer, 409, "APPOINTMENT_HAS_SESSIONS");
        }
        assert_refused(&course.delete(&place).await, 409, "APPOINTMENT_HAS_SESSIONS");
    };

    let place = appointment(&course, "arrived").await;
    let session = course
        .session(&treatment, &place, json!({ "status": "in-progress" }))
        .await;
    contradictions(&place, &["booked", "noshow", "cancelled"]).await;
    let stopped = course.changed(&session, json!({ "status": "stopped" })).await;
    contradictions(&place, &["booked", "noshow", "cancelled"]).await;
    let place = course
        .changed(&place, json!({ "status": "checked-in", "comment": "x" }))
        .await;
    let reopened = course.changed(&stopped, json!({ "status": "in-progress" })).await;
    let completed = course.changed(&reopened, json!({ "status": "completed" })).await;
    contradictions(&place, &["checked-in"]).await;
    course.now(&place, json!({ "comment": "y" })).await;

    // A booked one with a session that was begun is not put back either.
    let early = appointment(&course, "booked").await;
    course
        .session(&treatment, &early, json!({ "status": "in-progress" }))
        .await;
    contradictions(&early, &["pending", "waitlist", "noshow", "cancelled"]).await;

    // What is only planned, or was not done, keeps an appointment from nothing but deletion.
    let planned = appointment(&course, "booked").await;
    let session = course.session(&treatment, &planned, json!({})).await;
    assert_refused(&course.delete(&planned).await, 409, "APPOINTMENT_HAS_SESSIONS");
    let cancelled = json!({ "status": "cancelled", "cancellationReason": "ill" });
    let cancelled = course.changed(&planned, cancelled).await;
    course.deleted(&session).await;
    course.deleted(&cancelled).await;
    course.deleted(&completed).await;
    course.now(&place, json!({ "status": "arrived" })).await;
}

#[actix_web::test]
async fn an_appointment_stays_that_of_its_patient_while_any_session_names_it_be_it_deleted() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let place = appointment(&course, "booked").await;
    let other_place = appointment(&course, "booked").await;
    let session = course.session(&treatment, &place, json!({})).await;
    let ben = course.patient("Ben").await;
    let hand_over = json!({ "patientId": ben.id });

    let named = course.change(&place, hand_over.clone()).await;
    let deleted = course.deleted(&session).await;
    let named_by_deleted = course.change(&place, hand_over.clone()).await;
    let restored = course.restored(&deleted).await;
    course
        .changed(&restored, json!({ "appointmentId": other_place.id }))
        .await;
    course.changed(&place, hand_over).await;

    for answer in [named, named_by_deleted] {
        assert_refused(&answer, 409, "APPOINTMENT_HAS_SESSIONS");
    }
}

#[actix_web::test]
async fn nothing_is_opened_again_for_a_patient_or_in_a_room_that_is_not_there() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let room = course.desk.new_room("Room 2").await;
    // It is not over yet.
    let now = json!({ "start": at("09:45"), "end": at("10:15"), "roomId": room });
    let place = course.appointment(now).await;
    let over = appointment(&course, "booked").await;
    let completed = json!({ "status": "completed" });
    let in_room = course.session(&treatment, &place, completed.clone()).await;
    let session = course.session(&treatment, &over, completed).await;
    let path = format!("/api/v1/rooms/{room}");
    let request = course.desk.app.delete(&path).if_match("\"1\"");
    let request = course.desk.here(request, &course.desk.ada);
    request.json(json!({ "reason": "x" })).send().await.expect(204);

    let reopened = course.change(&in_room, json!({ "status": "in-progress" })).await;
    let told = |field: &str, problem: &str| [(field.to_owned(), problem.to_owned())];
    assert_eq!(problems(&reopened), told("roomId", "names no room"));
    assert_eq!(status(&course, &place).await, "fulfilled");
    // Nobody is in it any more.
    course.desk.app.clock.advance(Duration::from_secs(900));
    let reopened = course.changed(&in_room, json!({ "status": "in-progress" })).await;
    course.changed(&reopened, json!({ "status": "completed" })).await;

    course.now(&treatment, json!({ "status": "completed" })).await;
    let gone = course.deleted(&course.ana().await).await;
    let deleted = course.delete(&session).await;
    assert_eq!(problems(&deleted), told("patientId", "names no patient"));
    course.changed(&session, json!({ "outcome": "x" })).await;
    course.restored(&gone).await;
    course.deleted(&course.read(&session).await).await;
    assert_eq!(status(&course, &over).await, "booked");
}

#[actix_web::test]
async fn a_deleted_session_comes_back_only_where_everything_is_there() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let place = appointment(&course, "booked").await;
    let session = course.session(&treatment, &place, json!({})).await;
    let session = course.changed(&session, json!({ "status": "not-done" })).await;
    let session = course.deleted(&session).await;
    let treatment = course.deleted(&treatment).await;
    let place = course.deleted(&place).await;
    let ana = course.deleted(&course.ana().await).await;

    let nothing = course.restore(&session).await;
    course.restored(&ana).await;
    course.restored(&treatment).await;
    course.restored(&place).await;
    let over = course.now(&treatment, json!({ "status": "revoked" })).await;
    let cancel = json!({ "status": "cancelled", "cancellationReason": "ill" });
    course.now(&place, cancel).await;
    let ana = course.deleted(&course.ana().await).await;
    let nobody = course.restore(&session).await;
    course.restored(&ana).await;

    let fields: Vec<_> = problems(&nothing);
    assert_eq!(
        fields,
        [
            ("treatmentId".to_owned(), "names no treatment".to_owned()),
            ("appointmentId".to_owned(), "names no appointment".to_owned())
        ]
    );
    assert_eq!(
        problems(&nobody),
        [("patientId".to_owned(), "names no patient".to_owned())]
    );
    course.restored(&session).await;
    assert_eq!(over.body["progress"]["notDone"], 0);
}
