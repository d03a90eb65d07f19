//! From a code to a user.

use serde_json::json;
use time::Duration;
use wardkeep_providers::ProviderError;
use wardkeep_testkit::{Endpoint, FakeProvider, IdTokens, Misbehaviour};

use crate::support::{NOW, github, open_id, unavailable, unidentified, with};

#[tokio::test]
async fn a_code_becomes_a_user_with_tokens() {
    let world = open_id().await;

    let identity = world.sign_in().await.unwrap();

    let profile = identity.profile;
    assert_eq!(profile.subject, "17");
    assert_eq!(profile.email.as_deref(), Some("ana@example.test"));
    assert!(profile.email_verified);
    assert_eq!(profile.name.as_deref(), Some("Ana"));
    assert_eq!(profile.image.as_deref(), Some("https://pictures.example/ana.png"));
    let tokens = identity.tokens;
    assert!(tokens.access_token.is_some() && tokens.refresh_token.is_some() && tokens.id_token.is_some());
    assert_eq!(tokens.access_token_expires_at, Some(NOW + Duration::HOUR));
    assert_eq!(tokens.refresh_token_expires_at, None);
    assert_eq!(tokens.scopes, ["openid", "profile", "email"]);
}

#[tokio::test]
async fn a_code_of_github_becomes_a_user() {
    let world = github().await;
    world.fake.is(json!({
        "sub": "583231", "login": "ana", "picture": "https://pictures.example/ana.png",
        "email": "ana@example.test", "email_verified": true,
    }));

    let identity = world.sign_in().await.unwrap();

    let profile = identity.profile;
    assert_eq!(profile.subject, "583231");
    assert_eq!(profile.email.as_deref(), Some("ana@example.test"));
    assert!(profile.email_verified);
    assert_eq!(profile.name.as_deref(), Some("ana"));
    assert_eq!(identity.tokens.scopes, ["read:user", "user:email"]);
    let secret = |heard: &wardkeep_testkit::ProviderHeard| heard.form.get("client_secret").cloned();
    let posted: Vec<_> = world.fake.heard().iter().filter_map(secret).collect();
    assert_eq!(posted, [FakeProvider::CLIENT_SECRET]);
}

#[tokio::test]
async fn a_code_works_once() {
    let world = open_id().await;
    let back = world.agreed().await;

    world.exchange(&back).await.unwrap();
    let again = world.exchange(&back).await;

    assert_eq!(again, Err(ProviderError::InvalidCode("invalid_grant".to_owned())));
}

#[tokio::test]
async fn the_issuer_that_answers_is_the_one_that_was_asked() {
    let world = open_id().await;
    let mut back = world.agreed().await;

    back.issuer = Some("https://evil.example".to_owned());
    assert_eq!(world.exchange(&back).await, Err(ProviderError::IssuerMismatch));
    back.issuer = None;
    assert_eq!(world.exchange(&back).await, Err(ProviderError::IssuerMissing));
    assert_eq!(world.fake.times_heard("/token"), 0, "the code is given to nobody");
}

#[tokio::test]
async fn an_issuer_that_promises_nothing_need_not_name_itself() {
    let world = open_id().await;
    let says = json!({"authorization_response_iss_parameter_supported": null});
    world
        .fake
        .misbehaves(Endpoint::Discovery, Misbehaviour::Says(says));
    let mut back = world.agreed().await;

    back.issuer = None;

    world.exchange(&back).await.unwrap();
}

#[tokio::test]
async fn a_nonce_of_another_sign_in_is_refused() {
    let world = open_id().await;
    let mut back = world.agreed().await;

    back.nonce = "another".to_owned();

    assert_eq!(
        unidentified(world.exchange(&back).await),
        "the id token has another nonce"
    );
    world.fake.claims(json!({"nonce": null}));
    assert_eq!(unidentified(world.sign_in().await), "the id token has no nonce");
}

#[tokio::test]
async fn an_id_token_that_nobody_signed_is_refused() {
    let world = open_id().await;
    for (signs, why) in [
        (IdTokens::Forged, "the id token has a wrong signature"),
        (
            IdTokens::Unsigned,
            "the id token is signed with an algorithm that is not taken",
        ),
        (
            IdTokens::Confused,
            "the id token is signed with an algorithm that is not taken",
        ),
        (
            IdTokens::Symmetric,
            "the id token is signed with an algorithm that is not taken",
        ),
        (IdTokens::Missing, "there is no id token"),
    ] {
        world.fake.signs(signs);
        assert_eq!(unidentified(world.sign_in().await), why, "{signs:?}");
    }
}

#[tokio::test]
async fn a_wrong_client_is_told_so() {
    let world = with("own", json!({"clientSecret": "another"})).await;

    let refused = world.sign_in().await;

    assert_eq!(
        refused,
        Err(ProviderError::InvalidCode("invalid_client".to_owned()))
    );
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_gives_no_tokens() {
    let world = open_id().await;
    for how in [
        Misbehaviour::Status(500, json!({})),
        Misbehaviour::Page,
        Misbehaviour::Says(json!([])),
    ] {
        world.fake.misbehaves(Endpoint::Token, how);
        unavailable(world.sign_in().await);
    }
}
