//! In which order an endpoint checks what it is sent, and which requests are none of its. The table names every endpoint of
//! users and sessions that is posted to; a new one that is missing fails.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::world::{BASE, World, request};

/// An endpoint, what it takes for valid without being signed in, and what for invalid; null where anything is valid.
struct Posted {
    path: &'static str,
    valid: Value,
    invalid: Value,
    /// The status without a session.
    signed_out: u16,
}

fn posted() -> Vec<Posted> {
    let posted = |path, valid, invalid, signed_out| Posted {
        path,
        valid,
        invalid,
        signed_out,
    };
    let wrong = "x".repeat(20);
    vec![
        posted(
            "sign-up/email",
            json!({"name": "", "email": "a@b.co", "password": "short"}),
            json!({}),
            400,
        ),
        posted(
            "sign-in/email",
            json!({"email": "a@b.co", "password": wrong}),
            json!({}),
            401,
        ),
        posted("sign-in/social", json!({"provider": "x"}), json!({}), 404),
        posted("sign-out", json!({}), json!([]), 200),
        posted("revoke-session", json!({"token": "x"}), json!({"token": 5}), 401),
        posted("revoke-sessions", json!({}), Value::Null, 401),
        posted("revoke-other-sessions", json!({}), Value::Null, 401),
        posted("update-user", json!({"name": "x"}), json!([]), 401),
        posted("update-session", json!({}), json!([]), 401),
        posted(
            "change-password",
            json!({"newPassword": wrong, "currentPassword": wrong}),
            json!({}),
            401,
        ),
        posted("verify-password", json!({"password": wrong}), json!({}), 401),
        posted(
            "request-password-reset",
            json!({"email": "a@b.co"}),
            json!({"email": "a"}),
            200,
        ),
        posted(
            "reset-password",
            json!({"newPassword": wrong, "token": "x"}),
            json!({}),
            400,
        ),
        posted(
            "send-verification-email",
            json!({"email": "a@b.co"}),
            json!({}),
            200,
        ),
        posted("change-email", json!({"newEmail": "a@b.co"}), json!({}), 401),
        posted("delete-user", json!({}), json!({"password": 5}), 401),
        posted("unlink-account", json!({"accountId": "x"}), json!({}), 401),
        posted("link-social", json!({"provider": "x"}), json!({}), 401),
        posted("refresh-token", json!({"accountId": "x"}), json!({}), 401),
        posted("get-access-token", json!({"accountId": "x"}), json!({}), 401),
        posted("callback/x", json!({}), json!({"state": 5}), 302),
        // Not here: POST /get-session reads no body, and is in `providers`.
    ]
}

fn to(path: &str) -> TestRequest {
    TestRequest::post().uri(&format!("/api/auth/{path}"))
}

#[test]
fn no_endpoint_is_forgotten() {
    let document = serde_json::to_value(wardkeep_web::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut ours: Vec<_> = paths
        .iter()
        .filter(|(_, item)| item["post"]["tags"][0] == "auth")
        .map(|(path, _)| path.strip_prefix("/api/auth/").unwrap().replace("{id}", "x"))
        .filter(|path| path != "get-session")
        .collect();
    let mut tabled: Vec<_> = posted().iter().map(|posted| posted.path.to_owned()).collect();
    ours.sort();
    tabled.sort();
    assert_eq!(ours, tabled);
}

#[actix_web::test]
async fn media_type_then_json_then_origin_then_redirects_then_shape_then_session() {
    let world = World::new().await;
    for endpoint in posted() {
        let from = |origin: &'static str| {
            to(endpoint.path)
                .insert_header((COOKIE, "a=b"))
                .insert_header((ORIGIN, origin))
        };
        let leading = |field: &str| {
            let mut body = endpoint.invalid.clone();
            if !body.is_object() {
                body = json!({});
            }
            body[field] = json!("//evil.test");
            body
        };

        let text = from("http://evil.test")
            .insert_header((CONTENT_TYPE, "text/plain"))
            .set_payload("{");
        world.send(text).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        let broken = from("http://evil.test")
            .insert_header((CONTENT_TYPE, "application/json"))
            .set_payload("{");
        world.send(broken).await.refused(400, "BAD_REQUEST");
        let foreign = from("http://evil.test").set_json(leading("callbackURL"));
        world.send(foreign).await.refused(403, "INVALID_ORIGIN");
        for (field, code) in [
            ("callbackURL", "INVALID_CALLBACK_URL"),
            ("redirectTo", "INVALID_REDIRECT_URL"),
            ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
            ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
        ] {
            let led = from(BASE).set_json(leading(field));
            world.send(led).await.refused(403, code);
        }
        if !endpoint.invalid.is_null() {
            let misshapen = from(BASE).set_json(&endpoint.invalid);
            world.send(misshapen).await.refused(400, "VALIDATION_ERROR");
        }
        let valid = world.send(from(BASE).set_json(&endpoint.valid)).await;
        assert_eq!(
            valid.status, endpoint.signed_out,
            "{}: {}",
            endpoint.path, valid.text
        );
    }
}

#[actix_web::test]
async fn what_a_browser_could_not_send_is_not_asked_where_it_comes_from() {
    let world = World::new().await;
    for endpoint in posted() {
        let answer = world.send(to(endpoint.path).set_json(&endpoint.valid)).await;
        assert_eq!(
            answer.status, endpoint.signed_out,
            "{}: {}",
            endpoint.path, answer.text
        );
    }
}

#[actix_web::test]
async fn ghsa_x732_6j76_qmhm_another_method_or_spelling_is_404_without_a_body() {
    let world = World::new().await;
    let document = serde_json::to_value(wardkeep_web::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let ours = paths.iter().filter_map(|(path, item)| {
        let operations = item.as_object().unwrap();
        (operations
            .values()
            .any(|operation| operation["tags"][0] == "auth"))
        .then_some((path, operations))
    });

    for (pattern, operations) in ours {
        let path = pattern.replace("{id}", "x").replace("{token}", "x");
        for method in [
            Method::GET,
            Method::POST,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ] {
            if operations.contains_key(&method.as_str().to_lowercase()) {
                continue;
            }
            let answer = world.send(request(method.clone(), &path)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.text.as_str()),
                (404, ""),
                "{method} {path}"
            );
        }
        for method in [Method::GET, Method::POST] {
            for other in [
                format!("{path}/"),
                path.replacen("/auth/", "/auth//", 1),
                path.to_uppercase().replacen("/API/AUTH", "/api/auth", 1),
                format!("{path}%20"),
            ] {
                if other.starts_with("/api/auth/callback/x%20")
                    || other.starts_with("/api/auth/reset-password/x%20")
                {
                    continue;
                }
                let answer = world.send(request(method.clone(), &other)).await;
                assert_eq!(
                    (answer.status.as_u16(), answer.text.as_str()),
                    (404, ""),
                    "{method} {other}"
                );
            }
        }
    }
}
