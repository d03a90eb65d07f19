//! What the API says of medical records.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wardkeep_tests::{Answer, App, Patient, Person, Record};

struct Desk {
    app: App,
    ada: Person,
    /// Born on 14 May 1990.
    ana: Patient,
}

impl Desk {
    async fn open() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        app.organization(&ada, "salt-lane").await;
        let ana = app
            .patient(&ada)
            .with("dateOfBirth", json!("1990-05-14"))
            .create()
            .await;
        Self { app, ada, ana }
    }

    async fn make(&self, body: Value) -> Answer {
        let mut whole = json!({ "patientId": self.ana.id, "code": { "text": "it" } });
        for (name, value) in body.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let request = self.app.post("/api/v1/medical-records").by(&self.ada);
        request.json(whole).send().await
    }

    async fn change(&self, record: &Record, body: Value) -> Answer {
        let request = self.app.patch(&record.path).by(&self.ada).if_match(&record.etag);
        request.json(body).send().await
    }

    /// The same record after a change that is accepted.
    async fn changed(&self, record: &Record, body: Value) -> Record {
        let answer = self.change(record, body).await.expect(200);
        Record {
            id: record.id.clone(),
            path: record.path.clone(),
            etag: answer.header("etag").to_owned(),
            body: answer.body,
        }
    }

    async fn listed(&self, query: &str) -> Vec<String> {
        let path = format!("/api/v1/medical-records?{query}");
        let page = self.app.get(&path).by(&self.ada).send().await.expect(200);
        let items = page.body["items"].as_array().unwrap().iter();
        items
            .map(|item| item["code"]["text"].as_str().unwrap().to_owned())
            .collect()
    }
}

fn refused(answer: &Answer) -> Vec<String> {
    assert_eq!(
        (answer.status, answer.code()),
        (400, "INVALID_FIELD"),
        "{}",
        answer.text
    );
    let errors = answer.body["errors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors
        .map(|error| format!("{} {}", text(&error["field"]), text(&error["detail"])))
        .collect()
}

#[actix_web::test]
async fn a_record_is_made_read_changed_deleted_and_restored() {
    let desk = Desk::open().await;
    let (app, ada) = (&desk.app, &desk.ada);

    let made = app.observation(ada, &desk.ana).create().await;
    let read = app.get(&made.path).by(ada).send().await.expect(200);
    let changed = desk
        .changed(&made, json!({ "value": "49", "note": "read again" }))
        .await;
    let reason = json!({ "reason": "another patient" });
    let deleted = app.delete(&made.path).by(ada).if_match(&changed.etag);
    let deleted = deleted.json(reason).send().await.expect(204);
    let gone = app.get(&made.path).by(ada).send().await;
    let listed = app
        .get("/api/v1/medical-records?deleted=true")
        .by(ada)
        .send()
        .await;
    let restored = app.post(&format!("{}/restore", made.path)).by(ada);
    let restored = restored.if_match(deleted.header("etag")).send().await.expect(200);

    assert_eq!(read.body, made.body);
    assert_eq!(
        made.body,
        json!({
            "id": made.id,
            "patientId": desk.ana.id,
            "category": "observation",
            "status": "final",
            "code": { "text": "Haemoglobin A1c", "code": "59261-8", "system": "http://loinc.org" },
            "criticality": null,
            "value": "48",
            "unit": "mmol/mol",
            "valueText": null,
            "dosage": null,
            "onset": "2026-03-02T09:00:00.000Z",
            "end": null,
            "note": null,
            "fileName": null,
            "content": null,
            "createdBy": { "id": ada.id, "name": "ada" },
            "version": 1,
            "createdAt": "2026-03-02T09:00:00.000Z",
            "updatedAt": "2026-03-02T09:00:00.000Z",
        })
    );
    assert_eq!(changed.body["status"], "amended");
    assert_eq!((gone.status, gone.code()), (404, "MEDICAL_RECORD_NOT_FOUND"));
    assert_eq!(listed.body["items"][0]["status"], "entered-in-error");
    assert_eq!(listed.body["items"][0]["deletionReason"], "another patient");
    assert_eq!(
        (restored.header("etag"), &restored.body["status"]),
        ("\"4\"", &json!("amended"))
    );
}

#[actix_web::test]
async fn a_category_has_its_fields_and_no_others() {
    let desk = Desk::open().await;
    let fields = [
        ("criticality", json!("high"), &["allergy"][..]),
        ("dosage", json!("one a day"), &["medication"]),
        (
            "onset",
            json!("2019-05"),
            &["problem", "allergy", "medication", "observation", "document"],
        ),
        ("end", json!("2020"), &["problem", "allergy", "medication"]),
        ("fileName", json!("letter.pdf"), &["document"]),
        ("valueText", json!("pale"), &["observation"]),
        (
            "note",
            json!("one\ntwo"),
            &["problem", "allergy", "medication", "observation", "document"],
        ),
    ];

    for (category, one) in [
        ("problem", "a problem"),
        ("allergy", "an allergy"),
        ("medication", "a medication"),
        ("observation", "an observation"),
        ("document", "a document"),
    ] {
        for (field, value, of) in &fields {
            let mut body = json!({ "category": category, "status": null });
            if category == "observation" {
                body["status"] = json!("registered");
            }
            let made = desk.make(body.clone()).await.expect(201);
            assert_eq!(made.body["category"], category);
            let record = Record {
                id: String::new(),
                path: made.header("location").to_owned(),
                etag: "\"1\"".to_owned(),
                body: Value::Null,
            };
            body[*field] = value.clone();
            let made = desk.make(body).await;
            let changed = desk.change(&record, json!({ *field: value })).await;
            for (answer, status) in [(made, 201), (changed, 200)] {
                if of.contains(&category) {
                    assert_eq!(answer.expect(status).body[*field], *value);
                } else {
                    assert_eq!(refused(&answer), [format!("{field} is not a field of {one}")]);
                }
            }
            // What is not there may be cleared.
            if !of.contains(&category) {
                desk.change(&record, json!({ *field: null })).await.expect(200);
            }
        }
    }
    let dose = json!({ "category": "medication", "value": "0.50", "unit": "mg" });
    assert_eq!(desk.make(dose).await.expect(201).body["value"], "0.50");
    let of_problem = json!({ "category": "problem", "value": "1", "unit": "mg" });
    assert_eq!(
        refused(&desk.make(of_problem).await),
        [
            "value is not a field of a problem",
            "unit is not a field of a problem"
        ]
    );
}

#[actix_web::test]
async fn what_was_found_is_a_value_with_a_unit_or_a_text() {
    let desk = Desk::open().await;
    let told = async |body: Value| {
        let mut whole = json!({ "category": "observation" });
        for (name, value) in body.as_object().unwrap() {
            whole[name] = value.clone();
        }
        refused(&desk.make(whole).await)
    };
    let missing = "value must be there, or valueText, unless the status is registered, cancelled or unknown";

    assert_eq!(
        told(json!({ "value": "5" })).await,
        ["unit must be there with a value"]
    );
    assert_eq!(
        told(json!({ "unit": "mg" })).await,
        ["value must be there with a unit"]
    );
    assert_eq!(told(json!({})).await, [missing]);
    assert_eq!(told(json!({ "status": "preliminary" })).await, [missing]);
    assert_eq!(
        told(json!({ "value": "5", "unit": "mg", "valueText": "five" })).await,
        ["valueText must not be there beside a value"]
    );
    for unit in ["mmol/l/", "furlongs", "MG/DL!"] {
        let told = told(json!({ "value": "5", "unit": unit })).await;
        assert!(told[0].starts_with("unit must be a unit of UCUM"), "{told:?}");
    }
    for value in ["5,1", "1e3", "", "NaN", "0x1"] {
        let told = told(json!({ "value": value, "unit": "mg" })).await;
        assert!(told[0].starts_with("value must be a decimal number"), "{told:?}");
    }
    let made = desk.app.observation(&desk.ada, &desk.ana).create().await;
    assert_eq!(
        refused(&desk.change(&made, json!({ "value": null })).await),
        ["value must be there with a unit"]
    );
    assert_eq!(
        refused(&desk.change(&made, json!({ "value": null, "unit": null })).await),
        [missing]
    );
    let worded = json!({ "value": null, "unit": null, "valueText": "too little blood" });
    let worded = desk.changed(&made, worded).await;
    assert_eq!(
        (&worded.body["status"], &worded.body["value"]),
        (&json!("amended"), &json!(null))
    );
}

#[actix_web::test]
async fn a_date_is_after_birth_and_not_ahead_but_for_a_medication() {
    let desk = Desk::open().await;
    let born = "must not be before the patient was born";

    for category in ["problem", "allergy", "medication"] {
        let told = async |onset: &str, end: Value| {
            refused(
                &desk
                    .make(json!({ "category": category, "onset": onset, "end": end }))
                    .await,
            )
        };
        assert_eq!(told("1989", json!(null)).await, [format!("onset {born}")]);
        assert_eq!(
            told("2019-05-17", json!("2018")).await,
            ["end must not be before the onset"]
        );
        assert!(told("17.05.2019", json!(null)).await[0].starts_with("onset must be a year, a month"));
        let made = desk
            .make(json!({ "category": category, "onset": "1990", "end": "1990" }))
            .await
            .expect(201);
        let path = made.header("location");
        let change = desk.app.patch(path).by(&desk.ada).if_match("\"1\"");
        let change = change.json(json!({ "end": "1990-05-13" })).send().await;
        assert_eq!(refused(&change), [format!("end {born}")]);
        let change = desk.app.patch(path).by(&desk.ada).if_match("\"1\"");
        let change = change.json(json!({ "onset": "1991" })).send().await;
        assert_eq!(refused(&change), ["end must not be before the onset"]);
        let ahead = json!({ "category": category, "onset": "2026-03-09T09:00:00+01:00", "end": "2027" });
        let ahead = desk.make(ahead).await;
        if category == "medication" {
            assert_eq!(ahead.expect(201).body["onset"], "2026-03-09T08:00:00.000Z");
        } else {
            let ahead = refused(&ahead);
            assert_eq!(
                ahead,
                ["onset must not be in the future", "end must not be in the future"]
            );
        }
    }
}

#[actix_web::test]
async fn an_observation_that_was_final_says_that_it_was_changed() {
    let desk = Desk::open().await;
    let status = async |record: &Record, status: &str| desk.change(record, json!({ "status": status })).await;

    let registered = desk
        .app
        .observation(&desk.ada, &desk.ana)
        .with("status", json!("registered"));
    let registered = registered.create().await;
    let preliminary = desk
        .changed(&registered, json!({ "status": "preliminary", "value": "50" }))
        .await;
    let registered = desk
        .changed(&preliminary, json!({ "status": "registered" }))
        .await;
    let last = desk.changed(&registered, json!({ "status": "final" })).await;
    let back = status(&last, "preliminary").await;
    let silent = desk
        .change(&last, json!({ "status": "final", "value": "51" }))
        .await;
    let same = desk
        .changed(
            &last,
            json!({ "status": "final", "value": "50", "note": "fasting" }),
        )
        .await;
    let corrected = desk
        .changed(&same, json!({ "status": "corrected", "value": "51" }))
        .await;
    let corrected_again = desk.changed(&corrected, json!({ "value": "52" })).await;
    let as_if_not = status(&corrected_again, "final").await;
    let other = desk.change(&corrected_again, json!({ "status": "active" })).await;
    let deleted = desk
        .change(&corrected_again, json!({ "status": "entered-in-error" }))
        .await;

    for refused in [&back, &silent] {
        assert_eq!(
            (refused.status, refused.code()),
            (409, "STATUS_NOT_ALLOWED"),
            "{}",
            refused.text
        );
        assert_eq!(refused.body["currentStatus"], "final");
        assert_eq!(
            refused.body["allowed"],
            json!(["amended", "corrected", "cancelled", "unknown"])
        );
    }
    assert_eq!(same.body["status"], "final");
    assert_eq!(corrected_again.body["status"], "corrected");
    assert_eq!((as_if_not.status, as_if_not.code()), (409, "STATUS_NOT_ALLOWED"));
    assert!(refused(&other)[0].starts_with("status of an observation must be one of final, "));
    assert_eq!(refused(&deleted), ["status is set by deleting the record"]);
    let problem = desk
        .app
        .medical_record(&desk.ada, &desk.ana, "problem", "asthma")
        .create()
        .await;
    let resolved = desk.changed(&problem, json!({ "status": "resolved" })).await;
    assert_eq!(
        desk.changed(&resolved, json!({ "status": "active" })).await.body["status"],
        "active"
    );
}

#[actix_web::test]
async fn every_field_that_is_not_valid_is_named_at_once() {
    let desk = Desk::open().await;
    let body = json!({
        "category": "allergy",
        "status": "final",
        "code": { "text": "", "system": "loinc" },
        "criticality": "very",
        "dosage": "one",
        "onset": "soon",
        "note": "\u{7}",
    });

    let mut told = refused(&desk.make(body).await);
    told.sort();
    let fields: Vec<_> = told.iter().map(|told| told.split(' ').next().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "code.system",
            "code.text",
            "criticality",
            "dosage",
            "note",
            "onset",
            "status"
        ]
    );
    let nobody = json!({ "category": "x", "patientId": "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38" });
    assert_eq!(
        refused(&desk.make(nobody).await),
        [
            "patientId names no patient",
            "category must be one of problem, allergy, medication, observation, document"
        ]
    );
    for (field, value) in [
        ("id", json!("x")),
        ("content", json!(null)),
        ("sha256", json!("x")),
        ("effectiveAt", json!("2019")),
        ("value", json!(5)),
        ("code", json!(["HbA1c"])),
        ("code", json!("HbA1c")),
    ] {
        let told = refused(
            &desk
                .make(json!({ "category": "observation", field: value }))
                .await,
        );
        assert!(told[0].starts_with(field), "{told:?}");
    }
    let made = desk.app.observation(&desk.ada, &desk.ana).create().await;
    for field in ["patientId", "category", "content"] {
        let told = refused(&desk.change(&made, json!({ field: "x" })).await);
        assert!(told[0].starts_with(field), "{told:?}");
    }
    for field in ["status", "code"] {
        let told = refused(&desk.change(&made, json!({ field: null })).await);
        assert!(told[0].starts_with(field), "{told:?}");
    }
}

#[actix_web::test]
async fn a_list_has_what_was_asked_for_in_order() {
    let desk = Desk::open().await;
    let (app, ada) = (&desk.app, &desk.ada);
    let ben = app.patient(ada).name("Ben", "Costa").create().await;
    let problem = app
        .medical_record(ada, &desk.ana, "problem", "asthma")
        .with("onset", json!("1999-04"));
    problem.create().await;
    let resolved = app
        .medical_record(ada, &desk.ana, "problem", "fracture")
        .with("onset", json!("2020"));
    resolved.with("status", json!("resolved")).create().await;
    app.observation(ada, &desk.ana).create().await;
    let local = json!({ "text": "our own", "code": "59261-8" });
    let local = app
        .observation(ada, &desk.ana)
        .with("code", local)
        .with("onset", json!("2026-03-01T10:00:00Z"));
    local.create().await;
    let of_ben = app.medical_record(ada, &ben, "allergy", "penicillin");
    of_ben.with("criticality", json!("high")).create().await;

    assert_eq!(
        desk.listed("").await,
        ["asthma", "fracture", "our own", "Haemoglobin A1c", "penicillin"]
    );
    assert_eq!(
        desk.listed("sort=-effective&limit=2").await,
        ["penicillin", "Haemoglobin A1c"]
    );
    assert_eq!(
        desk.listed(&format!("patientId={}", ben.id)).await,
        ["penicillin"]
    );
    assert_eq!(
        desk.listed("category=problem,allergy").await,
        ["asthma", "fracture", "penicillin"]
    );
    assert_eq!(
        desk.listed("status=resolved,final").await,
        ["fracture", "our own", "Haemoglobin A1c"]
    );
    assert_eq!(
        desk.listed("from=1999-04-01T00:00:00Z&to=2020-01-01T00:00:00Z")
            .await,
        ["asthma"]
    );
    assert_eq!(desk.listed("to=1999-04-01T00:00:00Z").await, [""; 0]);
    let of_ana = |code: &str| format!("patientId={}&code={code}", desk.ana.id);
    assert_eq!(
        desk.listed(&of_ana("59261-8")).await,
        ["our own", "Haemoglobin A1c"]
    );
    assert_eq!(
        desk.listed(&of_ana("http://loinc.org%7C59261-8")).await,
        ["Haemoglobin A1c"]
    );
    assert_eq!(desk.listed(&of_ana("%7C59261-8")).await, ["our own"]);
    assert_eq!(
        desk.listed(&of_ana("4548-4,http://loinc.org%7C59261-8")).await,
        ["Haemoglobin A1c"]
    );
    assert_eq!(desk.listed(&of_ana("59261")).await, [""; 0]);
}

#[actix_web::test]
async fn a_filter_that_nothing_can_match_is_refused() {
    let desk = Desk::open().await;

    for (query, field) in [
        ("code=59261-8", "code"),
        ("category=problem,letter", "category"),
        ("category=", "category"),
        ("status=done", "status"),
        ("status=entered-in-error", "status"),
        ("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "to"),
        ("from=0999-12-31T00:00:00Z", "from"),
        ("sort=onset", "sort"),
    ] {
        let path = format!("/api/v1/medical-records?{query}");
        let answer = desk.app.get(&path).by(&desk.ada).send().await;
        let told = refused(&answer);
        assert!(told[0].starts_with(field), "{query}: {told:?}");
    }
}

#[actix_web::test]
async fn nothing_is_written_about_a_patient_who_was_deleted() {
    let desk = Desk::open().await;
    let (app, ada) = (&desk.app, &desk.ada);
    let kept = app
        .medical_record(ada, &desk.ana, "problem", "asthma")
        .create()
        .await;
    let lost = app
        .medical_record(ada, &desk.ana, "problem", "fracture")
        .create()
        .await;
    let deletion = app.delete(&lost.path).by(ada).if_match(&lost.etag);
    deletion.json(json!({ "reason": "x" })).send().await.expect(204);
    let deletion = app.delete(&desk.ana.path()).by(ada).if_match(&desk.ana.etag);
    deletion.json(json!({ "reason": "x" })).send().await.expect(204);

    let made = desk.make(json!({ "category": "problem" })).await;
    let dated = desk.change(&kept, json!({ "onset": "2019" })).await;
    let restored = app
        .post(&format!("{}/restore", lost.path))
        .by(ada)
        .if_match("\"2\"")
        .send()
        .await;
    let closed = desk.change(&kept, json!({ "status": "inactive" })).await;

    for answer in [made, dated, restored] {
        assert_eq!(refused(&answer), ["patientId names no patient"]);
    }
    assert_eq!(closed.status, 200);
}

#[actix_web::test]
async fn of_64_who_change_one_version_one_does() {
    let desk = Desk::open().await;
    let made = desk.app.observation(&desk.ada, &desk.ana).create().await;

    let changes = (0..64).map(|number| desk.change(&made, json!({ "note": format!("{number}") })));
    let answers = join_all(changes).await;

    let accepted = answers.iter().filter(|answer| answer.status == 200).count();
    let stale = answers
        .iter()
        .filter(|answer| answer.code() == "STALE_VERSION")
        .count();
    assert_eq!((accepted, stale), (1, 63));
}
