//! What cannot be right is refused with a status and a stable code, and is never an error of the server.

use serde_json::{Value, json};
use wardkeep_tests::{App, Patient, Person};

const UNKNOWN: &str = "/api/v1/patients/0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";

/// An application with a clinic and a patient.
async fn salt_lane() -> (App, Person, Patient) {
    let app = App::start().await;
    let ada = app.sign_up("ada").await;
    app.organization(&ada, "salt-lane").await;
    let ana = app.patient(&ada).create().await;
    (app, ada, ana)
}

/// Ana Brandt with one field as it should not be.
fn ana_with(field: &str, value: Value) -> Value {
    let mut body = json!({ "firstName": "Ana", "lastName": "Brandt" });
    body[field] = value;
    body
}

#[actix_web::test]
async fn a_field_that_is_not_valid_is_named() {
    let (app, ada, ana) = salt_lane().await;
    let deep = (0..17).fold(json!(1), |inner, _| json!({ "in": inner }));

    for (field, value) in [
        ("firstName", Value::Null),
        ("firstName", json!("")),
        ("firstName", json!(" \u{a0}\t")),
        ("firstName", json!(5)),
        ("firstName", json!(["Ana"])),
        ("firstName", json!("a".repeat(101))),
        ("firstName", json!("A\u{0}na")),
        ("lastName", json!("Bra\nndt")),
        ("lastName", json!("\u{1f9a9}".repeat(101))),
        ("email", json!("ana")),
        ("email", json!("")),
        ("email", json!(format!("{}@example.org", "a".repeat(244)))),
        ("phone", json!("1".repeat(21))),
        ("phone", json!("none")),
        ("dateOfBirth", json!("23.11.1984")),
        ("dateOfBirth", json!("1984-11-31")),
        ("dateOfBirth", json!("1799-12-31")),
        ("dateOfBirth", json!("2026-03-03")),
        ("dateOfBirth", json!("-0001-01-01")),
        ("dateOfBirth", json!("+12026-01-01")),
        ("dateOfBirth", json!(19_841_123)),
        ("medicalHistory", json!([])),
        ("medicalHistory", json!("none")),
        ("medicalHistory", json!({ "note": "x".repeat(70_000) })),
        ("medicalHistory", deep),
        ("medicalHistory", json!({ "note": "\u{0}" })),
        ("id", json!("0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38")),
        ("organizationId", json!("0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38")),
        ("organization_id", json!("0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38")),
        ("version", json!(7)),
        ("deletedAt", Value::Null),
        ("first_name", json!("Ana")),
    ] {
        let shown: String = value.to_string().chars().take(40).collect();
        let create = app
            .post("/api/v1/patients")
            .by(&ada)
            .json(ana_with(field, value.clone()))
            .send()
            .await;
        let change = json!({ field: value });
        let change = app
            .patch(&ana.path())
            .by(&ada)
            .if_match(&ana.etag)
            .json(change)
            .send()
            .await;
        for answer in [create, change] {
            assert_eq!(
                (answer.status, answer.code()),
                (400, "INVALID_FIELD"),
                "{field} {shown}: {}",
                answer.text
            );
            let named = answer.body["errors"][0]["field"].as_str().unwrap_or_default();
            assert!(
                named == field || named.starts_with(&format!("{field}.")),
                "{field} {shown}: {named}"
            );
        }
    }
    let now = app.get(&ana.path()).by(&ada).send().await.expect(200);
    assert_eq!(now.body, ana.body);
}

#[actix_web::test]
async fn every_field_that_is_not_valid_is_named_at_once() {
    let (app, ada, _) = salt_lane().await;
    let body = json!({ "firstName": "", "lastName": "Brandt", "email": "ana", "dateOfBirth": "2030-01-01" });

    let answer = app.post("/api/v1/patients").by(&ada).json(body).send().await;

    insta::assert_json_snapshot!(answer.shown());
}

#[actix_web::test]
async fn a_missing_name_is_named() {
    let (app, ada, _) = salt_lane().await;

    let answer = app
        .post("/api/v1/patients")
        .by(&ada)
        .json(json!({ "firstName": "Ana" }))
        .send()
        .await;

    assert_eq!((answer.status, answer.code()), (400, "INVALID_FIELD"));
    assert_eq!(answer.body["errors"][0]["field"], "lastName");
}

#[actix_web::test]
async fn a_body_must_be_json_and_small_enough() {
    let (app, ada, ana) = salt_lane().await;
    let valid = r#"{"firstName":"Ana","lastName":"Brandt"}"#;
    let huge = format!(r#"{{"firstName":"{}"}}"#, "a".repeat(2 << 20));

    for (media_type, body, status, code) in [
        ("application/json", "", 400, "MALFORMED_JSON"),
        ("application/json", "{", 400, "MALFORMED_JSON"),
        ("application/json", "firstName=Ana", 400, "MALFORMED_JSON"),
        ("application/json", "\u{feff}{}", 400, "MALFORMED_JSON"),
        (
            "application/json",
            r#"{"firstName":"\ud800"}"#,
            400,
            "MALFORMED_JSON",
        ),
        (
            "application/json",
            r#"{"medicalHistory":{"n":1e999}}"#,
            400,
            "MALFORMED_JSON",
        ),
        ("application/json", &"[".repeat(10_000), 400, "MALFORMED_JSON"),
        ("application/json", "[]", 400, "INVALID_FIELD"),
        ("application/json", "null", 400, "INVALID_FIELD"),
        ("application/json", "\"Ana\"", 400, "INVALID_FIELD"),
        ("application/json", &huge, 413, "BODY_TOO_LARGE"),
        ("text/plain", valid, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            "application/x-www-form-urlencoded",
            "firstName=Ana&lastName=Brandt",
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "application/merge-patch+json",
            valid,
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("", valid, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let shown: String = body.chars().take(40).collect();
        let create = app
            .post("/api/v1/patients")
            .by(&ada)
            .body(media_type, body)
            .send()
            .await;
        let change = app
            .patch(&ana.path())
            .by(&ada)
            .if_match(&ana.etag)
            .body(media_type, body)
            .send()
            .await;
        for answer in [create, change] {
            assert_eq!(
                (answer.status, answer.code()),
                (status, code),
                "{media_type} {shown}: {}",
                answer.text
            );
        }
    }
}

#[actix_web::test]
async fn bytes_that_are_no_text_are_not_json() {
    let (app, ada, _) = salt_lane().await;
    let body = b"{\"firstName\":\"\xff\",\"lastName\":\"Brandt\"}".to_vec();

    let answer = app
        .post("/api/v1/patients")
        .by(&ada)
        .body("application/json", body)
        .send()
        .await;

    assert_eq!((answer.status, answer.code()), (400, "MALFORMED_JSON"));
}

#[actix_web::test]
async fn a_query_that_is_not_valid_is_refused() {
    let (app, ada, _) = salt_lane().await;
    for last_name in ["Costa", "Dahl"] {
        app.patient(&ada).name("Ana", last_name).create().await;
    }
    let page = app
        .get("/api/v1/patients?limit=1&search=ana")
        .by(&ada)
        .send()
        .await
        .expect(200);
    let cursor = page.body["nextCursor"].as_str().expect("there is another page");
    let other_cursors = [
        format!("?cursor={cursor}"),
        format!("?cursor={cursor}&search=an"),
        format!("?search=ana&cursor={}", &cursor[1..]),
        format!("?search=ana&cursor={cursor}A"),
        format!("?search=ana&cursor={}", cursor.to_lowercase()),
        format!("?search=ana&cursor={}", "A".repeat(10_000)),
        "?cursor=".to_owned(),
        "?cursor=%00".to_owned(),
        "?cursor=' or true --".replace(' ', "%20"),
        "?cursor=WyJhIiwiYiIsImMiLCJkIl0".to_owned(),
    ];

    for query in other_cursors {
        let answer = app.get(&format!("/api/v1/patients{query}")).by(&ada).send().await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "INVALID_CURSOR"),
            "{query}: {}",
            answer.text
        );
    }
    for (query, code) in [
        ("?limit=0", "INVALID_FIELD"),
        ("?limit=201", "INVALID_FIELD"),
        ("?limit=18446744073709551615", "INVALID_FIELD"),
        ("?limit=-1", "INVALID_QUERY"),
        ("?limit=ten", "INVALID_QUERY"),
        ("?limit=", "INVALID_QUERY"),
        ("?limit=1&limit=2", "INVALID_QUERY"),
        ("?total=yes", "INVALID_QUERY"),
        ("?offset=3", "INVALID_QUERY"),
        ("?search=a%20b%20c%20d%20e%20f%20g%20h%20i", "INVALID_FIELD"),
        (&format!("?search={}", "x".repeat(201)), "INVALID_FIELD"),
    ] {
        let answer = app.get(&format!("/api/v1/patients{query}")).by(&ada).send().await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, code),
            "{query}: {}",
            answer.text
        );
    }
}

#[actix_web::test]
async fn any_text_may_be_searched_for() {
    let (app, ada, _) = salt_lane().await;

    for search in [
        "%00",
        "%27%20or%20true%20--",
        "%5C",
        "%ff",
        "%F4%8F%BF%BF",
        "%EF%B7%BA",
        "*",
        "%25%25",
        "_",
        "%3B",
    ] {
        let answer = app
            .get(&format!("/api/v1/patients?search={search}"))
            .by(&ada)
            .send()
            .await;
        assert_eq!(answer.status, 200, "{search}: {}", answer.text);
    }
}

#[actix_web::test]
async fn an_id_that_is_no_uuid_is_an_unknown_id() {
    let (app, ada, _) = salt_lane().await;

    for path in [
        UNKNOWN,
        "/api/v1/patients/1",
        "/api/v1/patients/'%20or%20true",
        "/api/v1/patients/%00",
    ] {
        for request in [
            app.get(path),
            app.patch(path).json(json!({})),
            app.delete(path).json(json!({ "reason": "entered twice" })),
        ] {
            let answer = request.by(&ada).if_match("\"1\"").send().await;
            assert_eq!(
                (answer.status, answer.code()),
                (404, "PATIENT_NOT_FOUND"),
                "{path}: {}",
                answer.text
            );
        }
    }
}

#[actix_web::test]
async fn a_change_names_the_version_it_is_meant_for() {
    let (app, ada, ana) = salt_lane().await;

    for (tag, status, code) in [
        (None, 428, "PRECONDITION_REQUIRED"),
        (Some("*"), 428, "PRECONDITION_REQUIRED"),
        (Some("1"), 400, "INVALID_IF_MATCH"),
        (Some(""), 400, "INVALID_IF_MATCH"),
        (Some("\"1\", \"2\""), 400, "INVALID_IF_MATCH"),
        (Some("\"0\""), 412, "STALE_VERSION"),
        (Some("\"-1\""), 412, "STALE_VERSION"),
        (Some("W/\"1\""), 412, "STALE_VERSION"),
        (Some("\"9223372036854775807\""), 412, "STALE_VERSION"),
        (Some("\"99999999999999999999\""), 412, "STALE_VERSION"),
        (Some("\"abc\""), 412, "STALE_VERSION"),
    ] {
        for request in [
            app.patch(&ana.path()).json(json!({ "phone": "1" })),
            app.delete(&ana.path()).json(json!({ "reason": "entered twice" })),
        ] {
            let request = request.by(&ada);
            let request = if let Some(tag) = tag {
                request.if_match(tag)
            } else {
                request
            };
            let answer = request.send().await;
            assert_eq!(
                (answer.status, answer.code()),
                (status, code),
                "{tag:?}: {}",
                answer.text
            );
        }
    }
}

#[actix_web::test]
async fn a_cookie_that_is_not_ours_is_no_session() {
    let (app, ada, ana) = salt_lane().await;
    let cookie = &ada.cookie;
    let (name, value) = cookie.split_once('=').unwrap();
    let (secret, signature) = value.split_once('.').unwrap();
    let stranger = secret.chars().rev().collect::<String>();

    for tampered in [
        format!("{name}="),
        format!("{name}={secret}"),
        format!("{name}={secret}."),
        format!("{name}={stranger}.{signature}"),
        format!("{name}={secret}.{}", signature.to_lowercase()),
        format!("{name}={secret}.{signature}x"),
        format!("{name}=x{value}"),
        format!("{name}=%00.%ff"),
        format!("__Secure-{cookie}"),
        format!("other={value}"),
        "=;;=".to_owned(),
    ] {
        let answer = app.get(&ana.path()).cookie(&tampered).send().await;
        assert_eq!(
            (answer.status, answer.code()),
            (401, "UNAUTHORIZED"),
            "{tampered}: {}",
            answer.text
        );
    }
    app.get(&ana.path()).by(&ada).send().await.expect(200);
}

#[actix_web::test]
async fn a_change_from_another_site_is_refused() {
    let (app, ada, ana) = salt_lane().await;
    let delete = || {
        app.delete(&ana.path())
            .if_match(&ana.etag)
            .header("cookie", &ada.cookie)
    };

    let nowhere = delete().send().await;
    let elsewhere = delete().header("origin", "https://evil.example").send().await;

    assert_eq!((nowhere.status, nowhere.code()), (403, "MISSING_OR_NULL_ORIGIN"));
    assert_eq!((elsewhere.status, elsewhere.code()), (403, "INVALID_ORIGIN"));
}

#[actix_web::test]
async fn an_organization_that_is_none_is_unknown() {
    let (app, ada, ana) = salt_lane().await;

    for organization in [
        "",
        "salt-lane",
        "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38",
        "' or true --",
    ] {
        let answer = app
            .get(&ana.path())
            .by(&ada)
            .organization(organization)
            .send()
            .await;
        assert_eq!(
            (answer.status, answer.code()),
            (404, "ORGANIZATION_NOT_FOUND"),
            "{organization}"
        );
    }
}

#[actix_web::test]
async fn a_path_has_its_methods_and_no_others() {
    let (app, ada, ana) = salt_lane().await;

    let put = app
        .request(actix_web::http::Method::PUT, &ana.path())
        .by(&ada)
        .send()
        .await;
    let unknown = app.get("/api/v1/nowhere").by(&ada).send().await;

    assert_eq!(
        (put.status, put.code(), put.header("allow")),
        (405, "METHOD_NOT_ALLOWED", "GET, PATCH, DELETE")
    );
    assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
}
