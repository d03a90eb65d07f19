//! Sessions that meet each other, their treatment and their appointment: whatever way they come, nothing contradicts
//! anything afterwards, and nobody waits for ever.

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};
use serde_json::{Value, json};
use wardkeep_testkit::race_rounds;
use wardkeep_tests::{Answer, Record};

use crate::course::{Course, made};
use crate::races::{counted, fewer_rounds};

/// Appointments that are fulfilled by sessions and have none that is completed, or have one and are not fulfilled, or whose
/// sessions they contradict otherwise.
const CONTRADICTIONS: &str = "select count(*) from appointments
    left join lateral (
      select bool_or(status = 'completed') as completed, bool_or(status in ('in-progress', 'stopped')) as begun
      from treatment_sessions
      where treatment_sessions.organization_id = appointments.organization_id
      and treatment_sessions.appointment_id = appointments.id and treatment_sessions.deleted_at is null
    ) as sessions on true
    where completed and status <> 'fulfilled'
    or fulfilled_from is not null and completed is not true
    or begun and status in ('proposed', 'pending', 'waitlist', 'noshow', 'cancelled')";

/// Appointments that are fulfilled, and no session that is completed: somebody at the desk said so, or nobody did.
const FULFILLED_BY_NOBODY: &str = "select count(*) from appointments
    where status = 'fulfilled' and not exists (
      select from treatment_sessions
      where treatment_sessions.organization_id = appointments.organization_id
      and treatment_sessions.appointment_id = appointments.id and treatment_sessions.deleted_at is null
      and treatment_sessions.status = 'completed'
    )";

/// Completed treatments with open sessions, and no reason for them.
const OPEN_IN_COMPLETED: &str = "select count(*) from treatments
    join treatment_sessions on treatment_sessions.organization_id = treatments.organization_id
    and treatment_sessions.treatment_id = treatments.id and treatment_sessions.deleted_at is null
    where treatments.status = 'completed' and treatments.completion_reason is null
    and treatment_sessions.status in ('preparation', 'in-progress')";

async fn count(course: &Course, query: &'static str) -> i64 {
    let mut admin = course.desk.app.database.admin().await;
    sqlx::query_scalar(query).fetch_one(&mut admin).await.unwrap()
}

async fn assert_sound(course: &Course, round: usize) {
    assert_eq!(count(course, CONTRADICTIONS).await, 0, "round {round}");
    assert_eq!(count(course, OPEN_IN_COMPLETED).await, 0, "round {round}");
}

/// Eight appointments at one time, so that whoever comes to a treatment waits for nobody but at the treatment.
async fn places(course: &Course) -> Vec<Record> {
    let mut places = Vec::new();
    for _ in 0..8 {
        places.push(course.another_appointment(json!({})).await);
    }
    places
}

#[actix_web::test]
async fn of_64_sessions_at_once_each_gets_a_number_of_its_own_without_a_gap() {
    let course = Course::open().await;
    let places = places(&course).await;
    for round in 0..fewer_rounds() {
        let treatment = course.treatment(json!({})).await;
        let asking = (0..64).map(|number| course.ask(&treatment, &places[number % 8], json!({})));

        let answers = join_all(asking).await;

        assert_eq!(
            counted(&answers),
            BTreeMap::from([((201, ""), 64)]),
            "round {round}"
        );
        let mut numbers: Vec<_> = answers
            .iter()
            .map(|answer| answer.body["number"].as_i64().unwrap())
            .collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=64).collect::<Vec<_>>(), "round {round}");
    }
}

#[actix_web::test]
async fn of_64_that_want_one_number_one_gets_it() {
    let course = Course::open().await;
    let places = places(&course).await;
    for round in 0..fewer_rounds() {
        let treatment = course.treatment(json!({})).await;
        let mut planned = Vec::new();
        for place in &places {
            planned.push(course.session(&treatment, place, json!({})).await);
        }
        let number = json!({ "number": 9 });
        let asking = (0..56).map(|asker| course.ask(&treatment, &places[asker % 8], number.clone()));
        let changing = planned
            .iter()
            .map(|session| course.change(session, number.clone()));

        let (asked, changed) = join(join_all(asking), join_all(changing)).await;

        let answers: Vec<_> = asked.into_iter().chain(changed).collect();
        let counts = counted(&answers);
        let got_it = [200, 201].map(|status| counts.get(&(status, "")).copied().unwrap_or(0));
        assert_eq!(
            (counts[&(409, "SESSION_NUMBER_TAKEN")], got_it.iter().sum()),
            (63, 1),
            "round {round}"
        );
    }
}

/// Numbers are drawn while others are taken, given up and taken again.
#[actix_web::test]
async fn who_draws_a_number_gets_one_whatever_happens_to_the_others() {
    let course = Course::open().await;
    let places = places(&course).await;
    for round in 0..fewer_rounds() {
        let treatment = course.treatment(json!({})).await;
        let mut planned = Vec::new();
        for number in 0..16 {
            planned.push(course.session(&treatment, &places[number % 8], json!({})).await);
        }
        let drawing = (0..32).map(|number| course.ask(&treatment, &places[number % 8], json!({})));
        let renumbering = planned.iter().take(8).enumerate();
        let renumbering =
            renumbering.map(|(index, session)| course.change(session, json!({ "number": 17 + index })));
        let deleting = planned.iter().skip(8).map(|session| course.delete(session));

        let (drawn, (renumbered, deleted)) =
            join(join_all(drawing), join(join_all(renumbering), join_all(deleting))).await;

        assert_eq!(
            counted(&drawn),
            BTreeMap::from([((201, ""), 32)]),
            "round {round}"
        );
        assert_eq!(counted(&deleted), BTreeMap::from([((204, ""), 8)]));
        counted(&renumbered);
    }
}

#[actix_web::test]
async fn two_are_completed_while_the_desk_cancels_and_one_of_them_is_told() {
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    for round in 0..race_rounds() {
        let place = course.another_appointment(json!({})).await;
        let one = course.session(&treatment, &place, json!({})).await;
        let other = course.session(&treatment, &place, json!({})).await;
        let complete = json!({ "status": "completed" });
        let cancel = json!({ "status": "cancelled", "cancellationReason": "ill" });

        let (cancelled, completed) = join(
            course.change(&place, cancel),
            join_all([
                course.change(&one, complete.clone()),
                course.change(&other, complete),
            ]),
        )
        .await;

        let counts = counted(&completed);
        match cancelled.status {
            200 => assert_eq!(counts, BTreeMap::from([((409, "APPOINTMENT_NOT_OPEN"), 2)])),
            _ => {
                // The version is a new one, once a session has fulfilled it.
                assert_eq!(cancelled.code(), "STALE_VERSION", "round {round}");
                assert_eq!(counts, BTreeMap::from([((200, ""), 2)]));
            }
        }
        assert_sound(&course, round).await;
        assert_eq!(count(&course, FULFILLED_BY_NOBODY).await, 0, "round {round}");
    }
}

#[actix_web::test]
async fn a_treatment_is_completed_while_sessions_are_added_and_none_of_them_stays_open_in_it() {
    let course = Course::open().await;
    let places = places(&course).await;
    for round in 0..fewer_rounds() {
        let treatment = course.treatment(json!({})).await;
        let skipped = course.session(&treatment, &places[0], json!({})).await;
        let skipped = course.changed(&skipped, json!({ "status": "not-done" })).await;
        let done = course
            .session(&treatment, &places[1], json!({ "status": "completed" }))
            .await;
        let deleted = course
            .session(&treatment, &places[2], json!({ "number": 500 }))
            .await;
        let deleted = course.deleted(&deleted).await;
        let adding = (0..60).map(|number| course.ask(&treatment, &places[number % 8], json!({})));
        let opening = async {
            let reopened = course.change(&skipped, json!({ "status": "preparation" }));
            let resumed = course.change(&done, json!({ "status": "in-progress" }));
            let restored = course.restore(&deleted);
            let (one, (other, third)) = join(reopened, join(resumed, restored)).await;
            vec![one, other, third]
        };

        let (completed, (added, opened)) = join(
            course.change(&treatment, json!({ "status": "completed" })),
            join(join_all(adding), opening),
        )
        .await;

        let answers: Vec<_> = added.into_iter().chain(opened).collect();
        let counts = counted(&answers);
        let opened: usize = [200, 201]
            .map(|status| counts.get(&(status, "")).copied().unwrap_or(0))
            .iter()
            .sum();
        match completed.status {
            200 => assert_eq!(
                (opened, counts[&(409, "TREATMENT_NOT_ACTIVE")]),
                (0, 63),
                "round {round}"
            ),
            _ => {
                assert_eq!(completed.code(), "TREATMENT_HAS_OPEN_SESSIONS", "round {round}");
                assert_eq!(opened, 63);
            }
        }
        assert_sound(&course, round).await;
    }
}

#[actix_web::test]
async fn a_treatment_is_deleted_while_sessions_come_to_it_and_has_none_then() {
    const ORPHANS: &str = "select count(*) from treatments
        join treatment_sessions on treatment_sessions.organization_id = treatments.organization_id
        and treatment_sessions.treatment_id = treatments.id
        where treatments.deleted_at is not null and treatment_sessions.deleted_at is null";
    let course = Course::open().await;
    let places = places(&course).await;
    let home = course.treatment(json!({})).await;
    for round in 0..fewer_rounds() {
        let treatment = course.treatment(json!({})).await;
        let moving = course.session(&home, &places[0], json!({})).await;
        let deleted = course.session(&treatment, &places[1], json!({})).await;
        let deleted = course.deleted(&deleted).await;
        let adding = places
            .iter()
            .map(|place| course.ask(&treatment, place, json!({})));

        let (gone, (added, (moved, restored))) = join(
            course.delete(&treatment),
            join(
                join_all(adding),
                join(
                    course.change(&moving, json!({ "treatmentId": treatment.id, "number": 99 })),
                    course.restore(&deleted),
                ),
            ),
        )
        .await;

        let answers: Vec<_> = added.into_iter().chain([moved, restored, gone]).collect();
        counted(&answers);
        assert_eq!(count(&course, ORPHANS).await, 0, "round {round}");
    }
}

#[actix_web::test]
async fn an_appointment_is_deleted_or_handed_over_while_sessions_come_to_it_and_stays_theirs() {
    const ORPHANS: &str = "select count(*) from appointments
        join treatment_sessions on treatment_sessions.organization_id = appointments.organization_id
        and treatment_sessions.appointment_id = appointments.id
        where treatment_sessions.patient_id <> appointments.patient_id
        or appointments.deleted_at is not null and treatment_sessions.deleted_at is null";
    let course = Course::open().await;
    let treatment = course.treatment(json!({})).await;
    let ben = course.patient("Ben").await;
    for round in 0..fewer_rounds() {
        let place = course.another_appointment(json!({})).await;
        let other = course.another_appointment(json!({})).await;
        let moving = course.session(&treatment, &other, json!({})).await;
        let adding = (0..6).map(|_| course.ask(&treatment, &place, json!({})));

        let (at_the_desk, (added, moved)) = join(
            join(
                course.delete(&place),
                course.change(&place, json!({ "patientId": ben.id })),
            ),
            join(
                join_all(adding),
                course.change(&moving, json!({ "appointmentId": place.id })),
            ),
        )
        .await;

        let answers: Vec<_> = added
            .into_iter()
            .chain([at_the_desk.0, at_the_desk.1, moved])
            .collect();
        counted(&answers);
        assert_eq!(count(&course, ORPHANS).await, 0, "round {round}");
    }
}

/// Everything at once, over and over: eight sessions of two treatments in two appointments, one of which is the desk's as
/// well. The answers may be whatever they are; nothing fails, and nothing is left that contradicts anything.
#[actix_web::test]
async fn a_storm_of_completions_and_corrections_leaves_nothing_that_contradicts_anything() {
    let course = Course::open().await;
    let treatments = [
        course.treatment(json!({})).await,
        course.treatment(json!({})).await,
    ];
    let places = [
        course.another_appointment(json!({})).await,
        course.another_appointment(json!({})).await,
    ];
    let mut sessions = Vec::new();
    for number in 0..8 {
        let session = course.session(&treatments[number % 2], &places[number / 2 % 2], json!({}));
        sessions.push(session.await);
    }
    for round in 0..fewer_rounds() {
        let steps = |number: usize| {
            let (course, session) = (&course, &sessions[number % 8]);
            let (treatments, places) = (&treatments, &places);
            async move { step(course, session, treatments, places, number + round * 7).await }
        };

        let answers: Vec<_> = join_all((0..64).map(steps)).await.into_iter().flatten().collect();

        counted(&answers);
        assert_sound(&course, round).await;
        assert_eq!(count(&course, FULFILLED_BY_NOBODY).await, 0, "round {round}");
        let gone = sessions.iter_mut().map(|session| back(&course, session));
        join_all(gone).await;
    }
}

/// One of many things, done to a record as it is when it is done.
async fn step(
    course: &Course,
    session: &Record,
    treatments: &[Record; 2],
    places: &[Record; 2],
    number: usize,
) -> Vec<Answer> {
    let status = |status: &str| json!({ "status": status });
    let (record, change) = match number % 11 {
        0 | 1 => (session, status("completed")),
        2 | 3 => (session, status("in-progress")),
        4 => (session, status("stopped")),
        5 => (session, status("preparation")),
        6 => (session, json!({ "appointmentId": places[number / 11 % 2].id })),
        7 => (&places[number / 11 % 2], status("checked-in")),
        8 => (&places[number / 11 % 2], status("booked")),
        9 => (
            &treatments[number / 11 % 2],
            status(["on-hold", "active"][number / 22 % 2]),
        ),
        _ => {
            let read = course.get(&session.path).await;
            if read.status != 200 {
                return vec![read];
            }
            let now = crate::course::changed(session, &read);
            let deleted = course.delete(&now).await;
            let after = Record {
                etag: deleted.header("etag").to_owned(),
                ..now
            };
            return match deleted.status {
                204 => vec![deleted, course.restore(&after).await],
                _ => vec![deleted],
            };
        }
    };
    let read = course.get(&record.path).await;
    if read.status != 200 {
        return vec![read];
    }
    let now = crate::course::changed(record, &read);
    vec![course.change(&now, change).await]
}

/// A session that was deleted and could not come back is followed by a new one, and treatments go on.
async fn back(course: &Course, session: &mut Record) {
    if course.get(&session.path).await.status == 200 {
        return;
    }
    let again =
        json!({ "treatmentId": session.body["treatmentId"], "appointmentId": session.body["appointmentId"] });
    let answer = course.post(crate::course::SESSIONS, again).await;
    if answer.status == 201 {
        *session = made(&answer);
    } else {
        let refused = ["TREATMENT_NOT_ACTIVE", "APPOINTMENT_NOT_OPEN"];
        assert!(refused.contains(&answer.code()), "{}", answer.text);
    }
}

/// A patient is deleted while a treatment is made, reopened or restored for them: either it is there and they stay, or it is
/// not.
#[actix_web::test]
async fn a_patient_who_is_deleted_while_they_are_treated_stays_or_is_not_treated() {
    const ORPHANS: &str = "select count(*) from treatments
        join patients on patients.organization_id = treatments.organization_id and patients.id = treatments.patient_id
        where patients.deleted_at is not null and treatments.deleted_at is null
        and treatments.status in ('draft', 'active', 'on-hold')";
    let course = Course::open().await;
    for round in 0..fewer_rounds() {
        let patient = course.patient(&format!("Ana{round}")).await;
        let of_patient = json!({ "patientId": patient.id });
        let over = course.treatment(of_patient.clone()).await;
        let over = course.changed(&over, json!({ "status": "revoked" })).await;
        let deleted = course.treatment(of_patient.clone()).await;
        let deleted = course.deleted(&deleted).await;
        let file = Record {
            id: patient.id.clone(),
            path: patient.path(),
            etag: patient.etag,
            body: Value::Null,
        };

        let (gone, answers) = join(
            course.delete(&file),
            join(
                course.post(crate::course::TREATMENTS, course.wish(&of_patient)),
                join(
                    course.change(&over, json!({ "status": "active" })),
                    course.restore(&deleted),
                ),
            ),
        )
        .await;

        let (made, (reopened, restored)) = answers;
        counted(&[gone, made, reopened, restored]);
        assert_eq!(count(&course, ORPHANS).await, 0, "round {round}");
    }
}
