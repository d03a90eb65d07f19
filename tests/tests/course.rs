//! A course of treatment to try things at.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::{Answer, Patient, Person, Record};

use crate::desk::{APPOINTMENTS, Desk, with};

pub(crate) const TREATMENTS: &str = "/api/v1/treatments";
pub(crate) const SESSIONS: &str = "/api/v1/treatment-sessions";

/// Salt Lane on Tuesday, 3 March 2026, 10:00 UTC. Ada owns it, Bea is a member, both treat; Ana is a patient.
pub(crate) struct Course {
    pub(crate) desk: Desk,
}

impl Course {
    pub(crate) async fn open() -> Self {
        let desk = Desk::open().await;
        desk.app.clock.advance(Duration::from_secs(25 * 3600));
        Self { desk }
    }

    /// A treatment of Ana, planned for three sessions and led by Ada, with other fields.
    pub(crate) fn wish(&self, fields: &Value) -> Value {
        let wish = json!({
            "patientId": self.desk.patient,
            "title": "Knee after surgery",
            "plannedSessions": 3,
            "practitionerId": self.desk.ada.id,
        });
        with(wish, fields)
    }

    pub(crate) async fn treatment(&self, fields: Value) -> Record {
        made(&self.post(TREATMENTS, self.wish(&fields)).await)
    }

    /// An appointment of Ana with Ada today, from 9:00 to 9:30, so that it has begun; with other fields.
    pub(crate) async fn appointment(&self, fields: Value) -> Record {
        let wish = with(self.desk.wish("09:00", "09:30"), &fields);
        made(&self.post(APPOINTMENTS, wish).await)
    }

    /// Another appointment at the same time, with Ada overbooked.
    pub(crate) async fn another_appointment(&self, fields: Value) -> Record {
        self.appointment(with(fields, &json!({ "overbookingReason": "a group" })))
            .await
    }

    /// Asks for a session of a treatment in an appointment, with other fields.
    pub(crate) async fn ask(&self, treatment: &Record, appointment: &Record, fields: Value) -> Answer {
        let wish = json!({ "treatmentId": treatment.id, "appointmentId": appointment.id });
        self.post(SESSIONS, with(wish, &fields)).await
    }

    /// Asks, and gets it.
    pub(crate) async fn session(&self, treatment: &Record, appointment: &Record, fields: Value) -> Record {
        made(&self.ask(treatment, appointment, fields).await)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_as(&self.desk.ada, path, body).await
    }

    pub(crate) async fn post_as(&self, by: &Person, path: &str, body: Value) -> Answer {
        let request = self.desk.here(self.desk.app.post(path), by);
        request.json(body).send().await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.desk
            .here(self.desk.app.get(path), &self.desk.ada)
            .send()
            .await
    }

    /// What there is now.
    pub(crate) async fn read(&self, record: &Record) -> Record {
        changed(record, &self.get(&record.path).await.expect(200))
    }

    pub(crate) async fn change(&self, record: &Record, body: Value) -> Answer {
        let request = self.desk.app.patch(&record.path).if_match(&record.etag);
        self.desk.here(request, &self.desk.ada).json(body).send().await
    }

    /// Changes it, and succeeds.
    pub(crate) async fn changed(&self, record: &Record, body: Value) -> Record {
        changed(record, &self.change(record, body).await.expect(200))
    }

    /// Changes it as it is now, and succeeds.
    pub(crate) async fn now(&self, record: &Record, body: Value) -> Record {
        self.changed(&self.read(record).await, body).await
    }

    pub(crate) async fn delete(&self, record: &Record) -> Answer {
        let request = self.desk.app.delete(&record.path).if_match(&record.etag);
        let body = json!({ "reason": "entered twice" });
        self.desk.here(request, &self.desk.ada).json(body).send().await
    }

    /// Deletes it. What is left has the new tag and the old body.
    pub(crate) async fn deleted(&self, record: &Record) -> Record {
        let deleted = self.delete(record).await.expect(204);
        Record {
            etag: deleted.header("etag").to_owned(),
            ..record.clone()
        }
    }

    pub(crate) async fn restore(&self, record: &Record) -> Answer {
        let request = self.desk.app.post(&format!("{}/restore", record.path));
        let request = request.if_match(&record.etag);
        self.desk.here(request, &self.desk.ada).send().await
    }

    pub(crate) async fn restored(&self, record: &Record) -> Record {
        changed(record, &self.restore(record).await.expect(200))
    }

    /// Ana, as she was recorded.
    pub(crate) async fn ana(&self) -> Record {
        let path = format!("/api/v1/patients/{}", self.desk.patient);
        record(path.clone(), &self.get(&path).await.expect(200))
    }

    pub(crate) async fn patient(&self, first_name: &str) -> Patient {
        let patient = self.desk.app.patient(&self.desk.ada);
        patient.name(first_name, "Costa").create().await
    }

    /// Signs a note about a session, behind the back of the API.
    pub(crate) async fn sign_note(&self, session: &Record) {
        const WRITE: &str = "insert into clinical_notes
              (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status)
            select organization_id, gen_random_uuid(), id, created_by, 'ada', 'progress', 'better', 'draft'
            from treatment_sessions where id = $1::text::uuid";
        const SIGN: &str = "update clinical_notes
            set status = 'final', signed_by = author_id, signed_by_name = 'ada', signed_at = now(), sha256 = 'x'
            where treatment_session_id = $1::text::uuid";
        let mut admin = self.desk.app.database.admin().await;
        for statement in [WRITE, SIGN] {
            let done = sqlx::query(statement).bind(&session.id).execute(&mut admin).await;
            assert_eq!(done.unwrap().rows_affected(), 1);
        }
    }
}

/// The record that a create made.
pub(crate) fn made(answer: &Answer) -> Record {
    assert_eq!(answer.status, 201, "{}", answer.text);
    record(answer.header("location").to_owned(), answer)
}

/// The record after a change.
pub(crate) fn changed(before: &Record, answer: &Answer) -> Record {
    record(before.path.clone(), answer)
}

fn record(path: String, answer: &Answer) -> Record {
    Record {
        id: answer.body["id"].as_str().unwrap_or_default().to_owned(),
        path,
        etag: answer.header("etag").to_owned(),
        body: answer.body.clone(),
    }
}

/// That an answer is a refusal with this code, whatever else it says.
pub(crate) fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
}
