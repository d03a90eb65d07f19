//! People, clinics and patients, made as a browser makes them.

use serde_json::{Value, json};

use crate::{App, Request};

/// A person who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user's id.
    pub id: String,
    /// The address, `ada@example.org` for `ada`.
    pub email: String,
    /// The session, as a browser sends it.
    pub cookie: String,
}

/// An organization.
#[derive(Debug, Clone)]
pub struct Clinic {
    /// Its id.
    pub id: String,
}

/// A patient as the API showed it.
#[derive(Debug, Clone)]
pub struct Patient {
    /// Its id.
    pub id: String,
    /// The entity tag, with its quotes.
    pub etag: String,
    /// All that was shown.
    pub body: Value,
}

/// Any other record as the API showed it.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub path: String,
    /// The entity tag, with its quotes.
    pub etag: String,
    /// All that was shown.
    pub body: Value,
}

/// Any other record to be made.
#[must_use = "nothing is made before create()"]
pub struct RecordFixture<'a> {
    request: Request<'a>,
    body: Value,
}

/// A patient to be recorded.
#[must_use = "nothing is recorded before create()"]
pub struct PatientFixture<'a> {
    request: Request<'a>,
    body: Value,
}

impl App {
    /// Signs a person up and in: `ada` is Ada, `ada@example.org`.
    pub async fn sign_up(&self, name: &str) -> Person {
        let email = format!("{name}@example.org");
        let body = json!({ "name": name, "email": email, "password": password(name) });
        let answer = self
            .post("/api/auth/sign-up/email")
            .json(body)
            .send()
            .await
            .expect(200);
        let cookie = answer
            .session_cookie()
            .expect("signing up sets the session cookie");
        let id = text(&answer.body["user"]["id"]);
        Person { id, email, cookie }
    }

    /// Signs a person in once more: another session of the same user.
    pub async fn sign_in(&self, name: &str) -> Person {
        let body = json!({ "email": format!("{name}@example.org"), "password": password(name) });
        let answer = self
            .post("/api/auth/sign-in/email")
            .json(body)
            .send()
            .await
            .expect(200);
        let cookie = answer
            .session_cookie()
            .expect("signing in sets the session cookie");
        let id = text(&answer.body["user"]["id"]);
        Person {
            id,
            email: format!("{name}@example.org"),
            cookie,
        }
    }

    /// Opens a clinic, which becomes the active organization of this session.
    pub async fn organization(&self, owner: &Person, slug: &str) -> Clinic {
        let body = json!({ "name": slug, "slug": slug });
        let answer = self
            .post("/api/auth/organization/create")
            .by(owner)
            .json(body)
            .send()
            .await
            .expect(200);
        Clinic {
            id: text(&answer.body["id"]),
        }
    }

    /// Makes a user a member, behind the back of the API, and returns the member's id.
    pub async fn join(&self, organization: &str, user: &str, role: &str) -> String {
        const JOIN: &str = r#"insert into member ("organizationId", "userId", role)
            values ($1::text::uuid, $2::text::uuid, $3) returning id::text"#;
        let mut admin = self.database.admin().await;
        let member = sqlx::query_scalar(JOIN).bind(organization).bind(user).bind(role);
        member.fetch_one(&mut admin).await.expect("the user joins")
    }

    /// A patient to be recorded in the active organization of this person; Ana Brandt unless it is said otherwise.
    pub fn patient(&self, by: &Person) -> PatientFixture<'_> {
        let request = self.post("/api/v1/patients").by(by);
        PatientFixture {
            request,
            body: json!({ "firstName": "Ana", "lastName": "Brandt" }),
        }
    }
}

impl App {
    /// A room to be added to the active organization of this person; Room 1 unless it is said otherwise.
    pub fn room(&self, by: &Person) -> RecordFixture<'_> {
        RecordFixture {
            request: self.post("/api/v1/rooms").by(by),
            body: json!({ "name": "Room 1" }),
        }
    }

    /// An appointment of a patient with this person to be booked in their active organization; Tuesday, 3 March 2026, from
    /// 9:00 to 9:30 in Berlin, unless it is said otherwise.
    pub fn appointment(&self, by: &Person, patient: &Patient) -> RecordFixture<'_> {
        RecordFixture {
            request: self.post("/api/v1/appointments").by(by),
            body: json!({
                "patientId": patient.id,
                "practitionerId": by.id,
                "start": "2026-03-03T09:00:00+01:00",
                "end": "2026-03-03T09:30:00+01:00",
                "timeZone": "Europe/Berlin",
            }),
        }
    }
}

impl App {
    /// A medical record of a patient to be made in the active organization of this person; a haemoglobin A1c of
    /// 48 mmol/mol, found now, unless it is said otherwise.
    pub fn observation(&self, by: &Person, patient: &Patient) -> RecordFixture<'_> {
        let code = json!({ "text": "Haemoglobin A1c", "code": "59261-8", "system": "http://loinc.org" });
        RecordFixture {
            request: self.post("/api/v1/medical-records").by(by),
            body: json!({
                "patientId": patient.id,
                "category": "observation",
                "code": code,
                "value": "48",
                "unit": "mmol/mol",
            }),
        }
    }

    /// A document of a patient to be made in the active organization of this person, without its content.
    pub fn document(&self, by: &Person, patient: &Patient) -> RecordFixture<'_> {
        self.medical_record(by, patient, "document", "Discharge letter")
    }

    /// A medical record of another category; beside its name it has nothing yet.
    pub fn medical_record(
        &self,
        by: &Person,
        patient: &Patient,
        category: &str,
        name: &str,
    ) -> RecordFixture<'_> {
        RecordFixture {
            request: self.post("/api/v1/medical-records").by(by),
            body: json!({ "patientId": patient.id, "category": category, "code": { "text": name } }),
        }
    }
}

impl App {
    /// A treatment of a patient to be made in the active organization of this person, who leads it; one of three sessions,
    /// unless it is said otherwise.
    pub fn treatment(&self, by: &Person, patient: &Patient) -> RecordFixture<'_> {
        RecordFixture {
            request: self.post("/api/v1/treatments").by(by),
            body: json!({
                "patientId": patient.id,
                "title": "Knee after surgery",
                "plannedSessions": 3,
                "practitionerId": by.id,
            }),
        }
    }

    /// A session of a treatment to be planned in an appointment of the same patient.
    pub fn treatment_session(
        &self,
        by: &Person,
        treatment: &Record,
        appointment: &Record,
    ) -> RecordFixture<'_> {
        RecordFixture {
            request: self.post("/api/v1/treatment-sessions").by(by),
            body: json!({ "treatmentId": treatment.id, "appointmentId": appointment.id }),
        }
    }
}

impl RecordFixture<'_> {
    /// Sets one field.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.body[field] = value;
        self
    }

    /// Makes the record.
    pub async fn create(self) -> Record {
        let answer = self.request.json(self.body).send().await.expect(201);
        Record {
            id: text(&answer.body["id"]),
            path: answer.header("location").to_owned(),
            etag: answer.header("etag").to_owned(),
            body: answer.body,
        }
    }
}

impl PatientFixture<'_> {
    /// Names the patient.
    pub fn name(self, first_name: &str, last_name: &str) -> Self {
        self.with("firstName", json!(first_name))
            .with("lastName", json!(last_name))
    }

    /// Sets one field.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.body[field] = value;
        self
    }

    /// Records the patient.
    pub async fn create(self) -> Patient {
        let answer = self.request.json(self.body).send().await.expect(201);
        Patient {
            id: text(&answer.body["id"]),
            etag: answer.header("etag").to_owned(),
            body: answer.body,
        }
    }
}

impl Patient {
    /// What a list shows of the patient.
    pub fn summary(&self) -> Value {
        summary(&self.body)
    }

    /// Where the patient is.
    pub fn path(&self) -> String {
        format!("/api/v1/patients/{}", self.id)
    }
}

/// What a list shows of a patient whose file is this.
pub fn summary(file: &Value) -> Value {
    let mut shown = file.clone();
    let private = [
        "identifiers",
        "otherPhones",
        "email",
        "address",
        "language",
        "contacts",
        "deceasedOn",
        "medicalHistory",
    ];
    if let Some(fields) = shown.as_object_mut() {
        fields.retain(|name, _| !private.contains(&name.as_str()));
    }
    shown
}

/// The password of a person.
pub fn password(name: &str) -> String {
    format!("the password of {name}")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
