//! What the OpenAPI document promises to whoever makes a client of it.

use serde_json::{Map, Value, json};

fn document() -> Value {
    serde_json::to_value(wardkeep_web::openapi()).unwrap()
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// Every operation, with its path.
fn operations(document: &Value) -> Vec<(&str, &Value)> {
    let paths = object(&document["paths"]).iter();
    let operations: Vec<_> = paths
        .flat_map(|(path, item)| {
            object(item)
                .values()
                .map(move |operation| (path.as_str(), operation))
        })
        .filter(|(_, operation)| operation["operationId"].is_string())
        .collect();
    assert!(operations.len() > 70, "{}", operations.len());
    operations
}

/// What a reference in the document stands for; anything else stands for itself.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

#[test]
fn every_answer_has_a_description() {
    let document = document();
    for (_, operation) in operations(&document) {
        for (status, answer) in object(&operation["responses"]) {
            let described = answer["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty());
            assert!(described, "{} {status}", operation["operationId"]);
        }
    }
}

/// The names of a schema's properties, or of those that are never left out.
fn names<'a>(schema: &'a Value, of: &str) -> Vec<&'a str> {
    match &schema[of] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::Object(properties) => properties.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_is_answered_in_one_of_two_forms_is_in_one_of_them_alone() {
    let document = document();
    let mut compared = 0;
    for (name, schema) in object(&document["components"]["schemas"]) {
        let forms = schema["oneOf"].as_array().into_iter().flatten();
        let forms: Vec<_> = forms
            .map(|form| resolve(&document, form))
            .filter(|form| form["properties"].is_object())
            .collect();
        for (at, one) in forms.iter().enumerate() {
            for (_, other) in forms.iter().enumerate().filter(|(other, _)| *other != at) {
                compared += 1;
                let has = names(one, "properties");
                let lacks_one = names(other, "required").iter().any(|name| !has.contains(name));
                let known = names(other, "properties");
                let has_more = names(one, "required").iter().any(|name| !known.contains(name));
                let is_closed = other["additionalProperties"] == json!(false);
                assert!(
                    lacks_one || is_closed && has_more,
                    "{name}: {one} is {other} as well"
                );
            }
        }
    }
    assert!(compared >= 4, "{compared}");
}

#[test]
fn what_a_form_of_a_provider_is_refused_with_is_all_described() {
    let document = document();
    let answers = &document["paths"]["/api/auth/callback/{id}"]["post"]["responses"];
    for (status, codes) in [
        ("400", ["`VALIDATION_ERROR`", "`BAD_REQUEST`"].as_slice()),
        (
            "403",
            &[
                "`INVALID_ORIGIN`",
                "`MISSING_OR_NULL_ORIGIN`",
                "`INVALID_CALLBACK_URL`",
            ],
        ),
        ("415", &["`UNSUPPORTED_MEDIA_TYPE`"]),
    ] {
        let text = answers[status]["description"].as_str().unwrap_or_default();
        for code in codes {
            assert!(text.contains(code), "{status}: {text}");
        }
    }
}

/// Whether a schema says what may be in it: nothing but a text or a list needs to.
fn is_bounded(schema: &Value) -> bool {
    let is = |name: &str| {
        let names = schema["type"].as_array().into_iter().flatten();
        names.chain([&schema["type"]]).any(|one| one == name)
    };
    let says = |limits: &[&str]| limits.iter().any(|limit| schema.get(limit).is_some());
    (!is("string") || says(&["format", "pattern", "maxLength", "enum"]))
        && (!is("array") || says(&["maxItems"]))
}

#[test]
fn whatever_a_clinical_request_says_has_a_description_limits_and_an_example() {
    let document = document();
    let (mut parameters, mut fields, mut silent) = (0, 0, Vec::new());
    for (path, operation) in operations(&document) {
        if !path.starts_with("/api/v1/") {
            continue;
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            parameters += 1;
            let (schema, in_path) = (&parameter["schema"], parameter["in"] == "path");
            let described = parameter["description"].is_string();
            let tried = parameter.get("example").or_else(|| schema.get("example"));
            let tried = tried.or_else(|| schema.get("default")).is_some();
            if !described || !(in_path || tried && is_bounded(schema)) {
                silent.push(format!("{path} {}", parameter["name"]));
            }
        }
        let body = operation.pointer("/requestBody/content/application~1json/schema");
        let Some(body) = body else { continue };
        for (name, field) in object(&resolve(&document, body)["properties"]) {
            fields += 1;
            let elsewhere = field.get("$ref").or_else(|| field.get("oneOf")).is_some();
            let says = field["description"].is_string() && field.get("example").is_some();
            if !(elsewhere || says && is_bounded(field)) {
                silent.push(format!("{path} {name}"));
            }
        }
    }
    assert_eq!(silent, [""; 0]);
    assert!(parameters > 100 && fields > 80, "{parameters} {fields}");
}

#[test]
fn a_create_says_that_its_answer_may_be_an_earlier_one() {
    let document = document();
    for (path, operation) in operations(&document) {
        let created = &operation["responses"]["201"];
        // A content is put with If-Match, and not made twice without a key.
        if path.starts_with("/api/v1/") && created.is_object() && !path.ends_with("/content") {
            let replayed = &created["headers"]["Idempotency-Replayed"]["description"];
            assert!(replayed.is_string(), "{path}");
        }
    }
}

#[test]
fn an_operation_takes_the_session_cookie_unless_it_is_public() {
    let document = document();
    let (needed, welcome, none) = (json!([{"session": []}]), json!([{}, {"session": []}]), json!([]));
    let mut counts = [0; 3];
    for (path, operation) in operations(&document) {
        let security = &operation["security"];
        let kind = [&needed, &welcome, &none]
            .iter()
            .position(|kind| *kind == security);
        let kind = kind.unwrap_or_else(|| panic!("{}: {security}", operation["operationId"]));
        counts[kind] += 1;
        assert!(kind == 0 || !path.starts_with("/api/v1/"), "{path} is not public");
        assert!(
            kind != 0 || path.starts_with("/api/"),
            "{path} is a page, or for a machine"
        );
        // It is said to people, too.
        let text = format!("{} {}", operation["summary"], operation["description"]);
        assert!(
            kind == 0 || text.contains("ublic") || path.starts_with("/accept-invitation/"),
            "{path}: {text}"
        );
    }
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
    let scheme = &document["components"]["securitySchemes"]["session"];
    assert_eq!(
        (&scheme["in"], &scheme["name"]),
        (&json!("cookie"), &json!("better-auth.session_token"))
    );
}

#[test]
fn a_schema_has_a_name_of_ours() {
    let document = document();
    for name in object(&document["components"]["schemas"]).keys() {
        // Those of Rust's library, of what a generic type is made into, and of what shows a record of the domain.
        let foreign = [
            "Map", "Set", "Vec", "Box", "Arc", "Cow", "Option", "Value", "String", "Uuid", "DateTime", "View",
        ];
        let taken = foreign.iter().any(|word| name.ends_with(word)) || name.contains('_');
        assert!(!taken, "{name}");
    }
}

#[test]
fn an_operation_that_asks_the_database_says_what_a_busy_one_answers() {
    let document = document();
    for (path, operation) in operations(&document) {
        let text = operation["responses"]["503"]["description"]
            .as_str()
            .unwrap_or_default();
        let id = &operation["operationId"];
        if operation["security"] != json!([]) {
            assert!(text.contains("`DATABASE_UNAVAILABLE`"), "{id}");
        }
        if path.starts_with("/api/v1/") || path.contains("/organization/") {
            assert!(text.contains("`TENANT_BUSY`"), "{id}");
        }
    }
}

#[test]
fn where_a_password_is_sent_the_queue_for_hashing_may_be_full() {
    let document = document();
    let mut sent = 0;
    for (_, operation) in operations(&document) {
        let content = operation
            .pointer("/requestBody/content")
            .and_then(Value::as_object);
        let schemas = content.into_iter().flatten().map(|(_, media)| &media["schema"]);
        let bodies = schemas.flat_map(|schema| match schema["oneOf"].as_array() {
            Some(several) => several.iter().collect(),
            None => vec![schema],
        });
        let has_password = bodies.map(|body| resolve(&document, body)).any(|body| {
            let fields = body["properties"].as_object().into_iter().flatten();
            fields
                .into_iter()
                .any(|(name, _)| name == "password" || name == "newPassword")
        });
        let text = operation["responses"]["503"]["description"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(
            text.contains("`HASHING_BUSY`"),
            has_password,
            "{}",
            operation["operationId"]
        );
        sent += usize::from(has_password);
    }
    assert!(sent > 5, "{sent}");
}

#[test]
fn what_list_members_accepts_is_listed_and_texts_may_be_several() {
    let document = document();
    let parameters = &document["paths"]["/api/auth/organization/list-members"]["get"]["parameters"];
    let parameter = |name: &str| {
        let found = parameters
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == name);
        found.unwrap()["schema"].clone()
    };
    let fields = json!(["id", "organizationId", "userId", "role", "createdAt"]);
    assert_eq!(parameter("sortBy")["enum"], fields);
    assert_eq!(parameter("filterField")["enum"], fields);
    assert_eq!(parameter("sortDirection")["enum"], json!(["asc", "desc"]));
    assert!(
        parameter("filterOperator")["enum"]
            .as_array()
            .unwrap()
            .contains(&json!("not_in"))
    );

    let several = json!([{"type": "string"}, {"type": "array", "items": {"type": "string"}}]);
    assert_eq!(parameter("filterValue")["oneOf"], several);
    let schemas = &document["components"]["schemas"];
    for (body, field) in [
        ("InviteMember", "role"),
        ("InviteMember", "teamId"),
        ("UpdateMemberRole", "role"),
    ] {
        let field = resolve(&document, &schemas[body]["properties"][field]);
        assert_eq!(field["oneOf"], several, "{body}");
    }
}
