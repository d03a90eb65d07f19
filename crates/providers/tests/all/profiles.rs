//! Who somebody is, by the ID token or by the userinfo endpoint.

use serde_json::{Value, json};
use wardkeep_providers::{Profile, ProviderError, Secret, Tokens};
use wardkeep_testkit::{Endpoint, FakeProvider, IdTokens, Misbehaviour};

use crate::support::{World, ana, github, merged, open_id, unidentified, with, world};

async fn profile(world: &World, tokens: &Tokens, subject: &str) -> Result<Profile, ProviderError> {
    world.provider().profile(tokens, subject).await
}

/// What is made of a profile with these claims.
async fn with_claims(claims: Value) -> Profile {
    open_id().await.identify(claims).await.unwrap().profile
}

#[tokio::test]
async fn userinfo_is_asked_where_the_id_token_lacks_the_address() {
    let world = open_id().await;
    world.sign_in().await.unwrap();
    assert_eq!(world.fake.times_heard("/userinfo"), 0);
    world
        .fake
        .claims(json!({"email": null, "email_verified": null, "name": "Of the token"}));

    let profile = world.sign_in().await.unwrap().profile;

    assert_eq!(world.fake.times_heard("/userinfo"), 1);
    assert_eq!(profile.email.as_deref(), Some("ana@example.test"));
    assert!(profile.email_verified);
    assert_eq!(profile.name.as_deref(), Some("Of the token"));
}

#[tokio::test]
async fn a_flag_of_the_id_token_says_nothing_of_an_address_of_userinfo() {
    let world = open_id().await;
    world.fake.is(merged(ana(), json!({"email_verified": null})));
    world.fake.claims(json!({"email": null, "email_verified": true}));

    let profile = world.sign_in().await.unwrap().profile;

    assert_eq!(profile.email.as_deref(), Some("ana@example.test"));
    assert!(!profile.email_verified);
}

#[tokio::test]
async fn cve_2026_110864_userinfo_of_another_subject_is_refused() {
    let world = open_id().await;
    world.fake.claims(json!({"email": null}));
    for sub in [json!("18"), json!(null), json!(17)] {
        world
            .fake
            .misbehaves(Endpoint::Userinfo, Misbehaviour::Says(json!({"sub": sub})));
        let why = unidentified(world.sign_in().await);
        assert_eq!(
            why,
            "the userinfo endpoint speaks of another subject than the id token"
        );
    }
}

#[tokio::test]
async fn an_address_may_be_missing() {
    let world = open_id().await;
    world.fake.is(json!({"sub": "17"}));

    let profile = world.sign_in().await.unwrap().profile;

    assert_eq!(
        (profile.email, profile.email_verified, profile.name, profile.image),
        (None, false, None, None)
    );
}

#[tokio::test]
async fn a_subject_is_there_and_can_be_kept() {
    let world = open_id().await;
    for sub in [
        json!(null),
        json!(""),
        json!("  "),
        json!("a\u{0}b"),
        json!("x".repeat(256)),
        json!(true),
        json!({}),
    ] {
        unidentified(world.identify(json!({"sub": sub})).await);
    }
    assert_eq!(
        with_claims(json!({"sub": "x".repeat(255)})).await.subject.len(),
        255
    );
}

#[tokio::test]
async fn names_and_pictures_are_bounded() {
    let name = async |name: Value| with_claims(json!({"name": name})).await.name;
    assert_eq!(name(json!("é".repeat(300))).await, Some("é".repeat(256)));
    assert_eq!(name(json!(" A\u{0}n\na ")).await.as_deref(), Some("Ana"));
    assert_eq!(name(json!(" \n ")).await, None);
    assert_eq!(name(json!(17)).await, None);
    let image = async |image: &str| with_claims(json!({"picture": image})).await.image;
    assert!(image("http://pictures.example/a.png").await.is_some());
    for refused in ["javascript:alert(1)", "data:image/png;base64,AA", "/a.png", "ana"] {
        assert_eq!(image(refused).await, None);
    }
    assert_eq!(
        image(&format!("https://a.example/{}", "x".repeat(2048))).await,
        None
    );
}

#[tokio::test]
async fn a_trusted_provider_has_verified_all_its_addresses() {
    let trusted = with("own", json!({"trustEmail": true})).await;

    let profile = trusted
        .identify(json!({"email_verified": false}))
        .await
        .unwrap()
        .profile;
    assert!(profile.email_verified);
    let nothing = trusted.identify(json!({"email": null})).await.unwrap().profile;
    assert!(!nothing.email_verified, "there is no address");
    assert!(!with_claims(json!({"email_verified": false})).await.email_verified);
}

#[tokio::test]
async fn a_plain_provider_is_read_by_the_settings() {
    let world = plain(json!({"subject": "number", "email": "mail", "emailVerified": "proven", "name": "full", "image": "face"})).await;
    let says = json!({
        "id": "wrong", "number": 17, "mail": "ana@example.test", "proven": "true", "full": "Ana",
        "face": "https://pictures.example/ana.png", "email": "eve@example.test",
    });
    world
        .fake
        .misbehaves(Endpoint::Userinfo, Misbehaviour::Status(200, says));

    let identity = world.sign_in().await.unwrap();

    let profile = identity.profile;
    assert_eq!(profile.subject, "17");
    assert_eq!(profile.email.as_deref(), Some("ana@example.test"));
    assert!(profile.email_verified);
    assert_eq!(profile.name.as_deref(), Some("Ana"));
    assert_eq!(profile.image.as_deref(), Some("https://pictures.example/ana.png"));
    let basic = world
        .fake
        .heard()
        .iter()
        .any(|heard| heard.path == "/token" && heard.authorization.is_some());
    assert!(
        basic,
        "without a word from the provider the secret is shown in the header"
    );
}

#[tokio::test]
async fn a_plain_provider_that_names_no_subject_names_nobody() {
    let world = plain(json!({})).await;
    world.fake.misbehaves(
        Endpoint::Userinfo,
        Misbehaviour::Status(200, json!({"email": "ana@example.test"})),
    );
    unidentified(world.sign_in().await);
    world
        .fake
        .misbehaves(Endpoint::Userinfo, Misbehaviour::Status(200, json!(["17"])));
    unidentified(world.sign_in().await);
}

async fn plain(mapping: Value) -> World {
    world("forge", |fake: &FakeProvider| {
        let settings = merged(fake.github(), json!({"emailsEndpoint": null, "profile": mapping}));
        let base = fake.base();
        merged(
            settings,
            json!({"tokenEndpoint": format!("{base}/token"), "scopes": ["user"]}),
        )
    })
    .await
}

#[tokio::test]
async fn a_kept_id_token_is_read_without_asking_anybody() {
    let world = open_id().await;
    let tokens = world.sign_in().await.unwrap().tokens;
    let before = world.fake.heard().len();

    let now = profile(&world, &tokens, "17").await.unwrap();

    assert_eq!(now.email.as_deref(), Some("ana@example.test"));
    assert_eq!(world.fake.heard().len(), before);
    assert!(matches!(
        profile(&world, &tokens, "18").await,
        Err(ProviderError::Unidentified(_))
    ));
}

#[tokio::test]
async fn without_an_address_in_the_kept_id_token_the_provider_is_asked() {
    let world = open_id().await;
    world.fake.claims(json!({"email": null}));
    let tokens = world.sign_in().await.unwrap().tokens;

    assert!(profile(&world, &tokens, "17").await.unwrap().email.is_some());
    world
        .fake
        .misbehaves(Endpoint::Userinfo, Misbehaviour::Says(json!({"sub": "18"})));
    assert!(matches!(
        profile(&world, &tokens, "17").await,
        Err(ProviderError::Unidentified(_))
    ));
}

#[tokio::test]
async fn without_a_kept_id_token_the_provider_is_asked_for_the_same_subject() {
    for world in [open_id().await, github().await] {
        let mut tokens = world.sign_in().await.unwrap().tokens;
        tokens.id_token = None;

        assert!(profile(&world, &tokens, "17").await.unwrap().email.is_some());
        assert!(matches!(
            profile(&world, &tokens, "18").await,
            Err(ProviderError::Unidentified(_))
        ));
        tokens.access_token = Some(Secret::new("revoked"));
        assert!(matches!(
            profile(&world, &tokens, "17").await,
            Err(ProviderError::Unidentified(_))
        ));
        tokens.access_token = None;
        assert!(matches!(
            profile(&world, &tokens, "17").await,
            Err(ProviderError::Unidentified(_))
        ));
    }
}

#[tokio::test]
async fn what_is_asked_at_no_known_time_is_asked_again_by_the_next() {
    let world = open_id().await;
    let elsewhere = Tokens {
        access_token: Some(Secret::new("revoked")),
        ..Tokens::default()
    };
    profile(&world, &elsewhere, "17").await.unwrap_err();
    world.fake.signs(IdTokens::Signed);

    world.sign_in().await.unwrap();

    assert_eq!(world.fake.times_heard("/.well-known/openid-configuration"), 2);
}
