//! Every operation under `/api/v1` of the OpenAPI document refuses whoever is not signed in, whoever belongs to another
//! organization and whoever may not, and leaves exactly one audit event, done or refused. The operations come from the
//! document, so a new one cannot be forgotten, and the records that they are about are made by the creates among them. This
//! may only get stricter.

use std::cell::Cell;
use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::{Map, Value, json};
use wardkeep_tests::{Answer, App, Clinic, Person, Request};

struct Operation {
    name: String,
    method: Method,
    /// With `{id}` where it names a record.
    path: String,
    /// Made of the examples of its schema.
    body: Option<Value>,
}

/// The operations of the document.
fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(wardkeep_web::openapi()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("the document has paths");
    let ours = paths.iter().filter(|(path, _)| path.starts_with("/api/v1"));
    let operations = ours.flat_map(|(path, item)| {
        let operations = item.as_object().expect("a path has operations").iter();
        operations.filter_map(|(method, operation)| {
            let method: Method = method.to_uppercase().parse().ok()?;
            let name = operation.get("operationId")?.as_str()?.to_owned();
            let schema = operation.pointer("/requestBody/content/application~1json/schema");
            let body = schema.map(|schema| example(schema, &document));
            Some(Operation {
                name,
                method,
                path: path.clone(),
                body,
            })
        })
    });
    operations.collect()
}

fn example(schema: &Value, document: &Value) -> Value {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document
            .pointer(reference.trim_start_matches('#'))
            .expect("a reference points at something"),
        None => schema,
    };
    let fields = schema["properties"]
        .as_object()
        .expect("a body has fields")
        .iter();
    let examples = fields.map(|(name, field)| {
        let example = field.get("example").or_else(|| field.pointer("/examples/0"));
        (
            name.clone(),
            example
                .unwrap_or_else(|| panic!("the field {name} has no example"))
                .clone(),
        )
    });
    Value::Object(examples.collect::<Map<_, _>>())
}

impl Operation {
    /// `rooms` of `/api/v1/rooms/{id}`.
    fn collection(&self) -> &str {
        self.path.split('/').nth(3).expect("a path names a collection")
    }

    fn names_a_record(&self) -> bool {
        self.path.contains("{id}")
    }

    fn restores(&self) -> bool {
        self.path.ends_with("/restore")
    }

    /// What the audit calls what it is about, and what it does.
    fn audited_as(&self) -> (&str, &str) {
        if self.path.ends_with("/audit-events") {
            return ("audit", "search");
        }
        let resource = match self.collection() {
            "patients" => "patient",
            "appointments" | "schedule" => "appointment",
            "rooms" => "room",
            "working-hours" => "workingHours",
            "absences" => "absence",
            new => panic!("{new} is new: say here what the audit calls it"),
        };
        let action = match (self.method.as_str(), self.names_a_record()) {
            _ if self.restores() => "restore",
            ("POST", false) => "create",
            ("GET", true) => "read",
            ("GET", false) => "search",
            ("PATCH", true) => "update",
            ("DELETE", true) => "delete",
            _ => panic!("{} is new: say here what the audit calls it", self.name),
        };
        (resource, action)
    }

    fn assert_refused(&self, answer: &Answer, status: u16) {
        assert_eq!(
            answer.status, status,
            "{} {} ({}): {}",
            self.method, self.path, self.name, answer.text
        );
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{}",
            self.name
        );
        assert_ne!(answer.code(), "", "{}", self.name);
    }
}

/// A record as it is at the moment.
struct Record {
    path: String,
    id: String,
    etag: String,
}

/// Salt Lane with a record of every kind, and somebody of another clinic.
struct World {
    app: App,
    clinic: Clinic,
    /// Owns Salt Lane, and is whom appointments are with.
    ada: Person,
    /// A member of Salt Lane, whose hours and absences are kept.
    cleo: Person,
    /// Owns another clinic.
    bea: Person,
    operations: Vec<Operation>,
    /// To which others refer, by the names of their collections: they are never changed.
    referred: BTreeMap<String, String>,
    /// No two requests say the same.
    number: Cell<u32>,
}

impl World {
    async fn new() -> Self {
        let app = App::start().await;
        let ada = app.sign_up("ada").await;
        let clinic = app.organization(&ada, "salt-lane").await;
        let cleo = app.sign_up("cleo").await;
        app.join(&clinic.id, &cleo.id, "member").await;
        let bea = app.sign_up("bea").await;
        app.organization(&bea, "mill-road").await;
        let mut world = Self {
            app,
            clinic,
            ada,
            cleo,
            bea,
            operations: operations(),
            referred: BTreeMap::new(),
            number: Cell::new(0),
        };
        for collection in ["patients", "rooms"] {
            let record = world.record(collection).await;
            world.referred.insert(collection.to_owned(), record.id);
        }
        world
    }

    /// A body that is accepted: what it refers to is there, and what must be unique is.
    fn body(&self, operation: &Operation) -> Option<Value> {
        let mut body = operation.body.clone()?;
        let number = self.number.get() + 1;
        self.number.set(number);
        let fields = body.as_object_mut().expect("a body has fields");
        for (name, value) in fields.iter_mut() {
            let referred = |collection: &str| self.referred.get(collection).cloned().map(Value::from);
            let practitioner = match operation.collection() {
                "appointments" => &self.ada.id,
                _ => &self.cleo.id,
            };
            let filled = match name.as_str() {
                "patientId" => referred("patients"),
                "roomId" => referred("rooms"),
                "practitionerId" => Some(json!(practitioner)),
                "medicalRecordNumber" => Some(json!(format!("M-{number}"))),
                "name" if operation.collection() == "rooms" => Some(json!(format!("Room {number}"))),
                "start" => Some(json!(hour(number, "00"))),
                "end" => Some(json!(hour(number, "30"))),
                _ => None,
            };
            *value = filled.unwrap_or_else(|| value.take());
        }
        Some(body)
    }

    /// A record of Salt Lane, made by the create of its collection.
    async fn record(&self, collection: &str) -> Record {
        let create = self
            .operations
            .iter()
            .find(|operation| {
                operation.method == Method::POST && operation.path == format!("/api/v1/{collection}")
            })
            .unwrap_or_else(|| panic!("{collection} is new: say here how a record of it is made"));
        let request = self
            .request(create, None)
            .by(&self.ada)
            .organization(&self.clinic.id);
        let answer = request.send().await.expect(201);
        Record {
            path: answer.header("location").to_owned(),
            id: answer.body["id"].as_str().unwrap_or_default().to_owned(),
            etag: answer.header("etag").to_owned(),
        }
    }

    /// A new record of Salt Lane that the operation can be done to, if it names one: a deleted one, if it brings it back.
    async fn subject(&self, operation: &Operation) -> Option<Record> {
        if !operation.names_a_record() {
            return None;
        }
        let mut record = self.record(operation.collection()).await;
        if operation.restores() {
            let deletion = self.app.delete(&record.path).by(&self.ada).if_match(&record.etag);
            let deletion = deletion.organization(&self.clinic.id);
            let deleted = deletion.json(json!({ "reason": "entered twice" })).send().await;
            deleted.expect(204).header("etag").clone_into(&mut record.etag);
        }
        Some(record)
    }

    /// The request as it is accepted from somebody who may.
    fn request(&self, operation: &Operation, record: Option<&Record>) -> Request<'_> {
        let id = record.map(|record| record.id.as_str()).unwrap_or_default();
        let mut path = operation.path.replace("{id}", id);
        match (operation.name.as_str(), operation.collection()) {
            ("createPatient", _) => path.push_str("?allowDuplicate=true"),
            (_, "schedule") => path.push_str(&format!(
                "?practitionerId={}&from=2026-03-02&timeZone=Europe/Berlin",
                self.ada.id
            )),
            _ => {}
        }
        let mut request = self.app.request(operation.method.clone(), &path);
        if let Some(record) = record {
            request = request.if_match(&record.etag);
        }
        match self.body(operation) {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// How many events Salt Lane has.
    async fn events(&self) -> i64 {
        let query = "select count(*) from audit_events where organization_id = $1::text::uuid";
        let query = sqlx::query_scalar(query).bind(&self.clinic.id);
        query
            .fetch_one(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }

    /// The events that a request left, wherever: whose organization's, what it was about, what was done and how it ended.
    async fn left_by(&self, answer: &Answer) -> Vec<(String, String, String, String)> {
        let query =
            "select organization_id::text, resource, action, concat_ws(' ', outcome, code) from audit_events
            where request_id = $1";
        let query = sqlx::query_as(query).bind(answer.header("x-request-id").to_owned());
        query
            .fetch_all(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }

    /// What is read of a record, or its absence.
    async fn read(&self, record: Option<&Record>) -> String {
        let Some(record) = record else {
            return String::new();
        };
        let request = self
            .app
            .get(&record.path)
            .by(&self.ada)
            .organization(&self.clinic.id);
        let answer = request.send().await;
        let request_id = answer.header("x-request-id");
        answer.text.replace(request_id, "")
    }
}

/// An hour of its own for each number.
fn hour(number: u32, minute: &str) -> String {
    let (day, hour) = (3 + number / 24, number % 24);
    format!("2026-04-{day:02}T{hour:02}:{minute}:00Z")
}

#[actix_web::test]
async fn the_document_has_the_operations() {
    let names: Vec<String> = operations().into_iter().map(|operation| operation.name).collect();

    for known in [
        "createPatient",
        "listPatients",
        "getPatient",
        "updatePatient",
        "deletePatient",
        "createRoom",
        "restoreRoom",
        "listAuditEvents",
        "listAuditEventsOfPatient",
    ] {
        assert!(
            names.iter().any(|name| name == known),
            "{known} is missing of {names:?}"
        );
    }
}

#[actix_web::test]
async fn without_a_session_every_operation_is_401_and_leaves_no_event() {
    let world = World::new().await;

    for operation in &world.operations {
        let record = world.subject(operation).await;
        let (record, events) = (record.as_ref(), world.events().await);
        let plain = world.request(operation, record).send().await;
        let named = world.request(operation, record);
        let named = named.organization(&world.clinic.id).send().await;

        operation.assert_refused(&plain, 401);
        operation.assert_refused(&named, 401);
        assert_eq!(world.events().await, events, "{}", operation.name);
    }
}

#[actix_web::test]
async fn from_another_organization_every_id_is_404_and_the_event_is_theirs() {
    let world = World::new().await;

    for operation in &world.operations {
        let Some(record) = world.subject(operation).await else {
            continue;
        };
        let (before, events) = (world.read(Some(&record)).await, world.events().await);
        let answer = world
            .request(operation, Some(&record))
            .by(&world.bea)
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
        let record = world.subject(operation).await;
        let (before, events) = (world.read(record.as_ref()).await, world.events().await);
        let request = world.request(operation, record.as_ref()).by(&world.bea);
        let answer = request.organization(&world.clinic.id).send().await;

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
        .by(&world.ada)
        .json(role);
    role.send().await.expect(200);
    let dan = world.app.sign_up("dan").await;
    world.app.join(&world.clinic.id, &dan.id, "onlooker").await;

    for operation in &world.operations {
        let record = world.subject(operation).await;
        let (before, events) = (world.read(record.as_ref()).await, world.events().await);
        let request = world.request(operation, record.as_ref()).by(&dan);
        let answer = request.organization(&world.clinic.id).send().await;

        operation.assert_refused(&answer, 403);
        assert_eq!(answer.code(), "FORBIDDEN", "{}", operation.name);
        let (resource, action) = operation.audited_as();
        let event = [&world.clinic.id, resource, action, "refused FORBIDDEN"].map(str::to_owned);
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
        let record = world.subject(operation).await;
        let events = world.events().await;
        let request = world.request(operation, record.as_ref()).by(&world.ada);
        let answer = request.organization(&world.clinic.id).send().await;

        assert!(
            (200..300).contains(&answer.status),
            "{}: {}",
            operation.name,
            answer.text
        );
        let (resource, action) = operation.audited_as();
        let event = [&world.clinic.id, resource, action, "success"].map(str::to_owned);
        assert_eq!(world.left_by(&answer).await, [event.into()], "{}", operation.name);
        assert_eq!(world.events().await, events + 1, "{}", operation.name);
    }
}
