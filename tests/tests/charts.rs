//! A patient's chart: all that is known of a patient, to who may know it.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_tests::{App, Clinic, Patient, Person, Record};

const CATEGORIES: [&str; 5] = ["problem", "allergy", "medication", "observation", "document"];

/// Salt Lane, where Ada is an owner and Ana a patient.
struct World {
    app: App,
    ada: Person,
    clinic: Clinic,
    ana: Patient,
}

impl World {
    async fn new() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        let ana = app.patient(&ada).create().await;
        Self {
            app,
            ada,
            clinic,
            ana,
        }
    }

    async fn post(&self, path: &str, body: Value) -> Record {
        // Each is made a second after the other.
        self.app.clock.advance(Duration::from_secs(1));
        let answer = self
            .app
            .post(path)
            .by(&self.ada)
            .json(body)
            .send()
            .await
            .expect(201);
        Record {
            id: answer.body["id"].as_str().unwrap().to_owned(),
            path: answer.header("location").to_owned(),
            etag: answer.header("etag").to_owned(),
            body: answer.body,
        }
    }

    /// The `number`th of each kind of record of a patient.
    async fn one_of_each(&self, patient: &Patient, number: usize) {
        let day = 3 + number;
        let appointment = self
            .app
            .appointment(&self.ada, patient)
            .with("start", json!(format!("2026-03-{day:02}T09:00:00Z")))
            .with("end", json!(format!("2026-03-{day:02}T09:30:00Z")))
            .create()
            .await;
        let treatment = json!({ "patientId": patient.id, "title": format!("Course {number}"), "practitionerId": self.ada.id });
        let treatment = self.post("/api/v1/treatments", treatment).await;
        let session = json!({ "treatmentId": treatment.id, "appointmentId": appointment.id });
        let session = self.post("/api/v1/treatment-sessions", session).await;
        let note = json!({ "treatmentSessionId": session.id, "noteType": "progress", "text": format!("Note {number}") });
        self.post("/api/v1/clinical-notes", note).await;
        for category in CATEGORIES {
            let mut record = json!({
                "patientId": patient.id,
                "category": category,
                "code": { "text": format!("{category} {number}") },
                "onset": format!("20{:02}", 10 + number),
            });
            if category == "observation" {
                record["valueText"] = json!("negative");
            }
            self.post("/api/v1/medical-records", record).await;
        }
    }

    async fn chart(&self, by: &Person, query: &str) -> wardkeep_tests::Answer {
        let path = format!("{}/chart{query}", self.ana.path());
        self.app
            .get(&path)
            .by(by)
            .organization(&self.clinic.id)
            .send()
            .await
    }

    /// What the audit has of the patient's charts, the newest first.
    async fn events(&self) -> Vec<(String, Value)> {
        let query = "select concat_ws(' ', user_name, action, resource, outcome, code), coalesce(query, '{}')
            from audit_events
            where patient_id = $1::text::uuid and resource_id = patient_id and action = 'read'
            order by id desc";
        let query = sqlx::query_as(query).bind(&self.ana.id);
        query
            .fetch_all(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }
}

fn texts(part: &Value, pointer: &str) -> Vec<String> {
    let items = part["items"].as_array().expect("a part has items");
    let text = |item: &Value| item.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    items.iter().map(text).collect()
}

#[actix_web::test]
async fn a_chart_has_the_newest_of_everything() {
    let world = World::new().await;
    let bea = world.app.patient(&world.ada).name("Bea", "Costa").create().await;
    world.one_of_each(&bea, 10).await;
    for number in [1, 2, 3] {
        world.one_of_each(&world.ana, number).await;
    }

    let chart = world.chart(&world.ada, "").await.expect(200).body;

    assert_eq!(chart["patient"], world.ana.body);
    assert_eq!(
        texts(&chart["appointments"], "/start"),
        [
            "2026-03-06T09:00:00.000Z",
            "2026-03-05T09:00:00.000Z",
            "2026-03-04T09:00:00.000Z"
        ]
    );
    assert_eq!(
        texts(&chart["treatments"], "/title"),
        ["Course 3", "Course 2", "Course 1"]
    );
    assert_eq!(chart["treatments"]["items"][0]["progress"]["open"], 1);
    assert_eq!(
        texts(&chart["clinicalNotes"], "/text"),
        ["Note 3", "Note 2", "Note 1"]
    );
    let treated_last = &chart["treatmentSessions"]["items"][0];
    assert_eq!(treated_last["treatmentId"], chart["treatments"]["items"][0]["id"]);
    assert_eq!(
        treated_last["id"],
        chart["clinicalNotes"]["items"][0]["treatmentSessionId"]
    );
    let records = chart["medicalRecords"].as_object().unwrap();
    assert_eq!(records.len(), CATEGORIES.len());
    for category in CATEGORIES {
        let newest = [3, 2, 1].map(|number| format!("{category} {number}"));
        assert_eq!(texts(&records[category], "/code/text"), newest);
        assert_eq!(records[category]["nextCursor"], Value::Null);
    }
    let shown = json!({ "chart": ["appointments", "treatments", "treatmentSessions", "medicalRecords", "clinicalNotes"], "limit": 20 });
    assert_eq!(
        world.events().await,
        [("ada read patient success".to_owned(), shown)]
    );
}

#[actix_web::test]
async fn each_part_goes_on_as_its_list() {
    let world = World::new().await;
    for number in [1, 2, 3] {
        world.one_of_each(&world.ana, number).await;
    }

    let chart = world.chart(&world.ada, "?limit=2").await.expect(200).body;

    let mut parts = vec![
        ("appointments?sort=-start".to_owned(), "/appointments"),
        ("treatments?sort=-createdAt".to_owned(), "/treatments"),
        (
            "treatment-sessions?sort=-createdAt".to_owned(),
            "/treatmentSessions",
        ),
        (
            "clinical-notes?addendum=false&sort=-createdAt".to_owned(),
            "/clinicalNotes",
        ),
    ];
    let pointers = CATEGORIES.map(|category| format!("/medicalRecords/{category}"));
    for (category, pointer) in CATEGORIES.iter().zip(&pointers) {
        parts.push((
            format!("medical-records?category={category}&sort=-effective"),
            pointer,
        ));
    }
    for (list, pointer) in parts {
        let part = chart.pointer(pointer).unwrap();
        let cursor = part["nextCursor"].as_str().unwrap();
        let list = format!("/api/v1/{list}&patientId={}", world.ana.id);
        let whole = world.app.get(&list).by(&world.ada).send().await.expect(200).body;
        let rest = format!("{list}&cursor={cursor}");
        let rest = world.app.get(&rest).by(&world.ada).send().await.expect(200).body;
        let mut both = part["items"].as_array().unwrap().clone();
        both.extend(rest["items"].as_array().unwrap().iter().cloned());
        assert_eq!(json!(both), whole["items"], "{pointer}");
        assert_eq!((both.len(), rest["nextCursor"].is_null()), (3, true), "{pointer}");
    }
}

#[actix_web::test]
async fn a_note_is_shown_with_its_addenda_and_a_deleted_record_not_at_all() {
    let world = World::new().await;
    world.one_of_each(&world.ana, 1).await;
    let chart = world.chart(&world.ada, "").await.expect(200).body;
    let note = chart["clinicalNotes"]["items"][0]["id"].as_str().unwrap();
    let note = format!("/api/v1/clinical-notes/{note}");
    let sign = world
        .app
        .post(&format!("{note}/sign"))
        .by(&world.ada)
        .if_match("\"1\"");
    sign.send().await.expect(200);
    world
        .post(&format!("{note}/addenda"), json!({ "text": "More" }))
        .await;
    let problem = chart["medicalRecords"]["problem"]["items"][0]["id"]
        .as_str()
        .unwrap();
    let problem = world.app.delete(&format!("/api/v1/medical-records/{problem}"));
    let problem = problem
        .by(&world.ada)
        .if_match("\"1\"")
        .json(json!({ "reason": "of somebody else" }));
    problem.send().await.expect(204);

    let chart = world.chart(&world.ada, "").await.expect(200).body;

    assert_eq!(texts(&chart["clinicalNotes"], "/text"), ["Note 1"]);
    assert_eq!(chart["clinicalNotes"]["items"][0]["addenda"][0]["text"], "More");
    assert_eq!(chart["medicalRecords"]["problem"]["items"], json!([]));
}

#[actix_web::test]
async fn who_may_not_read_a_part_sees_none_and_the_audit_says_so() {
    let world = World::new().await;
    world.one_of_each(&world.ana, 1).await;
    let rights = json!({ "patient": ["read"], "appointment": ["read"], "treatment": ["read"] });
    for (role, permission) in [
        ("front-desk", rights),
        ("onlooker", json!({ "appointment": ["read"] })),
    ] {
        let role = json!({ "role": role, "permission": permission });
        let create = world.app.post("/api/auth/organization/create-role");
        create.by(&world.ada).json(role).send().await.expect(200);
    }
    let (ben, cleo) = (world.app.sign_up("ben").await, world.app.sign_up("cleo").await);
    world.app.join(&world.clinic.id, &ben.id, "front-desk").await;
    world.app.join(&world.clinic.id, &cleo.id, "onlooker").await;

    let chart = world.chart(&ben, "").await.expect(200).body;
    let refused = world.chart(&cleo, "").await;

    assert_eq!(texts(&chart["treatments"], "/title"), ["Course 1"]);
    assert_eq!(chart["appointments"]["items"].as_array().unwrap().len(), 1);
    assert_eq!(chart["treatmentSessions"], Value::Null);
    assert_eq!(
        (&chart["medicalRecords"], &chart["clinicalNotes"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
    let shown = json!({ "chart": ["appointments", "treatments"], "limit": 20 });
    let told = [
        ("cleo read patient refused FORBIDDEN".to_owned(), json!({})),
        ("ben read patient success".to_owned(), shown),
    ];
    assert_eq!(world.events().await, told);
}

#[actix_web::test]
async fn there_is_no_chart_of_nobody_and_no_page_without_end() {
    let world = World::new().await;
    for limit in ["0", "201"] {
        let refused = world.chart(&world.ada, &format!("?limit={limit}")).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "INVALID_FIELD"),
            "{limit}"
        );
        assert_eq!(refused.body["errors"][0]["field"], "limit");
    }
    let refused = world.chart(&world.ada, "?sort=name").await;
    assert_eq!((refused.status, refused.code()), (400, "INVALID_QUERY"));
    let deletion = world
        .app
        .delete(&world.ana.path())
        .by(&world.ada)
        .if_match(&world.ana.etag);
    deletion
        .json(json!({ "reason": "entered twice" }))
        .send()
        .await
        .expect(204);

    let gone = world.chart(&world.ada, "").await;

    assert_eq!((gone.status, gone.code()), (404, "PATIENT_NOT_FOUND"));
}
