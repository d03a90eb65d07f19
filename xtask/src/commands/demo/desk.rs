//! The tour of a morning at the front desk: find, warn of a duplicate, book, clash, free slots, overbook, and who opened
//! the file.

use serde_json::{Value, json};

use super::http::{Clinic, PATIENTS};
use super::report::Report;
use crate::api::Answer;
use crate::failure::Failure;

pub(super) const APPOINTMENTS: &str = "/api/v1/appointments";
/// A Monday. In Berlin it is an hour later than in UTC.
const DAY: &str = "2030-03-04";
const ZONE: &str = "Europe/Berlin";

/// Emma calls, comes and is treated.
pub(super) fn morning(report: &mut Report, linde: &mut Clinic) -> Result<Desk, Failure> {
    let emma = finding(report, linde)?;
    let ana = linde
        .owner
        .must_get("/api/auth/get-session")?
        .expect_text("/user/id")?;
    let desk = Desk {
        patient: emma,
        practitioner: ana,
        room: opening(linde)?,
    };
    let appointment = booking(report, linde, &desk)?;
    arriving(report, linde, &appointment)?;
    looking_back(report, linde, &desk.patient)?;
    Ok(desk)
}

/// Who and where, in every booking of the tour.
pub(super) struct Desk {
    pub(super) patient: String,
    pub(super) practitioner: String,
    room: String,
}

impl Desk {
    /// Half an hour of the tour's Monday from a time of the day in UTC.
    fn at(&self, hour: u8, minute: u8) -> Value {
        self.on(DAY, hour, minute)
    }

    /// Half an hour of a day from a time in UTC.
    pub(super) fn on(&self, day: &str, hour: u8, minute: u8) -> Value {
        let until = u16::from(hour) * 60 + u16::from(minute) + 30;
        json!({
            "patientId": self.patient,
            "practitionerId": self.practitioner,
            "roomId": self.room,
            "start": format!("{day}T{hour:02}:{minute:02}:00Z"),
            "end": format!("{day}T{:02}:{:02}:00Z", until / 60, until % 60),
            "timeZone": ZONE,
        })
    }
}

fn finding(report: &mut Report, linde: &mut Clinic) -> Result<String, Failure> {
    report.part("A morning at the desk: who is it?")?;
    let desk = &mut linde.owner;
    let emma = json!({"firstName": "Emma", "lastName": "Sommer", "dateOfBirth": "1990-05-14", "phone": "+49 30 901820"});
    let recorded = desk.must_post(PATIENTS, &emma)?;
    let by_name = desk.must_get(&format!("{PATIENTS}?search=som%20em"))?;
    report.fact(
        "found by beginnings of the name, `som em`",
        &by_name.expect_text("/items/0/firstName")?,
        &"Emma".to_owned(),
    );
    let by_phone = desk.must_get(&format!("{PATIENTS}?phone=030%20901820"))?;
    report.fact(
        "found by the phone number, as it is dialled in town",
        &by_phone.expect_text("/items/0/firstName")?,
        &"Emma".to_owned(),
    );
    let again = json!({"firstName": "Ema", "lastName": "Sommer", "dateOfBirth": "1990-05-14"});
    let warned = desk.post(PATIENTS, &again)?;
    report.fact(
        "Ema Sommer of the same birthday is typed in, and a warning comes",
        &code(&warned),
        &"LIKELY_DUPLICATE".to_owned(),
    );
    report.fact(
        "it names the one who is there",
        &warned.expect_text("/duplicates/0/firstName")?,
        &"Emma".to_owned(),
    );
    let twin = desk.post(&format!("{PATIENTS}?allowDuplicate=true"), &again)?;
    report.fact(
        "she is the twin, and is recorded all the same",
        &twin.status,
        &201,
    );
    recorded.expect_text("/id")
}

/// A room, and the hours of Ana.
fn opening(linde: &mut Clinic) -> Result<String, Failure> {
    let room = linde
        .owner
        .must_post("/api/v1/rooms", &json!({"name": "Room 1"}))?;
    let ana = linde
        .owner
        .must_get("/api/auth/get-session")?
        .expect_text("/user/id")?;
    let hours = json!({
        "practitionerId": ana,
        "daysOfWeek": ["mon", "tue", "wed", "thu", "fri"],
        "opensAt": "09:00",
        "closesAt": "17:00",
        "timeZone": ZONE,
    });
    linde.owner.must_post("/api/v1/working-hours", &hours)?;
    room.expect_text("/id")
}

fn booking(report: &mut Report, linde: &mut Clinic, desk: &Desk) -> Result<String, Failure> {
    report.part("The appointment")?;
    let owner = &mut linde.owner;
    let booked = owner.must_post(APPOINTMENTS, &desk.at(9, 0))?;
    report.fact(
        "Emma comes at ten in Berlin",
        &booked.expect_text("/status")?,
        &"booked".to_owned(),
    );
    let clash = owner.post(APPOINTMENTS, &desk.at(9, 15))?;
    report.fact(
        "somebody else at a quarter past",
        &code(&clash),
        &"SLOT_TAKEN".to_owned(),
    );
    let free = clash.body.get("freeSlots").and_then(Value::as_array);
    report.fact("free slots offered instead", &free.map_or(0, Vec::len), &3);
    report.fact(
        "the first of them",
        &clash.expect_text("/freeSlots/0/start")?,
        &format!("{DAY}T09:30:00.000Z"),
    );
    report.fact(
        "it is taken",
        &owner.post(APPOINTMENTS, &desk.at(9, 30))?.status,
        &201,
    );
    let evening = owner.post(APPOINTMENTS, &desk.at(19, 0))?;
    report.fact(
        "at eight in the evening nobody works",
        &evening.expect_text("/clashes/0/kind")?,
        &"working-hours".to_owned(),
    );
    let mut urgent = desk.at(9, 15);
    if let Some(fields) = urgent.as_object_mut() {
        fields.insert("overbookingReason".to_owned(), json!("in pain"));
    }
    let overbooked = owner.must_post(APPOINTMENTS, &urgent)?;
    report.fact(
        "who is in pain is squeezed in, and it shows",
        &overbooked.expect_text("/overbookingReason")?,
        &"in pain".to_owned(),
    );
    let day = format!(
        "/api/v1/schedule?practitionerId={}&from={DAY}&timeZone={ZONE}",
        desk.practitioner
    );
    let day = owner.must_get(&day)?;
    let busy = day.body.pointer("/days/0/busy").and_then(Value::as_array);
    report.fact("appointments of the day", &busy.map_or(0, Vec::len), &3);
    booked.expect_text("/id")
}

fn arriving(report: &mut Report, linde: &mut Clinic, appointment: &str) -> Result<(), Failure> {
    report.part("The patient comes")?;
    let path = format!("{APPOINTMENTS}/{appointment}");
    let mut first = linde.owner.at_version("\"1\"");
    let arrived = first.call("PATCH", &path, Some(&json!({"status": "arrived"})))?;
    report.fact(
        "Emma is there",
        &arrived.expect_text("/status")?,
        &"arrived".to_owned(),
    );
    let stale = first.call("PATCH", &path, Some(&json!({"status": "noshow"})))?;
    report.fact(
        "another desk, with the old screen, says she is not",
        &stale.status,
        &412,
    );
    let mut second = linde.owner.at_version("\"2\"");
    let nonsense = second.call("PATCH", &path, Some(&json!({"status": "proposed"})))?;
    report.fact(
        "what makes no sense is refused",
        &code(&nonsense),
        &"STATUS_NOT_ALLOWED".to_owned(),
    );
    Ok(())
}

fn looking_back(report: &mut Report, linde: &mut Clinic, patient: &str) -> Result<(), Failure> {
    report.part("Who opened this file?")?;
    linde.owner.must_get(&format!("{PATIENTS}/{patient}"))?;
    let events = linde.owner.must_get(&format!(
        "{PATIENTS}/{patient}/audit-events?action=read&total=true"
    ))?;
    report.fact(
        "the file says who opened it",
        &events.expect_text("/items/0/user/name")?,
        &"Ana Lindner".to_owned(),
    );
    let booked = linde.owner.must_get(&format!(
        "{PATIENTS}/{patient}/audit-events?outcome=success&resource=appointment"
    ))?;
    let items = booked.body.get("items").and_then(Value::as_array);
    report.fact(
        "and what was booked and changed for her",
        &items.map_or(0, Vec::len),
        &4,
    );
    Ok(())
}

/// The code of a refusal.
pub(super) fn code(answer: &Answer) -> String {
    answer.text("/code").unwrap_or_default().to_owned()
}
