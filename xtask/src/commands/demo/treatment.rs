//! The day goes on: a course of six sessions, and the first of them.

use serde_json::{Value, json};

use super::desk::{APPOINTMENTS, Desk, code};
use super::http::Clinic;
use super::report::Report;
use crate::api::Answer;
use crate::failure::Failure;

const TREATMENTS: &str = "/api/v1/treatments";
const SESSIONS: &str = "/api/v1/treatment-sessions";
/// Mondays that are over wherever the tour is taken, so that what is booked can have taken place.
const MONDAYS: [&str; 6] = [
    "2026-01-05",
    "2026-01-12",
    "2026-01-19",
    "2026-01-26",
    "2026-02-02",
    "2026-02-09",
];

/// Emma's course: planned, and its first session treated. The id of that session.
pub(super) fn first_of_six(report: &mut Report, linde: &mut Clinic, desk: &Desk) -> Result<String, Failure> {
    let treatment = planning(report, linde, desk)?;
    let session = treating(report, linde, &treatment)?;
    report.fact(
        "how far the course is",
        &progress(&linde.owner.must_get(&treatment)?, ""),
        &"1 of 6".to_owned(),
    );
    Ok(session)
}

/// Six appointments and six sessions. The path of the treatment.
fn planning(report: &mut Report, linde: &mut Clinic, desk: &Desk) -> Result<String, Failure> {
    report.part("The day goes on: a course of six sessions")?;
    let owner = &mut linde.owner;
    let course = json!({
        "patientId": desk.patient,
        "practitionerId": desk.practitioner,
        "title": "Right knee after the fall",
        "goal": "Walks stairs without pain",
        "plannedSessions": MONDAYS.len(),
        "periodStart": MONDAYS.first(),
    });
    let course = owner.must_post(TREATMENTS, &course)?;
    report.fact(
        "Emma's course is",
        &course.expect_text("/status")?,
        &"active".to_owned(),
    );
    let mut numbers = Vec::new();
    for day in MONDAYS {
        let appointment = owner.must_post(APPOINTMENTS, &desk.on(day, 9, 0))?;
        let session = json!({
            "treatmentId": course.expect_text("/id")?,
            "appointmentId": appointment.expect_text("/id")?,
        });
        let session = owner.must_post(SESSIONS, &session)?;
        numbers.push(
            session
                .body
                .get("number")
                .map(Value::to_string)
                .unwrap_or_default(),
        );
    }
    report.fact(
        "six Mondays are booked, and the sessions numbered",
        &numbers.join(", "),
        &"1, 2, 3, 4, 5, 6".to_owned(),
    );
    let path = format!("{TREATMENTS}/{}", course.expect_text("/id")?);
    report.fact(
        "how far the course is",
        &progress(&owner.must_get(&path)?, ""),
        &"0 of 6".to_owned(),
    );
    let early = owner
        .seeing(&course)
        .call("PATCH", &path, Some(&json!({"status": "completed"})))?;
    report.fact(
        "it is completed with sessions to come",
        &code(&early),
        &"TREATMENT_HAS_OPEN_SESSIONS".to_owned(),
    );
    Ok(path)
}

fn treating(report: &mut Report, linde: &mut Clinic, treatment: &str) -> Result<String, Failure> {
    report.part("The first session")?;
    let owner = &mut linde.owner;
    let id = treatment.rsplit('/').next().unwrap_or_default();
    let sessions = owner.must_get(&format!("{SESSIONS}?treatmentId={id}&sort=number&limit=1"))?;
    let session = sessions.expect_text("/items/0/id")?;
    let path = format!("{SESSIONS}/{session}");
    let planned = owner.must_get(&path)?;
    let [day, ..] = MONDAYS;
    let begin = json!({"status": "in-progress", "start": format!("{day}T09:02:00Z")});
    let begun = owner.seeing(&planned).call("PATCH", &path, Some(&begin))?;
    report.fact(
        "it begins",
        &begun.expect_text("/status")?,
        &"in-progress".to_owned(),
    );
    let measured = |unit: &str| {
        json!({
            "status": "completed",
            "end": format!("{day}T09:28:00Z"),
            "outcome": "Less swelling, bends further",
            "measures": [{"code": {"text": "Flexion of the right knee"}, "value": "105.0", "unit": unit}],
        })
    };
    let mut screen = owner.seeing(&begun);
    let slip = screen.call("PATCH", &path, Some(&measured("degrees")))?;
    report.fact(
        "a unit that UCUM does not have is refused, naming",
        &slip.expect_text("/errors/0/field")?,
        &"measures.0.unit".to_owned(),
    );
    let done = screen.call("PATCH", &path, Some(&measured("deg")))?;
    report.fact("it ends", &done.expect_text("/status")?, &"completed".to_owned());
    report.fact(
        "what was measured, as it was written",
        &done.expect_text("/measures/0/value")?,
        &"105.0".to_owned(),
    );
    let appointment = format!("{APPOINTMENTS}/{}", done.expect_text("/appointmentId")?);
    report.fact(
        "its appointment is, by the same transaction",
        &owner.must_get(&appointment)?.expect_text("/status")?,
        &"fulfilled".to_owned(),
    );
    Ok(session)
}

/// What is done of what is planned, by the treatment at this pointer.
pub(super) fn progress(answer: &Answer, pointer: &str) -> String {
    let number = |name: &str| {
        let found = answer.body.pointer(&format!("{pointer}/progress/{name}"));
        found.map(Value::to_string).unwrap_or_default()
    };
    format!("{} of {}", number("completed"), number("planned"))
}
