//! Nothing that an operation under `/api/auth` is sent is an error of the server: control characters, endless texts, deep
//! and broken JSON, wrong types; and what is refused is refused by a code that the document has. The operations and their
//! fields come from the OpenAPI document.

use actix_web::http::Method;
use serde_json::{Map, Value, json};
use wardkeep_tests::{Answer, App, Person};

use crate::coverage_auth::{Operation, accepted, operations};

/// What the document does not repeat for each operation; and an error without a code.
const ANYWHERE: [&str; 4] = ["BAD_REQUEST", "BODY_TOO_LARGE", "INVALID_CALLBACK_URL", ""];

/// What nobody means to send.
fn nonsense() -> Vec<Value> {
    let deep = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({ "in": inner }));
    let mut nonsense: Vec<Value> = [
        "\u{0}",
        "a\u{1}b",
        "\u{7f}\u{9b}",
        "\r\nSet-Cookie: x=y",
        "\u{202e}x",
        "\u{ffff}",
        "'\";--",
        "%00",
    ]
    .map(Value::from)
    .into();
    nonsense.extend([
        json!("x".repeat(100_000)),
        json!("\u{1f9a9}".repeat(1_025)),
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e308),
        json!([]),
        json!(["x", null, {}]),
        json!({}),
        deep(100),
    ]);
    nonsense
}

#[actix_web::test]
async fn nothing_in_a_field_is_an_error_of_the_server() {
    let app = App::start().await;
    for (number, operation) in operations().iter().enumerate() {
        if operation.method == Method::GET {
            continue;
        }
        let person = app.sign_up(&format!("person-{number}")).await;
        app.organization(&person, &format!("clinic-{number}")).await;
        let mut sound = accepted(&operation.id).unwrap_or_else(|| json!({}));
        if operation.id == "deleteUser" {
            // Or the person would be gone at once.
            sound = json!({"token": "x"});
        }
        for field in &operation.fields {
            for value in nonsense() {
                let mut body = sound.clone();
                body[field] = value.clone();
                assert_sound(&app, operation, &person, body).await;
            }
        }
    }
}

async fn assert_sound(app: &App, operation: &Operation, person: &Person, body: Value) {
    let shown: String = body.to_string().chars().take(80).collect();
    let request = operation.request(app, Some(&body)).by(person);
    let answer = request.send().await;
    assert!(answer.status < 500, "{} {shown}: {}", operation.id, answer.text);
    if (400..500).contains(&answer.status) && !answer.text.is_empty() {
        assert!(answer.body["message"].is_string(), "{} {shown}", operation.id);
        assert_listed(operation, &answer, &shown);
    }
}

fn assert_listed(operation: &Operation, answer: &Answer, sent: &str) {
    let code = answer.code();
    let listed = ANYWHERE.contains(&code) || operation.answers.contains(&format!("`{code}`"));
    assert!(
        listed,
        "the document does not say that {} answers {code}: {sent}",
        operation.id
    );
}

#[actix_web::test]
async fn no_body_is_an_error_of_the_server() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let mebibyte = format!(r#"{{"email":"{}"}}"#, "a".repeat(1 << 20));
    let almost = format!(r#"{{"email":"{}"}}"#, "a".repeat((1 << 20) - 100));
    let deep = format!(r#"{{"name":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let many: Value = (0..20_000)
        .map(|number| (format!("field {number}"), json!(number)))
        .collect::<Map<_, _>>()
        .into();
    for operation in operations() {
        if operation.method == Method::GET {
            continue;
        }
        let mut statuses = Vec::new();
        for body in [
            mebibyte.as_bytes(),
            almost.as_bytes(),
            deep.as_bytes(),
            many.to_string().as_bytes(),
            b"{\"name\":\"\xff\xfe\"}",
            b"{\"name\":\"\\ud800\"}",
            b"{\"name\":1e999}",
            b"\xef\xbb\xbf{}",
            b"[]",
            b"null",
            b"\"\"",
            b"{}{}",
            b"\0",
        ] {
            for media_type in [
                "application/json",
                "application/x-www-form-urlencoded",
                "text/plain",
                "",
            ] {
                let request = app.request(operation.method.clone(), &operation.path);
                let request = request.body(media_type, body);
                // Without a session: what is read is the same, and nothing is changed.
                let answer = request.send().await;
                assert!(
                    answer.status < 500,
                    "{} {media_type} {}: {}",
                    operation.id,
                    String::from_utf8_lossy(&body[..body.len().min(60)]),
                    answer.text
                );
                statuses.push(answer.status);
            }
        }
        // It reads no body.
        if operation.id != "postSession" {
            assert_eq!(statuses[0], 413, "{}", operation.id);
        }
    }
    let session = app.get("/api/auth/get-session").by(&ada).send().await;
    assert_eq!(session.body["user"]["name"], "ada");
}

#[actix_web::test]
async fn nothing_in_a_query_is_an_error_of_the_server() {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    let long = "x".repeat(8_000);
    for operation in operations() {
        let mut parameters = operation.parameters.clone();
        parameters.extend(["callbackURL", "disableRefresh"].map(str::to_owned));
        for name in parameters {
            for value in [
                "",
                "%00",
                "%ff",
                "%",
                "%0d%0aSet-Cookie:%20x=y",
                "%F0%9F%A6%A9",
                "'--",
                &long,
            ] {
                for query in [
                    format!("{name}={value}"),
                    format!("{name}={value}&{name}=x"),
                    format!("{name}[]={value}"),
                ] {
                    let path = format!("{}?token=x&{query}", operation.path);
                    let request = app.request(operation.method.clone(), &path);
                    let request = if operation.method == Method::GET {
                        request.by(&ada)
                    } else {
                        request
                    };
                    let answer = request.send().await;
                    assert!(answer.status < 500, "{} {query}: {}", operation.id, answer.text);
                    assert_listed(&operation, &answer, &query);
                    let cookies = answer.headers.get_all("set-cookie");
                    assert!(
                        cookies
                            .filter(|cookie| cookie.as_bytes().starts_with(b"x"))
                            .count()
                            == 0,
                        "{query}"
                    );
                }
            }
        }
    }
    let session = app.get("/api/auth/get-session").by(&ada).send().await;
    assert_eq!(session.body["user"]["name"], "ada");
}

#[actix_web::test]
async fn no_token_in_a_path_is_an_error_of_the_server() {
    let app = App::start().await;
    for token in [
        "%00",
        "%ff",
        "%",
        "%2e%2e",
        "..",
        "%2f",
        "a%0d%0ab",
        "'--",
        &"x".repeat(8_000),
    ] {
        for path in [
            format!("/api/auth/reset-password/{token}?callbackURL=/r"),
            format!("/api/auth/callback/{token}?state=x"),
        ] {
            let answer = app.get(&path).send().await;
            assert!(answer.status < 500, "{path}: {}", answer.text);
        }
        let answer = app
            .post(&format!("/api/auth/callback/{token}"))
            .json(json!({}))
            .send()
            .await;
        assert!(answer.status < 500, "{token}: {}", answer.text);
    }
}
