//! A front desk to try bookings at.

use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Clinic, Person, Request};

pub(crate) const APPOINTMENTS: &str = "/api/v1/appointments";

/// The day after the one on which tests begin, a Tuesday.
const DAY: &str = "2026-03-03";

/// Salt Lane: Ada owns it, Bea is a member, both treat; one patient and one room.
pub(crate) struct Desk {
    pub(crate) app: App,
    pub(crate) ada: Person,
    pub(crate) bea: Person,
    pub(crate) clinic: Clinic,
    pub(crate) patient: String,
    pub(crate) room: String,
}

/// An appointment as the API showed it.
#[derive(Clone, Debug)]
pub(crate) struct Booked {
    pub(crate) path: String,
    pub(crate) etag: String,
    pub(crate) body: Value,
}

impl Booked {
    pub(crate) fn of(answer: &Answer) -> Self {
        let id = answer.body["id"].as_str().expect("an appointment has an id");
        Self {
            path: format!("{APPOINTMENTS}/{id}"),
            etag: answer.header("etag").to_owned(),
            body: answer.body.clone(),
        }
    }
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let bea = app.sign_up("bea").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        app.join(&clinic.id, &bea.id, "member").await;
        let patient = app.patient(&ada).create().await.id;
        let mut desk = Self {
            app,
            ada,
            bea,
            clinic,
            patient,
            room: String::new(),
        };
        desk.room = desk.new_room("Room 1").await;
        desk
    }

    pub(crate) async fn new_room(&self, name: &str) -> String {
        let request = self.app.post("/api/v1/rooms").by(&self.ada);
        let room = request.json(json!({ "name": name })).send().await.expect(201);
        room.body["id"].as_str().expect("a room has an id").to_owned()
    }

    /// An appointment with Ada and in no room, by times of the day in UTC: `09:00`.
    pub(crate) fn wish(&self, from: &str, to: &str) -> Value {
        json!({
            "patientId": self.patient,
            "practitionerId": self.ada.id,
            "start": at(from),
            "end": at(to),
            "timeZone": "Europe/Berlin",
        })
    }

    pub(crate) async fn ask(&self, by: &Person, body: Value) -> Answer {
        self.here(self.app.post(APPOINTMENTS), by).json(body).send().await
    }

    /// Asks as Ada, and gets it.
    pub(crate) async fn book(&self, body: Value) -> Booked {
        Booked::of(&self.ask(&self.ada, body).await.expect(201))
    }

    pub(crate) async fn change(&self, by: &Person, appointment: &Booked, body: Value) -> Answer {
        let request = self.app.patch(&appointment.path).if_match(&appointment.etag);
        self.here(request, by).json(body).send().await
    }

    /// Changes as Ada, and succeeds.
    pub(crate) async fn changed(&self, appointment: &Booked, body: Value) -> Booked {
        Booked::of(&self.change(&self.ada, appointment, body).await.expect(200))
    }

    /// Deletes as Ada. What is left has the new tag and the old body.
    pub(crate) async fn deleted(&self, appointment: &Booked) -> Booked {
        let request = self.app.delete(&appointment.path).if_match(&appointment.etag);
        let body = json!({ "reason": "entered twice" });
        let deleted = self.here(request, &self.ada).json(body).send().await.expect(204);
        Booked {
            etag: deleted.header("etag").to_owned(),
            ..appointment.clone()
        }
    }

    pub(crate) async fn restore(&self, appointment: &Booked) -> Answer {
        let request = self.app.post(&format!("{}/restore", appointment.path));
        let request = self.here(request, &self.ada).if_match(&appointment.etag);
        request.send().await
    }

    /// Lists as Ada; the query begins with `?`.
    pub(crate) async fn list(&self, query: &str) -> Answer {
        let request = self.app.get(&format!("{APPOINTMENTS}{query}"));
        self.here(request, &self.ada).send().await
    }

    /// The request, by this person in Salt Lane.
    pub(crate) fn here<'a>(&self, request: Request<'a>, by: &Person) -> Request<'a> {
        request.by(by).organization(&self.clinic.id)
    }

    /// Ends Bea's membership, behind the back of the API.
    pub(crate) async fn bea_leaves(&self) {
        let leave = sqlx::query(r#"delete from member where "userId" = $1::text::uuid"#).bind(&self.bea.id);
        let mut admin = self.app.database.admin().await;
        leave.execute(&mut admin).await.expect("Bea leaves");
    }
}

/// A time of the day as the API shows it.
pub(crate) fn at(time: &str) -> String {
    format!("{DAY}T{time}:00.000Z")
}

/// A span as the API shows it.
pub(crate) fn span(from: &str, to: &str) -> Value {
    json!({ "start": at(from), "end": at(to) })
}

/// The same JSON with other fields.
pub(crate) fn with(mut body: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().expect("fields are an object") {
        body[name] = value.clone();
    }
    body
}

/// The fields that an answer refuses, and why.
pub(crate) fn problems(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| (text(&error["field"]), text(&error["detail"])))
        .collect()
}
