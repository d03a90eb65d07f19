//! The operations of the document, and two clinics in which they are tried.

use std::cell::Cell;
use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::{Map, Value, json};
use wardkeep_tests::{Answer, App, Clinic, Person, Request};

pub(super) struct Operation {
    pub(super) name: String,
    pub(super) method: Method,
    /// With `{id}` where it names a record.
    pub(super) path: String,
    /// Made of the examples of its schema.
    pub(super) body: Option<Value>,
    /// The names of the parameters in its query.
    pub(super) query: Vec<String>,
}

/// The operations of the document.
pub(super) fn operations() -> Vec<Operation> {
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
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            let query = query.filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned()));
            Some(Operation {
                name,
                method,
                path: path.clone(),
                body,
                query: query.collect(),
            })
        })
    });
    operations.collect()
}

/// The example of a schema; of what has none itself, one made of those of its parts.
fn example(schema: &Value, document: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#'));
        return example(schema.expect("a reference points at something"), document);
    }
    let own = schema.get("example").or_else(|| schema.pointer("/examples/0"));
    // What may be null is one of null and something else.
    let choices = ["oneOf", "anyOf", "allOf"].into_iter();
    let mut choices = choices.filter_map(|name| schema[name].as_array()).flatten();
    if let Some(own) = own {
        own.clone()
    } else if let Some(choice) = choices.find(|choice| choice["type"] != "null") {
        example(choice, document)
    } else if let Some(fields) = schema["properties"].as_object() {
        let examples = fields.iter();
        let examples = examples.map(|(name, field)| (name.clone(), example(field, document)));
        Value::Object(examples.collect::<Map<_, _>>())
    } else if let Some(items) = schema.get("items") {
        json!([example(items, document)])
    } else {
        panic!("no example: {schema}")
    }
}

impl Operation {
    /// `rooms` of `/api/v1/rooms/{id}`.
    pub(super) fn collection(&self) -> &str {
        self.path.split('/').nth(3).expect("a path names a collection")
    }

    pub(super) fn names_a_record(&self) -> bool {
        self.path.contains("{id}")
    }

    pub(super) fn restores(&self) -> bool {
        self.path.ends_with("/restore")
    }

    /// Whether it is done to a note that is signed.
    fn needs_signature(&self) -> bool {
        self.path.ends_with("/addenda") || self.path.ends_with("/verification")
    }

    /// What the audit calls what it is about, and what it does.
    pub(super) fn audited_as(&self) -> (&str, &str) {
        if self.path.ends_with("/audit-events") {
            return ("audit", "search");
        }
        let resource = match self.collection() {
            "patients" => "patient",
            "appointments" | "schedule" => "appointment",
            "rooms" => "room",
            "working-hours" => "workingHours",
            "absences" => "absence",
            "medical-records" => "medicalRecord",
            "clinical-notes" => "clinicalNote",
            "treatments" => "treatment",
            "treatment-sessions" => "treatmentSession",
            new => panic!("{new} is new: say here what the audit calls it"),
        };
        let action = match (self.method.as_str(), self.names_a_record()) {
            _ if self.restores() => "restore",
            _ if self.path.ends_with("/sign") => "sign",
            ("GET", true) if self.path.ends_with("/content") => "download",
            ("PUT", true) if self.path.ends_with("/content") => "update",
            _ if self.path.ends_with("/verification") => "verify",
            ("POST", true) if self.path.ends_with("/addenda") => "create",
            ("POST", false) => "create",
            ("GET", true) => "read",
            ("GET", false) => "search",
            ("PATCH", true) => "update",
            ("DELETE", true) => "delete",
            _ => panic!("{} is new: say here what the audit calls it", self.name),
        };
        (resource, action)
    }

    pub(super) fn assert_refused(&self, answer: &Answer, status: u16) {
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

/// The content of a document.
const FILE: &str = "Dear colleague";

/// A record as it is at the moment.
pub(super) struct Record {
    pub(super) path: String,
    pub(super) id: String,
    pub(super) etag: String,
}

/// A clinic, and who is at work there.
pub(super) struct Desk {
    pub(super) clinic: Clinic,
    pub(super) owner: Person,
    /// Whom appointments are with, by the names of the fields of bodies; and the others to which records refer. None of
    /// them is ever changed.
    pub(super) referred: BTreeMap<&'static str, String>,
    /// Whose hours and absences are kept.
    pub(super) away: Person,
}

/// Two clinics.
pub(super) struct World {
    pub(super) app: App,
    pub(super) salt_lane: Desk,
    pub(super) mill_road: Desk,
    pub(super) operations: Vec<Operation>,
    /// No two requests say the same.
    number: Cell<u32>,
}

impl World {
    pub(super) async fn new() -> Self {
        let app = App::start().await;
        let salt_lane = open(&app, "salt-lane", "ada", "cleo").await;
        let mill_road = open(&app, "mill-road", "bea", "dora").await;
        let mut world = Self {
            app,
            salt_lane,
            mill_road,
            operations: operations(),
            number: Cell::new(0),
        };
        for (field, collection) in [
            ("patientId", "patients"),
            ("roomId", "rooms"),
            ("appointmentId", "appointments"),
            ("treatmentId", "treatments"),
            ("treatmentSessionId", "treatment-sessions"),
        ] {
            let here = world.record(&world.salt_lane, collection).await.id;
            let there = world.record(&world.mill_road, collection).await.id;
            world.salt_lane.referred.insert(field, here);
            world.mill_road.referred.insert(field, there);
        }
        world
    }

    /// A body that this clinic accepts: what it refers to is there, and what must be unique is.
    pub(super) fn body(&self, desk: &Desk, operation: &Operation) -> Option<Value> {
        let mut body = operation.body.clone()?;
        let number = self.number.get() + 1;
        self.number.set(number);
        let fields = body.as_object_mut().expect("a body has fields");
        for (name, value) in fields.iter_mut() {
            let filled = match name.as_str() {
                "practitionerId" if operation.collection() != "appointments" => Some(json!(desk.away.id)),
                "medicalRecordNumber" => Some(json!(format!("M-{number}"))),
                "name" if operation.collection() == "rooms" => Some(json!(format!("Room {number}"))),
                "number" => Some(json!(number)),
                // Of a session, they are over.
                "start" | "end" if operation.collection() == "treatment-sessions" => None,
                "start" => Some(json!(hour(number, "00"))),
                "end" => Some(json!(hour(number, "30"))),
                name => desk.referred.get(name).map(|id| json!(id)),
            };
            *value = filled.unwrap_or_else(|| value.take());
        }
        Some(body)
    }

    /// A record of this clinic, made by the create of its collection.
    pub(super) async fn record(&self, desk: &Desk, collection: &str) -> Record {
        let path = format!("/api/v1/{collection}");
        let mut operations = self.operations.iter();
        let create = operations
            .find(|operation| operation.method == Method::POST && operation.path == path)
            .unwrap_or_else(|| panic!("{collection} is new: say here how a record of it is made"));
        let request = self.request(desk, create, None).by(&desk.owner);
        let answer = request.organization(&desk.clinic.id).send().await.expect(201);
        Record {
            path: answer.header("location").to_owned(),
            id: answer.body["id"].as_str().unwrap_or_default().to_owned(),
            etag: answer.header("etag").to_owned(),
        }
    }

    /// A new record of this clinic that the operation can be done to, if it names one: a deleted one, if it brings it back, a
    /// signed one, if it takes that.
    pub(super) async fn subject(&self, desk: &Desk, operation: &Operation) -> Option<Record> {
        if !operation.names_a_record() {
            return None;
        }
        if operation.path.ends_with("/content") {
            return Some(self.document(desk, operation.method == Method::GET).await);
        }
        let mut record = self.record(desk, operation.collection()).await;
        if operation.restores() {
            let deletion = self
                .app
                .delete(&record.path)
                .by(&desk.owner)
                .if_match(&record.etag);
            let deletion = deletion.organization(&desk.clinic.id);
            let deleted = deletion.json(json!({ "reason": "entered twice" })).send().await;
            deleted.expect(204).header("etag").clone_into(&mut record.etag);
        }
        if operation.needs_signature() {
            let path = format!("{}/sign", record.path);
            let signing = self.app.post(&path).by(&desk.owner).if_match(&record.etag);
            let signed = signing.organization(&desk.clinic.id).send().await;
            signed.expect(200).header("etag").clone_into(&mut record.etag);
        }
        Some(record)
    }

    /// A document of this clinic, with its content or without one.
    async fn document(&self, desk: &Desk, whole: bool) -> Record {
        let body = json!({
            "patientId": desk.referred["patientId"],
            "category": "document",
            "code": { "text": "Discharge letter" },
        });
        let request = self.app.post("/api/v1/medical-records").by(&desk.owner);
        let request = request.organization(&desk.clinic.id).json(body);
        let mut answer = request.send().await.expect(201);
        let path = answer.header("location").to_owned();
        if whole {
            let path = format!("{path}/content");
            let request = self
                .app
                .request(Method::PUT, &path)
                .by(&desk.owner)
                .if_match("\"1\"");
            let request = request.organization(&desk.clinic.id).body("text/plain", FILE);
            answer = request.send().await.expect(201);
        }
        Record {
            path,
            id: answer.body["id"].as_str().unwrap_or_default().to_owned(),
            etag: answer.header("etag").to_owned(),
        }
    }

    /// The request as it is accepted in this clinic from somebody who may.
    pub(super) fn request(&self, desk: &Desk, operation: &Operation, record: Option<&Record>) -> Request<'_> {
        let request = self.bare_request(operation, record, &desk.referred["practitionerId"]);
        match self.body(desk, operation) {
            Some(body) => request.json(body),
            None if operation.method == Method::PUT => request.body("text/plain", FILE),
            None => request,
        }
    }

    /// The same without its body. The schedule is that of this practitioner.
    pub(super) fn bare_request(
        &self,
        operation: &Operation,
        record: Option<&Record>,
        practitioner: &str,
    ) -> Request<'_> {
        let id = record.map(|record| record.id.as_str()).unwrap_or_default();
        let mut path = operation.path.replace("{id}", id);
        if operation.name == "createPatient" {
            path.push_str("?allowDuplicate=true");
        } else if operation.collection() == "schedule" {
            path.push_str("?from=2026-03-02&timeZone=Europe/Berlin&practitionerId=");
            path.push_str(practitioner);
        }
        let request = self.app.request(operation.method.clone(), &path);
        match record {
            Some(record) => request.if_match(&record.etag),
            None => request,
        }
    }

    /// How many events Salt Lane has.
    pub(super) async fn events(&self) -> i64 {
        let query = "select count(*) from audit_events where organization_id = $1::text::uuid";
        let query = sqlx::query_scalar(query).bind(&self.salt_lane.clinic.id);
        query
            .fetch_one(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }

    /// The events that a request left, wherever: whose organization's, what it was about, what was done and how it ended.
    pub(super) async fn left_by(&self, answer: &Answer) -> Vec<(String, String, String, String)> {
        let query = "select organization_id::text, resource, action, concat_ws(' ', outcome, code)
            from audit_events
            where request_id = $1";
        let query = sqlx::query_as(query).bind(answer.header("x-request-id").to_owned());
        query
            .fetch_all(&mut self.app.database.admin().await)
            .await
            .unwrap()
    }

    /// What Salt Lane reads of a record, or of its absence.
    pub(super) async fn read(&self, record: Option<&Record>) -> String {
        let Some(record) = record else {
            return String::new();
        };
        let Desk { owner, clinic, .. } = &self.salt_lane;
        let answer = self
            .app
            .get(&record.path)
            .by(owner)
            .organization(&clinic.id)
            .send()
            .await;
        answer.text.replace(answer.header("x-request-id"), "")
    }
}

async fn open(app: &App, slug: &str, owner: &str, away: &str) -> Desk {
    let owner = app.sign_up(owner).await;
    let clinic = app.organization(&owner, slug).await;
    let away = app.sign_up(away).await;
    app.join(&clinic.id, &away.id, "member").await;
    Desk {
        referred: BTreeMap::from(["practitionerId", "performerId"].map(|field| (field, owner.id.clone()))),
        clinic,
        owner,
        away,
    }
}

/// An hour of its own for each number.
fn hour(number: u32, minute: &str) -> String {
    let (day, hour) = (3 + number / 24, number % 24);
    format!("2026-04-{day:02}T{hour:02}:{minute}:00Z")
}
