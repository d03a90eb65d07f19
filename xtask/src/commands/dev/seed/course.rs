//! What there is to see of one patient: a course of treatment, its notes, and what is known of them.

use serde_json::{Value, json};

use crate::api::{Answer, Client};
use crate::failure::Failure;

const ROOMS: &str = "/api/v1/rooms";
const HOURS: &str = "/api/v1/working-hours";
const APPOINTMENTS: &str = "/api/v1/appointments";
const TREATMENTS: &str = "/api/v1/treatments";
const SESSIONS: &str = "/api/v1/treatment-sessions";
const RECORDS: &str = "/api/v1/medical-records";
const NOTES: &str = "/api/v1/clinical-notes";
const ZONE: &str = "Europe/Berlin";
/// A Monday that is over wherever this is run.
const OVER: &str = "2026-01-05";
/// A Monday to come.
const TO_COME: &str = "2030-01-07";

/// Makes it all, unless the patient has a treatment already.
pub(super) fn make(tab: &mut Client, patient: &str) -> Result<(), Failure> {
    let treatments = tab.must_get(&format!("{TREATMENTS}?patientId={patient}"))?;
    if treatments.text("/items/0/id").is_some() {
        return Ok(());
    }
    let practitioner = tab.must_get("/api/auth/get-session")?.expect_text("/user/id")?;
    let treatment = json!({
        "patientId": patient,
        "practitionerId": practitioner,
        "title": "Right knee after a fall",
        "goal": "Walks stairs without pain",
        "plannedSessions": 6,
    });
    let treatment = tab.must_post(TREATMENTS, &treatment)?.expect_text("/id")?;
    let [over, to_come] = appointments(tab, patient, &practitioner)?
        .map(|appointment| json!({"treatmentId": treatment, "appointmentId": appointment}));
    let session = tab.must_post(SESSIONS, &over)?;
    tab.must_post(SESSIONS, &to_come)?;
    treated(tab, &session)?;
    noted(tab, &session.expect_text("/id")?)?;
    let problem = json!({
        "patientId": patient,
        "category": "problem",
        "code": {"text": "Sprain of the right knee", "system": "http://hl7.org/fhir/sid/icd-10", "code": "S83.6"},
        "onset": "2025-12",
    });
    tab.must_post(RECORDS, &problem).map(drop)
}

/// The ids of one that is over and one to come, in a room and within the hours of the practitioner.
fn appointments(tab: &mut Client, patient: &str, practitioner: &str) -> Result<[String; 2], Failure> {
    let room = found_or_made(tab, ROOMS, &json!({"name": "Room 1"}))?;
    let hours = json!({
        "practitionerId": practitioner,
        "daysOfWeek": ["mon", "tue", "wed", "thu", "fri"],
        "opensAt": "09:00",
        "closesAt": "17:00",
        "timeZone": ZONE,
    });
    found_or_made(tab, HOURS, &hours)?;
    let mut book = |day: &str| {
        let appointment = json!({
            "patientId": patient,
            "practitionerId": practitioner,
            "roomId": room,
            "start": format!("{day}T09:00:00Z"),
            "end": format!("{day}T09:30:00Z"),
            "timeZone": ZONE,
        });
        tab.must_post(APPOINTMENTS, &appointment)?.expect_text("/id")
    };
    Ok([book(OVER)?, book(TO_COME)?])
}

/// The session is over.
fn treated(tab: &mut Client, session: &Answer) -> Result<(), Failure> {
    let done = json!({
        "status": "completed",
        "outcome": "Less swelling, bends further",
        "measures": [{"code": {"text": "Flexion of the right knee"}, "value": "105", "unit": "deg"}],
    });
    let path = format!("{SESSIONS}/{}", session.expect_text("/id")?);
    tab.seeing(session)
        .must_call("PATCH", &path, Some(&done))
        .map(drop)
}

/// A signed note with a signed addendum.
fn noted(tab: &mut Client, session: &str) -> Result<(), Failure> {
    let note = json!({
        "treatmentSessionId": session,
        "noteType": "progress",
        "text": "Less swelling. Flexion 105 degrees, without pain up to 90.",
    });
    let note = tab.must_post(NOTES, &note)?;
    signed(tab, &note)?;
    let addendum = json!({"noteType": "progress", "text": "Exercises for at home shown."});
    let addenda = format!("{NOTES}/{}/addenda", note.expect_text("/id")?);
    let addendum = tab.must_post(&addenda, &addendum)?;
    signed(tab, &addendum)
}

fn signed(tab: &mut Client, draft: &Answer) -> Result<(), Failure> {
    let path = format!("{NOTES}/{}/sign", draft.expect_text("/id")?);
    tab.seeing(draft).must_call("POST", &path, None).map(drop)
}

/// The id of the first of its kind, or else of a new one.
fn found_or_made(tab: &mut Client, path: &str, record: &Value) -> Result<String, Failure> {
    let list = tab.must_get(path)?;
    match list.text("/items/0/id") {
        Some(found) => Ok(found.to_owned()),
        None => tab.must_post(path, record)?.expect_text("/id"),
    }
}
