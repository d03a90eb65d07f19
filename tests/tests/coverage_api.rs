//! Every operation under `/api/v1` of the OpenAPI document refuses whoever is not signed in, and whoever belongs to
//! another organization. The operations come from the document, so a new one cannot be forgotten. This may only get
//! stricter.

use actix_web::http::Method;
use serde_json::{Map, Value, json};
use wardkeep_tests::{Answer, App, Clinic, Patient, Person, Request};

/// What another organization has, and a stranger's ids are not to reach.
struct Theirs {
    clinic: Clinic,
    patient: Patient,
}

struct Operation {
    name: String,
    method: Method,
    path: String,
    body: Option<Value>,
}

/// A path that names one record by its id: the id of theirs.
fn id_in(path: &str, theirs: &Theirs) -> Option<String> {
    let id = match path {
        path if !path.contains('{') => return None,
        path if path.starts_with("/api/v1/patients/{id}") => &theirs.patient.id,
        path => panic!("{path} is new: say here which record of the other organization its id names"),
    };
    Some(id.clone())
}

/// The operations of the document, with a body that would be accepted: made of the examples of its schema.
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
    /// The request as it would be accepted from somebody who may.
    fn request<'a>(&self, app: &'a App, theirs: &Theirs) -> Request<'a> {
        let path = match id_in(&self.path, theirs) {
            Some(id) => self.path.replace("{id}", &id),
            None => self.path.clone(),
        };
        let request = app
            .request(self.method.clone(), &path)
            .if_match(&theirs.patient.etag);
        match &self.body {
            Some(body) => request.json(body.clone()),
            None => request,
        }
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

/// Salt Lane with a patient, and somebody of another clinic.
async fn two_clinics() -> (App, Theirs, Person, Person) {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let clinic = app.organization(&ada, "salt-lane").await;
    let patient = app.patient(&ada).create().await;
    let bea = app.sign_up("bea").await;
    app.organization(&bea, "mill-road").await;
    (app, Theirs { clinic, patient }, ada, bea)
}

async fn assert_untouched(app: &App, theirs: &Theirs, ada: &Person) {
    let now = app.get("/api/v1/patients").by(ada).send().await.expect(200);
    assert_eq!(now.body["items"], json!([theirs.patient.body]));
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
    ] {
        assert!(
            names.iter().any(|name| name == known),
            "{known} is missing of {names:?}"
        );
    }
}

#[actix_web::test]
async fn without_a_session_every_operation_is_401() {
    let (app, theirs, ada, _) = two_clinics().await;

    for operation in operations() {
        let plain = operation.request(&app, &theirs).send().await;
        let named = operation
            .request(&app, &theirs)
            .organization(&theirs.clinic.id)
            .send()
            .await;
        operation.assert_refused(&plain, 401);
        operation.assert_refused(&named, 401);
    }
    assert_untouched(&app, &theirs, &ada).await;
}

#[actix_web::test]
async fn from_another_organization_every_id_is_404() {
    let (app, theirs, ada, bea) = two_clinics().await;

    for operation in operations()
        .iter()
        .filter(|operation| id_in(&operation.path, &theirs).is_some())
    {
        let answer = operation.request(&app, &theirs).by(&bea).send().await;
        operation.assert_refused(&answer, 404);
    }
    assert_untouched(&app, &theirs, &ada).await;
}

#[actix_web::test]
async fn from_another_organization_every_operation_in_this_one_is_404() {
    let (app, theirs, ada, bea) = two_clinics().await;

    for operation in operations() {
        let answer = operation
            .request(&app, &theirs)
            .by(&bea)
            .organization(&theirs.clinic.id)
            .send()
            .await;
        operation.assert_refused(&answer, 404);
        assert_eq!(answer.code(), "ORGANIZATION_NOT_FOUND", "{}", operation.name);
    }
    assert_untouched(&app, &theirs, &ada).await;
}

/// The requests above are refused for who asks, not for what they say: the owner's are accepted.
#[actix_web::test]
async fn the_same_requests_are_accepted_from_a_member() {
    let (app, mut theirs, ada, _) = two_clinics().await;

    for operation in operations() {
        let answer = operation
            .request(&app, &theirs)
            .by(&ada)
            .organization(&theirs.clinic.id)
            .send()
            .await;
        assert!(
            (200..300).contains(&answer.status),
            "{}: {}",
            operation.name,
            answer.text
        );
        theirs.patient = app.patient(&ada).create().await;
    }
}
