//! Signing in and linking with an ID token that a program got from a provider by itself.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use wardkeep_auth::Policy;
use wardkeep_testkit::IdTokens;

use crate::social::{Social, ana};
use crate::world::BASE;

fn with(token: &str) -> Value {
    json!({"provider": "keycloak", "idToken": {"token": token}})
}

#[actix_web::test]
async fn an_id_token_signs_in_at_once() {
    let social = Social::new().await;
    let mut browser = social.world.browser();
    let token = social.provider.id_token(json!({"nonce": "n"}));
    let mut body = with(&token);
    body["idToken"]["nonce"] = json!("n");
    body["callbackURL"] = json!("/welcome");

    let answer = browser.post("/api/auth/sign-in/social", &body).await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let keys: Vec<_> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["redirect", "token", "user"]);
    assert_eq!(answer.body["redirect"], false);
    assert_eq!(answer.body["user"]["email"], "ana@example.test");
    assert_eq!(answer.header("location"), None);
    answer.session_cookie();
    let session = browser.get("/api/auth/get-session").await;
    assert_eq!(session.body["session"]["token"], answer.body["token"]);
    assert_eq!(social.rows().await, [1, 1, 1, 0]);
    // Without a nonce, and again.
    let answer = browser
        .post(
            "/api/auth/sign-in/social",
            &with(&social.provider.id_token(json!({}))),
        )
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(social.rows().await[..2], [1, 1]);
}

#[actix_web::test]
async fn an_id_token_that_is_not_valid_signs_nobody_in() {
    let social = Social::new().await;
    let valid = social.provider.id_token(json!({"nonce": "n"}));
    let mut tokens = vec![
        "a.b.c".to_owned(),
        String::new(),
        "opaque".to_owned(),
        valid.clone() + "x",
    ];
    for claims in [
        json!({"aud": "another"}),
        json!({"iss": "https://evil.example"}),
        json!({"exp": 1}),
        json!({"sub": null}),
        json!({"iat": null}),
    ] {
        tokens.push(social.provider.id_token(claims));
    }
    for how in [
        IdTokens::Forged,
        IdTokens::Unsigned,
        IdTokens::Confused,
        IdTokens::Symmetric,
    ] {
        social.provider.signs(how);
        tokens.push(social.provider.id_token(json!({})));
    }
    for token in tokens {
        let answer = social
            .world
            .browser()
            .post("/api/auth/sign-in/social", &with(&token))
            .await;
        answer.refused(401, "INVALID_TOKEN");
        assert_eq!(answer.body["message"], "Invalid token");
        assert!(answer.cookies.is_empty());
    }
    let mut other_nonce = with(&valid);
    other_nonce["idToken"]["nonce"] = json!("m");
    let answer = social
        .world
        .browser()
        .post("/api/auth/sign-in/social", &other_nonce)
        .await;
    answer.refused(401, "INVALID_TOKEN");
    assert_eq!(social.rows().await, [0; 4]);
}

#[actix_web::test]
async fn who_is_not_let_in_with_an_id_token_is_told_why() {
    let social = Social::new().await;
    social.world.sign_up("ana@example.test").await;
    let send = async |body: &Value| {
        social
            .world
            .browser()
            .post("/api/auth/sign-in/social", body)
            .await
    };

    let unproven = social.provider.id_token(json!({"email_verified": false}));
    let answer = send(&with(&unproven)).await;
    answer.refused(401, "OAUTH_LINK_ERROR");
    assert_eq!(answer.body["message"], "account not linked");

    let mut refused = with(
        &social
            .provider
            .id_token(json!({"sub": "2", "email": "bo@example.test"})),
    );
    refused["provider"] = json!("staff");
    let answer = send(&refused).await;
    answer.refused(401, "OAUTH_LINK_ERROR");
    assert_eq!(answer.body["message"], "signup disabled");

    let mut github = with("a.b.c");
    github["provider"] = json!("github");
    send(&github).await.refused(404, "ID_TOKEN_NOT_SUPPORTED");
    github["provider"] = json!("nobody");
    send(&github).await.refused(404, "PROVIDER_NOT_FOUND");

    social.provider.is(json!({"sub": "3"}));
    let answer = send(&with(&social.provider.id_token(json!({})))).await;
    answer.refused(401, "USER_EMAIL_NOT_FOUND");
    assert_eq!(social.rows().await[..3], [1, 1, 1]);
}

#[actix_web::test]
async fn who_must_prove_the_address_first_is_told_so() {
    let policy = Policy {
        require_verified_email: true,
        ..Policy::default()
    };
    let social = Social::at(BASE, policy).await;
    let token = social.provider.id_token(json!({"email_verified": false}));
    let mut body = with(&token);
    body["callbackURL"] = json!("/welcome");
    let answer = social
        .world
        .browser()
        .post("/api/auth/sign-in/social", &body)
        .await;
    answer.refused(403, "EMAIL_NOT_VERIFIED");
    assert!(answer.cookies.is_empty());
    assert_eq!(social.rows().await[..3], [1, 1, 0]);
    let link = social.world.link().await;
    let leads_to = link.query_pairs().find(|(name, _)| name == "callbackURL");
    assert_eq!(leads_to.unwrap().1, "/welcome");
}

#[actix_web::test]
async fn an_id_token_links_at_once() {
    let social = Social::new().await;
    let mut browser = social.world.sign_up("ana@example.test").await;
    let linked = json!({"url": "", "status": true, "redirect": false});
    let token = social.provider.id_token(json!({}));

    for _ in 0..2 {
        let answer = browser.post("/api/auth/link-social", &with(&token)).await;
        assert_eq!((answer.status.as_u16(), &answer.body), (200, &linked));
        assert!(answer.cookies.is_empty() && answer.header("location").is_none());
    }
    assert_eq!(social.rows().await[..3], [1, 2, 1]);

    let mut other = social.world.sign_up("bo@example.test").await;
    for (claims, status, code) in [
        (
            json!({"email": "bo@example.test"}),
            409,
            "SOCIAL_ACCOUNT_ALREADY_LINKED",
        ),
        (json!({"sub": "2"}), 401, "LINKING_DIFFERENT_EMAILS_NOT_ALLOWED"),
        (
            json!({"sub": "2", "email": "bo@example.test", "email_verified": false}),
            401,
            "LINKING_NOT_ALLOWED",
        ),
        (json!({"aud": "another"}), 401, "INVALID_TOKEN"),
    ] {
        let answer = other
            .post("/api/auth/link-social", &with(&social.provider.id_token(claims)))
            .await;
        answer.refused(status, code);
    }
    social.provider.is(json!({"sub": "3"}));
    let answer = other
        .post(
            "/api/auth/link-social",
            &with(&social.provider.id_token(json!({}))),
        )
        .await;
    answer.refused(401, "USER_EMAIL_NOT_FOUND");
    let nobody = social
        .world
        .browser()
        .post("/api/auth/link-social", &with(&token))
        .await;
    nobody.refused(401, "UNAUTHORIZED");
    social.provider.is(ana());
    assert_eq!(social.rows().await[..2], [2, 3]);
}

/// What a stranger learns of an address by it: nothing at the button, and by an ID token of an address that the provider has
/// not proven as much as the original says.
#[actix_web::test]
async fn the_button_tells_nothing_of_an_address() {
    let social = Social::new().await;
    social.world.sign_up("known@example.test").await;
    let mut shapes = Vec::new();
    for hint in ["known@example.test", "nobody@example.test"] {
        let body = json!({"provider": "keycloak", "loginHint": hint});
        let answer = social
            .world
            .browser()
            .post("/api/auth/sign-in/social", &body)
            .await;
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        let keys: Vec<_> = answer.body.as_object().unwrap().keys().cloned().collect();
        shapes.push((answer.status, headers, keys, answer.text.len() - hint.len()));
    }
    assert_eq!(shapes[0], shapes[1]);
}

/// A page elsewhere must not sign its visitors in to an account of its own: what holds for passwords holds here.
#[actix_web::test]
async fn a_page_elsewhere_signs_nobody_in_with_an_id_token() {
    let social = Social::new().await;
    let body = json!({"provider": "keycloak", "idToken": {"token": social.provider.id_token(json!({}))}});
    let sign_in = || {
        TestRequest::post()
            .uri("/api/auth/sign-in/social")
            .set_json(&body)
    };
    for (request, code) in [
        (
            sign_in()
                .insert_header(("origin", "https://evil.test"))
                .insert_header(("sec-fetch-site", "cross-site")),
            "INVALID_ORIGIN",
        ),
        (
            sign_in().insert_header(("sec-fetch-site", "cross-site")),
            "MISSING_OR_NULL_ORIGIN",
        ),
    ] {
        let answer = social.world.send(request).await;
        answer.refused(403, code);
        assert!(answer.cookies.is_empty(), "{:?}", answer.cookies);
    }
    assert_eq!(social.rows().await[..3], [0, 0, 0]);
    // A program sends neither.
    assert_eq!(social.world.send(sign_in()).await.status, 200);
}
