//! Where a browser is sent to.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;
use wardkeep_providers::{Authorization, SignUp};

use crate::support::{REDIRECT, STATE, World, github, open_id, with};

/// The parameters in the order of the address.
async fn asked(world: &World, additional: &[(&str, &str)], scopes: &[&str]) -> Vec<(String, String)> {
    let additional: BTreeMap<String, String> = additional
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let authorization = Authorization {
        redirect_uri: REDIRECT,
        state: STATE,
        nonce: "n",
        // The example of RFC 7636, appendix B.
        code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        scopes: &scopes,
        login_hint: Some("ana@example.test"),
        additional: &additional,
    };
    let url: Url = world
        .provider()
        .authorization_url(&authorization, world.now)
        .await
        .unwrap();
    url.query_pairs().into_owned().collect()
}

fn value<'a>(asked: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = asked.iter().filter(|(known, _)| known == name);
    let first = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} is there twice");
    first
}

#[tokio::test]
async fn a_browser_takes_a_state_a_nonce_and_a_challenge_along() {
    let world = open_id().await;

    let asked = asked(&world, &[], &["phone", "email"]).await;

    let expected = [
        ("response_type", "code"),
        ("client_id", "wardkeep-tests"),
        ("state", STATE),
        ("scope", "openid profile email phone"),
        ("redirect_uri", REDIRECT),
        ("login_hint", "ana@example.test"),
        ("nonce", "n"),
        ("code_challenge_method", "S256"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ];
    let pairs: Vec<_> = asked
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(pairs, expected);
}

#[tokio::test]
async fn github_gets_a_challenge_but_no_nonce() {
    let asked = asked(&github().await, &[], &[]).await;

    assert_eq!(value(&asked, "nonce"), None);
    assert_eq!(value(&asked, "code_challenge_method"), Some("S256"));
    assert_eq!(value(&asked, "scope"), Some("read:user user:email"));
}

#[tokio::test]
async fn nobody_replaces_what_is_made_for_the_sign_in() {
    let world = open_id().await;
    let reserved = [
        ("state", "x"),
        ("client_id", "x"),
        ("redirect_uri", "https://evil.example"),
        ("response_type", "token"),
        ("code_challenge", "x"),
        ("code_challenge_method", "plain"),
        ("nonce", "x"),
        ("scope", "x"),
        ("acr_values", "gold"),
    ];

    let with = asked(&world, &reserved, &[]).await;

    let without = asked(&world, &[("acr_values", "gold")], &[]).await;
    assert_eq!(with, without);
    assert_eq!(value(&with, "acr_values"), Some("gold"));
}

#[tokio::test]
async fn the_settings_add_parameters_and_the_caller_has_the_last_word() {
    let more = json!({"prompt": "consent", "authorizationParams": {"access_type": "offline", "acr_values": "silver"}});
    let world = with("own", more).await;

    let asked = asked(&world, &[("acr_values", "gold")], &[]).await;

    assert_eq!(value(&asked, "prompt"), Some("consent"));
    assert_eq!(value(&asked, "access_type"), Some("offline"));
    assert_eq!(value(&asked, "acr_values"), Some("gold"));
}

#[tokio::test]
async fn the_endpoints_own_query_stays_but_for_what_is_ours() {
    let world = open_id().await;
    let endpoint = format!("{}/authorize?tenant=a%20b&state=fixed", world.fake.base());
    world.fake.misbehaves(
        wardkeep_testkit::Endpoint::Discovery,
        wardkeep_testkit::Misbehaviour::Says(json!({"authorization_endpoint": endpoint})),
    );

    let asked = asked(&world, &[], &[]).await;

    assert_eq!(value(&asked, "tenant"), Some("a b"));
    assert_eq!(value(&asked, "state"), Some(STATE));
}

#[tokio::test]
async fn presets_ask_as_better_auth_does() {
    let tenant = "3aa9a6f2-1c5f-4c63-8f0a-0d6a3a3b1b11";
    for (id, more, expected) in [
        (
            "google",
            json!({"hostedDomain": "clinic.example"}),
            vec![
                ("scope", "email profile openid"),
                ("include_granted_scopes", "true"),
                ("hd", "clinic.example"),
                ("response_type", "code"),
            ],
        ),
        (
            "microsoft",
            json!({"tenantId": tenant}),
            vec![
                ("scope", "openid profile email User.Read offline_access"),
                ("response_type", "code"),
            ],
        ),
        (
            "apple",
            json!({}),
            vec![
                ("scope", "email name"),
                ("response_mode", "form_post"),
                ("response_type", "code id_token"),
            ],
        ),
    ] {
        let asked = asked(&with(id, more).await, &[], &[]).await;
        for (name, expected) in expected {
            assert_eq!(value(&asked, name), Some(expected), "{id}");
        }
        assert_eq!(value(&asked, "nonce"), Some("n"), "{id}");
    }
}

#[tokio::test]
async fn the_settings_say_who_may_come_in() {
    let sign_up = async |more: Value| with("own", more).await.provider().sign_up();

    assert_eq!(sign_up(json!({})).await, SignUp::Allowed);
    assert_eq!(
        sign_up(json!({"disableImplicitSignUp": true})).await,
        SignUp::OnRequest
    );
    assert_eq!(
        sign_up(json!({"disableSignUp": true, "disableImplicitSignUp": true})).await,
        SignUp::Refused
    );
}
