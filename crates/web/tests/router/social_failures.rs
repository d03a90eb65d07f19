//! A provider that refuses, is wrong or gone: the browser is led to the right page with the right code, and nothing is
//! half-made.

use serde_json::{Value, json};
use url::Url;
use wardkeep_testkit::{Endpoint, Misbehaviour};

use crate::letters::path;
use crate::social::{Social, ana, keycloak, state_cleared};
use crate::world::{Answer, BASE};

/// Asserts a code on the page that the sign-in asked for.
#[track_caller]
fn failed(answer: &Answer, code: &str) {
    answer.leads_to(&format!("/failed?a=1&error={code}#f"));
    state_cleared(answer);
}

#[actix_web::test]
async fn who_refuses_is_led_to_the_page_for_errors_with_the_providers_words() {
    let social = Social::new().await;
    for (body, leads_to) in [
        (
            keycloak(),
            "/failed?a=1&error=access_denied&error_description=The+user+said+no#f".to_owned(),
        ),
        (
            json!({"provider": "keycloak"}),
            format!("{BASE}/api/auth/error?error=access_denied&error_description=The+user+said+no"),
        ),
    ] {
        let mut browser = social.world.browser();
        let url = social.begin(&mut browser, "sign-in/social", &body).await;
        let back = path(&Url::parse(&social.provider.refuse(&url)).unwrap());

        let answer = browser.get(&back).await;

        answer.leads_to(&leads_to);
        state_cleared(&answer);
        let page = browser
            .get("/api/auth/error?error=access_denied&error_description=The+user+said+no")
            .await;
        assert!(!page.text.contains("said no"), "{}", page.text);
    }
    assert_eq!(social.rows().await, [0; 4]);
}

#[actix_web::test]
async fn what_a_provider_says_adds_nothing_to_the_address() {
    let social = Social::new().await;
    for (error, leads_to) in [
        (
            "%3Cscript%3E%26error%3Dx%23y",
            "/failed?a=1&error=%3Cscript%3E%26error%3Dx%23y#f",
        ),
        ("a%0d%0ab", "/failed?a=1&error=a%0D%0Ab#f"),
        ("%F0%9F%A6%A9", "/failed?a=1&error=%F0%9F%A6%A9#f"),
    ] {
        let mut browser = social.world.browser();
        let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
        browser
            .get(&format!("{back}&error={error}"))
            .await
            .leads_to(leads_to);
    }
    assert_eq!(social.rows().await, [0; 4]);
}

#[actix_web::test]
async fn an_answer_without_a_code_is_told_so() {
    let social = Social::new().await;
    for code in ["", "code="] {
        let mut browser = social.world.browser();
        let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
        let (start, rest) = back.split_once("code=").unwrap();
        let rest = rest.split_once('&').unwrap().1;
        failed(&browser.get(&format!("{start}{code}&{rest}")).await, "no_code");
    }
}

#[actix_web::test]
async fn the_answer_of_another_issuer_is_refused() {
    let social = Social::new().await;
    let mut browser = social.world.browser();
    let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
    let (rest, _) = back.split_once("&iss=").unwrap();

    let answer = browser
        .get(&format!("{rest}&iss=https%3A%2F%2Fevil.example"))
        .await;

    failed(&answer, "issuer_mismatch");
    assert_eq!(social.provider.times_heard("/token"), 0);
}

#[actix_web::test]
async fn a_provider_that_is_wrong_or_gone_makes_nothing() {
    let social = Social::new().await;
    let error = |status| Misbehaviour::Status(status, json!({"error": "server_error"}));
    // What it publishes is known by now.
    let begun = social
        .begin(&mut social.world.browser(), "sign-in/social", &keycloak())
        .await;
    assert!(begun.starts_with(social.provider.base()));
    for (endpoint, how, code) in [
        (Endpoint::Token, error(500), "invalid_code"),
        (Endpoint::Token, error(400), "invalid_code"),
        (Endpoint::Token, Misbehaviour::Page, "invalid_code"),
        (
            Endpoint::Token,
            Misbehaviour::Redirect(format!("{}/token", social.provider.base())),
            "invalid_code",
        ),
        (Endpoint::Token, Misbehaviour::Huge(1 << 20), "invalid_code"),
        (
            Endpoint::Token,
            Misbehaviour::Says(json!({"id_token": "a.b.c"})),
            "unable_to_get_user_info",
        ),
        (
            Endpoint::Token,
            Misbehaviour::Says(json!({"id_token": null})),
            "unable_to_get_user_info",
        ),
    ] {
        social.provider.misbehaves(endpoint, how.clone());
        let answer = social.sign_in(&mut social.world.browser(), &keycloak()).await;
        let location = answer.header("location").unwrap();
        assert!(location.starts_with("/failed?a=1&error="), "{how:?}: {location}");
        assert!(location.contains(code), "{how:?}: {location}");
        state_cleared(&answer);
        social.provider.behaves();
        assert_eq!(social.rows().await, [0, 0, 0, 1], "{how:?}");
    }
    social
        .sign_in(&mut social.world.browser(), &keycloak())
        .await
        .leads_to("/welcome?x=1#top");
}

#[actix_web::test]
async fn whoever_waits_is_told_that_the_provider_is_not_there() {
    let social = Social::new().await;
    let mut ana = social.world.sign_up("ana@example.test").await;
    let rows = social.rows().await;
    for how in [
        Misbehaviour::Status(500, json!({})),
        Misbehaviour::Page,
        Misbehaviour::Says(json!({"issuer": "https://evil.example"})),
        Misbehaviour::Redirect("http://169.254.169.254/".to_owned()),
    ] {
        social.provider.misbehaves(Endpoint::Discovery, how.clone());
        for endpoint in ["sign-in/social", "link-social"] {
            let answer = ana.post(&format!("/api/auth/{endpoint}"), &keycloak()).await;
            answer.refused(503, "PROVIDER_UNAVAILABLE");
            assert_eq!(answer.header("retry-after"), Some("10"), "{how:?}");
            assert!(
                answer.cookies.is_empty() && answer.header("location").is_none(),
                "{how:?}"
            );
            assert!(
                !answer.text.contains("127.0.0.1") && !answer.text.contains("evil"),
                "{}",
                answer.text
            );
        }
    }
    assert_eq!(social.rows().await, rows);
}

#[actix_web::test]
async fn a_person_without_an_address_is_told_so() {
    let social = Social::new().await;
    for email in [
        Value::Null,
        json!(""),
        json!("no address"),
        json!(5),
        json!(["ana@example.test"]),
    ] {
        let mut person = ana();
        person["email"] = email.clone();
        social.provider.is(person);
        let answer = social.sign_in(&mut social.world.browser(), &keycloak()).await;
        failed(&answer, "email_not_found");
        assert_eq!(social.rows().await, [0; 4], "{email}");
    }
}

#[actix_web::test]
async fn nobody_new_comes_in_where_that_must_be_asked_for() {
    let social = Social::new().await;
    let mut body = keycloak();
    body["provider"] = json!("staff");

    failed(
        &social.sign_in(&mut social.world.browser(), &body).await,
        "signup_disabled",
    );
    assert_eq!(social.rows().await, [0; 4]);
    body["requestSignUp"] = json!(true);
    social
        .sign_in(&mut social.world.browser(), &body)
        .await
        .leads_to("/welcome?x=1#top");
    body["requestSignUp"] = json!(false);
    social
        .sign_in(&mut social.world.browser(), &body)
        .await
        .leads_to("/welcome?x=1#top");
    assert_eq!(social.rows().await[..2], [1, 1]);
}

/// PostgreSQL stores no U+0000, and nobody has a name of a mebibyte.
#[actix_web::test]
async fn a_text_that_cannot_be_stored_makes_no_error_page_of_the_server() {
    let social = Social::new().await;
    for (field, text) in [
        ("name", "A\u{0}na".to_owned()),
        ("picture", "https://id.example/\u{0}".to_owned()),
        ("name", "x".repeat(100_000)),
        ("sub", "1\u{0}2".to_owned()),
        ("email", "ana\u{0}@example.test".to_owned()),
    ] {
        let mut person = ana();
        person[field] = json!(text);
        person["sub"] = json!(person["sub"].as_str().unwrap().to_owned() + field);
        social.provider.is(person);
        let answer = social.sign_in(&mut social.world.browser(), &keycloak()).await;
        assert_eq!(answer.status, 302, "{field}");
        let [users, accounts, ..] = social.rows().await;
        assert_eq!(
            users.min(1),
            accounts.min(1),
            "{field}: a user without an account"
        );
    }
}
