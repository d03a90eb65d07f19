//! A new password for somebody who has forgotten theirs.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use wardkeep_auth::Policy;

use crate::letters::{path, token};
use crate::world::{Answer, BASE, Browser, PASSWORD, World};

const ANA: &str = "ana@example.test";
const OTHER: &str = "another correct horse";
const REQUEST: &str = "/api/auth/request-password-reset";
const RESET: &str = "/api/auth/reset-password";

async fn ask(world: &World, form: Value) -> Answer {
    world.browser().post(REQUEST, &form).await
}

/// The token of a mail that was asked for now.
async fn reset_token(world: &World) -> String {
    assert_eq!(ask(world, json!({ "email": ANA })).await.status, 200);
    token(&world.link().await)
}

async fn reset(world: &World, token: &str, password: &str) -> Answer {
    let form = json!({"token": token, "newPassword": password});
    world.browser().post(RESET, &form).await
}

async fn sign_in<'a>(world: &'a World, password: &str) -> Option<Browser<'a>> {
    let mut browser = world.browser();
    let form = json!({"email": ANA, "password": password});
    let answer = browser.post("/api/auth/sign-in/email", &form).await;
    (answer.status == 200).then_some(browser)
}

#[actix_web::test]
async fn a_known_and_an_unknown_address_are_one_answer() {
    let world = World::new().await;
    world.sign_up(ANA).await;

    let known = ask(&world, json!({"email": "Ana@Example.test"})).await;
    let unknown = ask(&world, json!({"email": "bo@example.test"})).await;

    let message = "If this email exists in our system, check your email for the reset link";
    assert_eq!(known.body, json!({"status": true, "message": message}));
    known.tells_no_more_than(&unknown);
    assert!(known.cookies.is_empty());
    let mails = world.mails().await;
    let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [ANA]);
}

#[actix_web::test]
async fn a_reset_is_asked_for_in_the_order_of_the_protocol() {
    let world = World::new().await;

    ask(&world, json!({"email": 5, "redirectTo": "//evil.test"}))
        .await
        .refused(403, "INVALID_REDIRECT_URL");
    let wrong = ask(&world, json!({"email": "ana", "redirectTo": null})).await;
    wrong.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        wrong.body["message"],
        "[body.email] Invalid email address; [body.redirectTo] Invalid input: expected string, received null"
    );
    let number = ask(&world, json!({"redirectTo": 5})).await;
    number.refused_in_words(400, "Invalid redirectURL: expected a string");
}

#[actix_web::test]
async fn the_link_goes_on_to_the_page_that_was_asked_for() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let pages = [
        (
            "/reset?step=1&x=%20#form",
            format!("{BASE}/reset?step=1&x=+&token=TOKEN#form"),
        ),
        ("/reset?token=old&a=b", format!("{BASE}/reset?token=TOKEN&a=b")),
        (
            "https://app.clinic.test/reset",
            "https://app.clinic.test/reset?token=TOKEN".to_owned(),
        ),
        ("/\u{fc}", format!("{BASE}/%C3%BC?token=TOKEN")),
    ];

    for (page, expected) in pages {
        ask(&world, json!({"email": ANA, "redirectTo": page})).await;
        let link = world.link().await;
        // Looking does not use it up.
        for _ in 0..2 {
            let answer = world.browser().get(&path(&link)).await;
            answer.leads_to(&expected.replace("TOKEN", &token(&link)));
            assert!(answer.cookies.is_empty());
        }
    }
}

#[actix_web::test]
async fn a_link_that_is_not_valid_goes_on_with_an_error() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let token = reset_token(&world).await;
    let open = async |token: &str, query: &str| world.browser().get(&format!("{RESET}/{token}{query}")).await;

    let invalid = "error=INVALID_TOKEN";
    for unknown in ["nope", "a%2Fb", "%00", "a%0d%0aSet-Cookie:x"] {
        open(unknown, "?callbackURL=/r?x%3D1%23f")
            .await
            .leads_to(&format!("{BASE}/r?x=1&{invalid}#f"));
    }
    open("nope", "?callbackURL=/r?error%3Da%26b%3Dc")
        .await
        .leads_to(&format!("{BASE}/r?{invalid}&b=c"));
    open(&token, "?callbackURL=")
        .await
        .leads_to(&format!("{BASE}/api/auth/error?{invalid}"));
    open(&token, "").await.refused(400, "VALIDATION_ERROR");
    open(&token, "?callbackURL=/a&callbackURL=/b")
        .await
        .refused(400, "VALIDATION_ERROR");
    open(&token, "?callbackURL=//evil.test")
        .await
        .refused(403, "INVALID_CALLBACK_URL");
    world.clock.advance(Duration::from_secs(3600));
    open(&token, "?callbackURL=/r")
        .await
        .leads_to(&format!("{BASE}/r?{invalid}"));
    let none = world.browser().get(&format!("{RESET}/?callbackURL=/r")).await;
    assert_eq!((none.status.as_u16(), none.text.as_str()), (404, ""));
}

#[actix_web::test]
async fn a_token_sets_the_password_once() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let token = reset_token(&world).await;

    let answer = reset(&world, &token, OTHER).await;
    let again = reset(&world, &token, PASSWORD).await;

    answer.done();
    assert!(answer.cookies.is_empty());
    again.refused(400, "INVALID_TOKEN");
    assert!(sign_in(&world, PASSWORD).await.is_none());
    assert!(sign_in(&world, OTHER).await.is_some());
}

#[actix_web::test]
async fn a_token_may_stand_in_the_query_and_the_body_wins() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let token = reset_token(&world).await;
    let post = async |query: &str, form: Value| {
        let request = TestRequest::post().uri(&format!("{RESET}{query}")).set_json(form);
        world.send(request).await
    };

    let nope = json!({"newPassword": OTHER, "token": "nope"});
    post(&format!("?token={token}"), nope)
        .await
        .refused(400, "INVALID_TOKEN");
    post("?token=a&token=b", json!({ "newPassword": OTHER }))
        .await
        .refused(400, "VALIDATION_ERROR");
    let empty = json!({"newPassword": OTHER, "token": ""});
    post(&format!("?token={token}"), empty).await.done();
}

#[actix_web::test]
async fn what_is_refused_does_not_use_the_token_up() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let token = reset_token(&world).await;
    let post = async |form: Value| world.browser().post(RESET, &form).await;

    post(json!({"token": 5})).await.refused(400, "VALIDATION_ERROR");
    post(json!({"newPassword": "x"}))
        .await
        .refused(400, "INVALID_TOKEN");
    for (token, password, code) in [
        ("nope", "short", "PASSWORD_TOO_SHORT"),
        (&*token, "short", "PASSWORD_TOO_SHORT"),
        (&*token, &*"x".repeat(129), "PASSWORD_TOO_LONG"),
        (&*token, "password1", "PASSWORD_COMPROMISED"),
        ("nope", OTHER, "INVALID_TOKEN"),
        (&*token.to_lowercase(), OTHER, "INVALID_TOKEN"),
    ] {
        reset(&world, token, password).await.refused(400, code);
    }

    world.clock.advance(Duration::from_millis(3_599_999));
    reset(&world, &token, OTHER).await.done();
}

#[actix_web::test]
async fn a_token_is_over_after_an_hour_or_with_its_user() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let late = reset_token(&world).await;
    world.clock.advance(Duration::from_secs(3600));
    reset(&world, &late, OTHER).await.refused(400, "INVALID_TOKEN");
    let orphan = reset_token(&world).await;
    ana.post("/api/auth/delete-user", &json!({ "password": PASSWORD }))
        .await;

    reset(&world, &orphan, OTHER).await.refused(400, "INVALID_TOKEN");
    // The request for an unknown address makes a token as well; no mail has it.
    assert_eq!(ask(&world, json!({ "email": ANA })).await.status, 200);
    assert!(world.mails().await.is_empty());
}

#[actix_web::test]
async fn a_reset_proves_the_address_and_ends_all_that_was_before() {
    let world = World::new().await;
    let mut before = world.sign_up(ANA).await;
    let (first, second) = (reset_token(&world).await, reset_token(&world).await);

    reset(&world, &second, OTHER).await.done();

    assert_eq!(before.user().await, None);
    reset(&world, &first, PASSWORD)
        .await
        .refused(400, "INVALID_TOKEN");
    let mut after = sign_in(&world, OTHER).await.unwrap();
    let session = after.get("/api/auth/get-session").await;
    assert_eq!(session.body["user"]["emailVerified"], true);
}

#[actix_web::test]
async fn in_the_compatibility_profile_a_reset_ends_nothing() {
    let world = World::under(Policy::compatibility()).await;
    let mut before = world.sign_up(ANA).await;
    let (first, second) = (reset_token(&world).await, reset_token(&world).await);

    reset(&world, &second, OTHER).await.done();

    let session = before.get("/api/auth/get-session").await;
    assert_eq!(session.body["user"]["emailVerified"], false);
    reset(&world, &first, PASSWORD).await.done();
}
