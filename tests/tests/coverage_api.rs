//! Every operation under `/api/v1` of the OpenAPI document refuses whoever is not signed in, whoever belongs to another
//! organization and whoever may not, and leaves exactly one audit event, done or refused. The operations come from the
//! document, so a new one cannot be forgotten, and the records that they are about are made by the creates among them. This
//! may only get stricter.

mod world;

use serde_json::json;
use wardkeep_tests::Answer;
use world::{Record, World, operations};

#[actix_web::test]
async fn the_document_has_the_operations() {
    let names: Vec<String> = operations().into_iter().map(|operation| operation.name).collect();

    let mut known = vec![
        "getSchedule".to_owned(),
        "listAuditEvents".to_owned(),
        "listAuditEventsOfPatient".to_owned(),
        "getChart".to_owned(),
        "signClinicalNote".to_owned(),
        "createAddendum".to_owned(),
        "listClinicalNoteVersions".to_owned(),
        "verifyClinicalNote".to_owned(),
        "putMedicalRecordContent".to_owned(),
        "getMedicalRecordContent".to_owned(),
    ];
    for (one, several) in [
        ("Patient", "Patients"),
        ("Appointment", "Appointments"),
        ("Room", "Rooms"),
        ("WorkingHours", "WorkingHours"),
        ("Absence", "Absences"),
        ("MedicalRecord", "MedicalRecords"),
        ("ClinicalNote", "ClinicalNotes"),
        ("Treatment", "Treatments"),
        ("TreatmentSession", "TreatmentSessions"),
    ] {
        known.push(format!("list{several}"));
        known.extend(["create", "get", "update", "delete", "restore"].map(|action| format!("{action}{one}")));
    }
    for name in known {
        assert!(names.contains(&name), "{name} is missing of {names:?}");
    }
}

#[actix_web::test]
async fn without_a_session_every_operation_is_401_and_leaves_no_event() {
    let world = World::new().await;

    for operation in &world.operations {
        let record = world.subject(&world.salt_lane, operation).await;
        let (record, events) = (record.as_ref(), world.events().await);
        let plain = world.request(&world.salt_lane, operation, record).send().await;
        let named = world.request(&world.salt_lane, operation, record);
        let named = named.organization(&world.salt_lane.clinic.id).send().await;

        operation.assert_refused(&plain, 401);
        operation.assert_refused(&named, 401);
        assert_eq!(world.events().await, events, "{}", operation.name);
    }
}

#[actix_web::test]
async fn from_another_organization_every_id_is_404_and_the_event_is_theirs() {
    let world = World::new().await;

    for operation in &world.operations {
        let Some(record) = world.subject(&world.salt_lane, operation).await else {
            continue;
        };
        let (before, events) = (world.read(Some(&record)).await, world.events().await);
        let answer = world
            .request(&world.salt_lane, operation, Some(&record))
            .by(&world.mill_road.owner)
            .send()
            .await;

        operation.assert_refused(&answer, 404);
        assert_eq!(world.events().await, events, "{}", operation.name);
        let left = world.left_by(&answer).await;
        let (resource, action) = operation.audited_as();
        assert_eq!(left.len(), 1, "{}: {left:?}", operation.name);
        assert_eq!((left[0].1.as_str(), left[0].2.as_str()), (resource, action));
        assert_eq!(left[0].3, format!("refused {}", answer.code()));
        assert_eq!(world.read(Some(&record)).await, before, "{}", operation.name);
    }
}

#[actix_web::test]
async fn from_another_organization_every_operation_in_this_one_is_404_and_leaves_no_event() {
    let world = World::new().await;

    for operation in &world.operations {
        let record = world.subject(&world.salt_lane, operation).await;
        let (before, events) = (world.read(record.as_ref()).await, world.events().await);
        let request = world
            .request(&world.salt_lane, operation, record.as_ref())
            .by(&world.mill_road.owner);
        let answer = request.organization(&world.salt_lane.clinic.id).send().await;

        operation.assert_refused(&answer, 404);
        assert_eq!(answer.code(), "ORGANIZATION_NOT_FOUND", "{}", operation.name);
        assert_eq!(world.left_by(&answer).await, [], "{}", operation.name);
        // The read of it, before, is one.
        let seen = i64::from(record.is_some());
        assert_eq!(world.events().await, events, "{}", operation.name);
        assert_eq!(world.read(record.as_ref()).await, before, "{}", operation.name);
        assert_eq!(world.events().await, events + seen, "{}", operation.name);
    }
}

#[actix_web::test]
async fn who_holds_no_right_is_refused_every_operation_and_each_leaves_one_event() {
    let world = World::new().await;
    let role = json!({ "role": "onlooker", "permission": {} });
    let role = world
        .app
        .post("/api/auth/organization/create-role")
        .by(&world.salt_lane.owner)
        .json(role);
    role.send().await.expect(200);
    let dan = world.app.sign_up("dan").await;
    world
        .app
        .join(&world.salt_lane.clinic.id, &dan.id, "onlooker")
        .await;

    for operation in &world.operations {
        let record = world.subject(&world.salt_lane, operation).await;
        let (before, events) = (world.read(record.as_ref()).await, world.events().await);
        let request = world
            .request(&world.salt_lane, operation, record.as_ref())
            .by(&dan);
        let answer = request.organization(&world.salt_lane.clinic.id).send().await;

        operation.assert_refused(&answer, 403);
        assert_eq!(answer.code(), "FORBIDDEN", "{}", operation.name);
        let (resource, action) = operation.audited_as();
        let event = [&world.salt_lane.clinic.id, resource, action, "refused FORBIDDEN"].map(str::to_owned);
        assert_eq!(world.left_by(&answer).await, [event.into()], "{}", operation.name);
        assert_eq!(world.events().await, events + 1, "{}", operation.name);
        assert_eq!(world.read(record.as_ref()).await, before, "{}", operation.name);
    }
}

/// The requests above are refused for who asks, not for what they say: the owner's are accepted.
#[actix_web::test]
async fn the_same_requests_are_accepted_from_a_member_and_each_leaves_one_event() {
    let world = World::new().await;

    for operation in &world.operations {
        let record = world.subject(&world.salt_lane, operation).await;
        let events = world.events().await;
        let request = world
            .request(&world.salt_lane, operation, record.as_ref())
            .by(&world.salt_lane.owner);
        let answer = request.organization(&world.salt_lane.clinic.id).send().await;

        assert!(
            (200..300).contains(&answer.status),
            "{}: {}",
            operation.name,
            answer.text
        );
        let (resource, action) = operation.audited_as();
        let event = [&world.salt_lane.clinic.id, resource, action, "success"].map(str::to_owned);
        assert_eq!(world.left_by(&answer).await, [event.into()], "{}", operation.name);
        assert_eq!(world.events().await, events + 1, "{}", operation.name);
    }
}

/// Ids that nobody has, and those that another clinic has, by the names of fields and parameters.
const NOBODYS: &str = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";
const REFERENCES: [&str; 7] = [
    "patientId",
    "practitionerId",
    "roomId",
    "performerId",
    "appointmentId",
    "treatmentId",
    "treatmentSessionId",
];

#[actix_web::test]
async fn an_id_of_another_organization_is_answered_as_one_that_nobody_has() {
    let world = World::new().await;

    for operation in &world.operations {
        let Some(record) = world.subject(&world.salt_lane, operation).await else {
            continue;
        };
        let nobodys = Record {
            id: NOBODYS.to_owned(),
            etag: record.etag.clone(),
            path: String::new(),
        };
        // The same body, as they are not to differ.
        let body = world.body(&world.mill_road, operation);
        let mut answers = Vec::new();
        for record in [&record, &nobodys] {
            let request = world.bare_request(operation, Some(record), NOBODYS);
            let request = match &body {
                Some(body) => request.json(body.clone()),
                None => request,
            };
            let answer = request.by(&world.mill_road.owner).send().await;
            operation.assert_refused(&answer, 404);
            answers.push(comparable(&answer, &record.id));
        }
        assert_eq!(answers[0], answers[1], "{}", operation.name);
    }
}

#[actix_web::test]
async fn a_reference_into_another_organization_is_answered_as_one_to_nothing() {
    let world = World::new().await;
    let (here, there) = (&world.mill_road, &world.salt_lane);

    for operation in &world.operations {
        let fields = operation.body.iter().flat_map(|body| body.as_object());
        let fields = fields.flat_map(|fields| fields.keys()).cloned();
        for field in fields.filter(|field| field.ends_with("Id")) {
            let body = world.body(here, operation).unwrap();
            let record = world.subject(here, operation).await;
            let mut answers = Vec::new();
            for id in [there.referred[field.as_str()].as_str(), NOBODYS] {
                let mut body = body.clone();
                body[&field] = json!(id);
                let request = world.bare_request(operation, record.as_ref(), NOBODYS);
                let answer = request.json(body).by(&here.owner).send().await;
                operation.assert_refused(&answer, 400);
                assert_eq!(answer.code(), "INVALID_FIELD", "{}", operation.name);
                assert_eq!(answer.body["errors"][0]["field"], field, "{}", operation.name);
                answers.push(comparable(&answer, id));
            }
            assert_eq!(answers[0], answers[1], "{}: {field}", operation.name);
        }
    }
}

#[actix_web::test]
async fn a_filter_by_what_another_organization_has_finds_what_one_by_nothing_finds() {
    let world = World::new().await;
    let (here, there) = (&world.mill_road, &world.salt_lane);

    let lists = world
        .operations
        .iter()
        .filter(|operation| !operation.names_a_record());
    let mut lists: Vec<_> = lists.collect();
    // The audit comes first: whom one's own searches named would be found in it.
    lists.sort_by_key(|operation| operation.collection() != "audit-events");
    for operation in lists {
        for field in REFERENCES {
            if !operation.query.iter().any(|name| name == field) {
                continue;
            }
            let mut answers = Vec::new();
            for id in [there.referred[field].as_str(), NOBODYS] {
                let more = match operation.collection() {
                    "schedule" => "&from=2026-03-02&timeZone=Europe/Berlin",
                    _ => "&total=true",
                };
                let path = format!("{}?{field}={id}{more}", operation.path);
                let answer = world.app.get(&path).by(&here.owner).send().await;
                assert!(answer.status < 500, "{}", answer.text);
                if answer.status == 200 {
                    assert_eq!(answer.body["total"], 0, "{}", answer.text);
                }
                answers.push(comparable(&answer, id));
            }
            assert_eq!(answers[0], answers[1], "{}: {field}", operation.name);
        }
    }
}

/// An answer without what differs between any two requests.
fn comparable(answer: &Answer, id: &str) -> (u16, String, String) {
    let text = answer
        .text
        .replace(answer.header("x-request-id"), "")
        .replace(id, "");
    (answer.status, answer.header("content-type").to_owned(), text)
}
