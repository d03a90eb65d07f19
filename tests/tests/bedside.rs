//! A patient in treatment, about whom notes are written.

use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Clinic, Person, Record, Request};

pub(crate) const NOTES: &str = "/api/v1/clinical-notes";
pub(crate) const SESSIONS: &str = "/api/v1/treatment-sessions";

/// Salt Lane: Ada owns it, Bea is a member; both write. Ana is treated by Ada.
pub(crate) struct Bedside {
    pub(crate) app: App,
    pub(crate) ada: Person,
    pub(crate) bea: Person,
    pub(crate) clinic: Clinic,
    pub(crate) patient: String,
    appointment: String,
    pub(crate) session: String,
}

impl Bedside {
    pub(crate) async fn open() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let bea = app.sign_up("bea").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        app.join(&clinic.id, &bea.id, "member").await;
        let patient = app.patient(&ada).create().await;
        let appointment = app.appointment(&ada, &patient).create().await.id;
        let mut ward = Self {
            app,
            ada,
            bea,
            clinic,
            patient: patient.id,
            appointment,
            session: String::new(),
        };
        ward.session = ward.another_session().await;
        ward
    }

    /// A further session of Ana's with Ada.
    pub(crate) async fn another_session(&self) -> String {
        self.session_of(&self.patient, &self.appointment).await
    }

    /// A session of a patient with Ada in this appointment.
    pub(crate) async fn session_of(&self, patient: &str, appointment: &str) -> String {
        let treatment = json!({ "patientId": patient, "title": "Knee", "practitionerId": self.ada.id });
        let treatment = self.made("/api/v1/treatments", treatment).await;
        self.made(
            SESSIONS,
            json!({ "treatmentId": treatment, "appointmentId": appointment }),
        )
        .await
    }

    async fn made(&self, path: &str, body: Value) -> String {
        let request = self.app.post(path).by(&self.ada).json(body);
        let made = request.send().await.expect(201);
        made.body["id"].as_str().expect("a record has an id").to_owned()
    }

    /// Hands the session, as it was made, over to Bea.
    pub(crate) async fn hand_over(&self) -> Answer {
        let request = self
            .app
            .patch(&format!("{SESSIONS}/{}", self.session))
            .by(&self.ada);
        let body = json!({ "performerId": self.bea.id });
        request.if_match("\"1\"").json(body).send().await
    }

    /// Deletes the session, as it was made.
    pub(crate) async fn delete_session(&self) -> Answer {
        let request = self
            .app
            .delete(&format!("{SESSIONS}/{}", self.session))
            .by(&self.ada);
        let request = request.if_match("\"1\"");
        request.json(json!({ "reason": "entered twice" })).send().await
    }

    /// A request of this person in the clinic.
    pub(crate) fn here<'a>(&self, request: Request<'a>, by: &Person) -> Request<'a> {
        request.by(by).organization(&self.clinic.id)
    }

    /// What this person reads of a path.
    pub(crate) async fn read(&self, path: &str) -> Value {
        self.here(self.app.get(path), &self.ada)
            .send()
            .await
            .expect(200)
            .body
    }

    pub(crate) fn wish(&self) -> Value {
        json!({ "treatmentSessionId": self.session, "noteType": "progress", "text": "Less pain." })
    }

    /// A draft about the session, by this person.
    pub(crate) async fn draft(&self, by: &Person) -> Record {
        let request = self.here(self.app.post(NOTES), by).json(self.wish());
        record(&request.send().await.expect(201))
    }

    pub(crate) async fn change(&self, by: &Person, note: &Record, body: Value) -> Answer {
        let request = self.here(self.app.patch(&note.path), by);
        request.if_match(&note.etag).json(body).send().await
    }

    pub(crate) async fn sign(&self, by: &Person, note: &Record) -> Answer {
        let request = self.here(self.app.post(&format!("{}/sign", note.path)), by);
        request.if_match(&note.etag).send().await
    }

    pub(crate) async fn delete(&self, by: &Person, note: &Record) -> Answer {
        let request = self.here(self.app.delete(&note.path), by).if_match(&note.etag);
        request.json(json!({ "reason": "entered twice" })).send().await
    }

    pub(crate) async fn restore(&self, by: &Person, path: &str, etag: &str) -> Answer {
        let request = self.here(self.app.post(&format!("{path}/restore")), by);
        request.if_match(etag).send().await
    }

    pub(crate) async fn add(&self, by: &Person, to: &Record, body: Value) -> Answer {
        let request = self.here(self.app.post(&format!("{}/addenda", to.path)), by);
        request.json(body).send().await
    }

    /// A note that Ada has written and signed.
    pub(crate) async fn signed(&self) -> Record {
        let draft = self.draft(&self.ada).await;
        record(&self.sign(&self.ada, &draft).await.expect(200))
    }

    pub(crate) async fn verification(&self, note: &Record) -> Answer {
        let path = format!("{}/verification", note.path);
        self.here(self.app.get(&path), &self.ada).send().await
    }
}

/// The note of an answer.
pub(crate) fn record(answer: &Answer) -> Record {
    let id = answer.body["id"].as_str().expect("a note has an id");
    Record {
        id: id.to_owned(),
        path: format!("{NOTES}/{id}"),
        etag: answer.header("etag").to_owned(),
        body: answer.body.clone(),
    }
}
