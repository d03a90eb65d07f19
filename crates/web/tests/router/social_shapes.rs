//! The shapes that signing in through others takes, and the words for what does not fit: measured with Better Auth 1.7.25.

use serde_json::{Value, json};

use crate::world::World;

const RESERVED: &str = "[body.additionalParams] additionalParams cannot include reserved OAuth parameters: state, \
                        client_id, redirect_uri, response_type, code_challenge, code_challenge_method, nonce, scope";

/// A body beside the provider's name, and what is wrong with it: nothing, or the message.
fn bodies() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"provider": null}), "[body.provider] Invalid input"),
        (json!({"provider": ["a"]}), "[body.provider] Invalid input"),
        (json!({"provider": ""}), ""),
        (json!({"callbackURL": ""}), ""),
        (
            json!({"callbackURL": null}),
            "[body.callbackURL] Invalid input: expected string, received null",
        ),
        (
            json!({"errorCallbackURL": null}),
            "[body.errorCallbackURL] Invalid input: expected string, received null",
        ),
        (
            json!({"disableRedirect": "x"}),
            "[body.disableRedirect] Invalid input: expected boolean, received string",
        ),
        (
            json!({"requestSignUp": 5}),
            "[body.requestSignUp] Invalid input: expected boolean, received number",
        ),
        (
            json!({"idToken": null}),
            "[body.idToken] Invalid input: expected object, received null",
        ),
        (
            json!({"idToken": "x"}),
            "[body.idToken] Invalid input: expected object, received string",
        ),
        (
            json!({"idToken": []}),
            "[body.idToken] Invalid input: expected object, received array",
        ),
        (
            json!({"idToken": {}}),
            "[body.idToken.token] Invalid input: expected string, received undefined",
        ),
        (json!({"idToken": {"token": "t", "unknown": 1}}), ""),
        (
            json!({"idToken": {"token": 5, "nonce": 5, "accessToken": 5, "refreshToken": null}}),
            "[body.idToken.token] Invalid input: expected string, received number; \
             [body.idToken.nonce] Invalid input: expected string, received number; \
             [body.idToken.accessToken] Invalid input: expected string, received number; \
             [body.idToken.refreshToken] Invalid input: expected string, received null",
        ),
        (json!({"scopes": []}), ""),
        (
            json!({"scopes": "x"}),
            "[body.scopes] Invalid input: expected array, received string",
        ),
        (
            json!({"scopes": ["a", 1, null]}),
            "[body.scopes.1] Invalid input: expected string, received number; \
             [body.scopes.2] Invalid input: expected string, received null",
        ),
        (
            json!({"loginHint": {}}),
            "[body.loginHint] Invalid input: expected string, received object",
        ),
        (json!({"additionalParams": {}}), ""),
        (json!({"additionalParams": {"hd": "x", "State": "y"}}), ""),
        (
            json!({"additionalParams": []}),
            "[body.additionalParams] Invalid input: expected record, received array",
        ),
        (
            json!({"additionalParams": {"x": 1, "y": null}}),
            "[body.additionalParams.x] Invalid input: expected string, received number; \
             [body.additionalParams.y] Invalid input: expected string, received null",
        ),
        (json!({"additionalParams": {"state": "x"}}), RESERVED),
        (
            json!({"additionalParams": {"scope": "x", "redirect_uri": "y"}}),
            RESERVED,
        ),
        // What is reserved is asked last, of texts alone.
        (
            json!({"additionalParams": {"client_id": "a", "x": 5}}),
            "[body.additionalParams.x] Invalid input: expected string, received number",
        ),
        (json!({"additionalData": {"a": {"b": [1]}}}), ""),
        (
            json!({"additionalData": null}),
            "[body.additionalData] Invalid input: expected record, received null",
        ),
    ]
}

#[actix_web::test]
async fn what_does_not_fit_is_told_in_the_words_of_the_original() {
    let world = World::new().await;
    for (endpoint, status, code) in [
        ("sign-in/social", 404, "PROVIDER_NOT_FOUND"),
        ("link-social", 401, "UNAUTHORIZED"),
    ] {
        for (fields, message) in bodies() {
            let mut body = json!({"provider": "nobody"});
            for (name, value) in fields.as_object().unwrap() {
                body[name] = value.clone();
            }
            let answer = world
                .browser()
                .post(&format!("/api/auth/{endpoint}"), &body)
                .await;
            if message.is_empty() {
                answer.refused(status, code);
            } else {
                answer.refused(400, "VALIDATION_ERROR");
                assert_eq!(answer.body["message"], message, "{endpoint} {fields}");
            }
        }
    }
}

#[actix_web::test]
async fn the_two_differ_in_what_they_look_at() {
    let world = World::new().await;
    let only_at_sign_in = [
        (
            json!({"newUserCallbackURL": null}),
            "[body.newUserCallbackURL] Invalid input: expected string, received null",
        ),
        (
            json!({"idToken": {"token": "t", "expiresAt": "x", "user": 5}}),
            "[body.idToken.expiresAt] Invalid input: expected number, received string; \
             [body.idToken.user] Invalid input: expected object, received number",
        ),
        (
            json!({"idToken": {"token": "t", "user": {"name": {"firstName": 5, "lastName": 5}, "email": 5}}}),
            "[body.idToken.user.name.firstName] Invalid input: expected string, received number; \
             [body.idToken.user.name.lastName] Invalid input: expected string, received number; \
             [body.idToken.user.email] Invalid input: expected string, received number",
        ),
    ];
    for (mut body, message) in only_at_sign_in {
        body["provider"] = json!("nobody");
        let answer = world.browser().post("/api/auth/sign-in/social", &body).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(answer.body["message"], message);
        let answer = world.browser().post("/api/auth/link-social", &body).await;
        answer.refused(401, "UNAUTHORIZED");
    }
}

#[actix_web::test]
async fn what_is_wrong_comes_in_the_order_of_the_declaration() {
    let world = World::new().await;
    let fields = [
        "additionalData",
        "additionalParams",
        "loginHint",
        "requestSignUp",
        "scopes",
        "idToken",
        "disableRedirect",
        "provider",
    ];
    let body: Value = fields
        .iter()
        .map(|name| ((*name).to_owned(), json!(5)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    for (endpoint, order) in [
        (
            "sign-in/social",
            [
                "provider",
                "disableRedirect",
                "idToken",
                "scopes",
                "requestSignUp",
                "loginHint",
                "additionalParams",
                "additionalData",
            ],
        ),
        (
            "link-social",
            [
                "provider",
                "idToken",
                "requestSignUp",
                "scopes",
                "disableRedirect",
                "loginHint",
                "additionalParams",
                "additionalData",
            ],
        ),
    ] {
        let answer = world
            .browser()
            .post(&format!("/api/auth/{endpoint}"), &body)
            .await;
        let message = answer.body["message"].as_str().unwrap();
        let named: Vec<_> = message
            .split("; ")
            .map(|issue| issue.split(']').next().unwrap().trim_start_matches("[body."))
            .collect();
        assert_eq!(named, order, "{message}");
    }
}

#[actix_web::test]
async fn exactly_one_account_is_named() {
    let world = World::new().await;
    for (body, message) in [
        (json!({}), "[body] Invalid input"),
        (json!([]), "[body] Invalid input"),
        (json!({"accountId": 5}), "[body] Invalid input"),
        (json!({"accountId": "x", "userId": 5}), "[body] Invalid input"),
        (
            json!({"accountId": "x", "y": 1}),
            "[body] Unrecognized key: \"y\"",
        ),
        (
            json!({"accountId": "x", "y": 1, "z": 2}),
            "[body] Unrecognized keys: \"y\", \"z\"",
        ),
        (
            json!({"accountId": "x", "useAccountCookie": true}),
            "[body] Invalid input",
        ),
        (json!({"useAccountCookie": false}), "[body] Invalid input"),
        (
            json!({"useAccountCookie": true, "y": 1}),
            "[body] Unrecognized key: \"y\"",
        ),
        (json!({"accountId": 5, "y": 1}), "[body] Invalid input"),
        (
            json!({"accountId": "x", "y": 1, "useAccountCookie": true}),
            "[body] Invalid input",
        ),
    ] {
        for endpoint in ["refresh-token", "get-access-token"] {
            let answer = world
                .browser()
                .post(&format!("/api/auth/{endpoint}"), &body)
                .await;
            answer.refused(400, "VALIDATION_ERROR");
            assert_eq!(answer.body["message"], message, "{body}");
        }
    }
    for query in ["", "?useAccountCookie=true", "?accountId=x&accountId=y"] {
        let answer = world
            .browser()
            .get(&format!("/api/auth/account-info{query}"))
            .await;
        assert_eq!(answer.body["message"], "[query] Invalid input", "{query}");
    }
}

/// Microsoft's tokens have some kilobytes.
#[actix_web::test]
async fn a_token_may_be_longer_than_other_texts() {
    let world = World::new().await;
    let send = async |idtoken: Value| {
        let body = json!({"provider": "nobody", "idToken": idtoken});
        world.browser().post("/api/auth/sign-in/social", &body).await
    };
    // The limit for the body of a request is 4 KiB in these tests.
    send(json!({"token": "x".repeat(3000)}))
        .await
        .refused(404, "PROVIDER_NOT_FOUND");
    let answer = send(json!({"token": "x", "nonce": "x".repeat(2049)})).await;
    answer.refused(400, "VALIDATION_ERROR");
}
