//! What an issuer publishes, and how often it is asked for it.

use std::sync::Arc;

use serde_json::{Value, json};
use time::Duration;
use tokio::task::JoinSet;
use wardkeep_testkit::{Endpoint, Misbehaviour};

use crate::support::{World, given, open_id, unavailable, unidentified};

const DISCOVERY: &str = "/.well-known/openid-configuration";

async fn refused(says: Value) -> String {
    let world = open_id().await;
    world
        .fake
        .misbehaves(Endpoint::Discovery, Misbehaviour::Says(says));
    unavailable(world.authorization().await)
}

/// As many as may come in one moment.
async fn at_once(world: World) -> (World, usize) {
    let world = Arc::new(world);
    let mut all = JoinSet::new();
    for _ in 0..64 {
        let world = Arc::clone(&world);
        all.spawn(async move { world.authorization().await.is_ok() });
    }
    let worked = all.join_all().await.into_iter().filter(|worked| *worked).count();
    (Arc::into_inner(world).unwrap(), worked)
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    let why = refused(json!({"issuer": "https://evil.example"})).await;
    assert!(
        why.contains("of the issuer \"https://evil.example\" and not"),
        "{why}"
    );
    let slash = open_id().await;
    let with_slash = format!("{}/", slash.fake.base());
    slash.fake.misbehaves(
        Endpoint::Discovery,
        Misbehaviour::Says(json!({"issuer": with_slash})),
    );
    assert!(unavailable(slash.authorization().await).contains("slash at the end"));
}

#[tokio::test]
async fn cve_2026_67333_an_authorization_endpoint_that_is_a_script_is_refused() {
    for endpoint in [
        "javascript:alert(1)//",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.example/",
    ] {
        let why = refused(json!({"authorization_endpoint": endpoint})).await;
        assert!(why.contains("authorization_endpoint begins with"), "{why}");
    }
}

#[tokio::test]
async fn no_endpoint_may_be_a_script_or_hold_a_password() {
    for key in ["token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        let why = refused(json!({key: "file:///etc/passwd"})).await;
        assert!(why.contains(&format!("{key} begins with")), "{why}");
        let why = refused(json!({key: "https://ana:secret@a.example/"})).await;
        assert!(
            why.contains("user name or password") && !why.contains("secret"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn metadata_without_an_endpoint_or_an_algorithm_is_refused() {
    for key in ["authorization_endpoint", "token_endpoint", "jwks_uri", "issuer"] {
        refused(json!({key: null})).await;
    }
    let why = refused(json!({"id_token_signing_alg_values_supported": ["HS256", "none"]})).await;
    assert!(why.contains("none of RS256"), "{why}");
}

#[tokio::test]
async fn an_algorithm_that_is_not_listed_is_not_taken() {
    let world = open_id().await;
    let says = json!({"id_token_signing_alg_values_supported": ["RS256"]});
    world
        .fake
        .misbehaves(Endpoint::Discovery, Misbehaviour::Says(says));

    let why = unidentified(world.sign_in().await);

    assert_eq!(why, "the id token is signed with an algorithm that is not taken");
}

#[tokio::test]
async fn sixty_four_at_once_make_one_request() {
    let (world, worked) = at_once(open_id().await).await;

    assert_eq!(worked, 64);
    assert_eq!(world.fake.times_heard(DISCOVERY), 1);
}

#[tokio::test]
async fn sixty_four_at_once_share_one_failure_and_the_next_tries_again() {
    let world = open_id().await;
    world.fake.misbehaves(Endpoint::Discovery, Misbehaviour::Silent);

    let (world, worked) = at_once(world).await;

    assert_eq!(worked, 0);
    assert_eq!(world.fake.times_heard(DISCOVERY), 1);
    world.fake.behaves();
    world.authorization().await.unwrap();
}

#[tokio::test]
async fn it_is_asked_again_after_an_hour() {
    let mut world = open_id().await;
    world.authorization().await.unwrap();
    world.now += Duration::minutes(59);
    world.authorization().await.unwrap();
    assert_eq!(world.fake.times_heard(DISCOVERY), 1);

    world.now += Duration::minutes(1);
    world.authorization().await.unwrap();

    assert_eq!(world.fake.times_heard(DISCOVERY), 2);
}

#[tokio::test]
async fn what_is_old_is_used_on_where_nothing_new_can_be_had() {
    let mut world = open_id().await;
    world.authorization().await.unwrap();
    world.fake.misbehaves(Endpoint::Discovery, Misbehaviour::Silent);

    world.now += Duration::hours(2);
    world.authorization().await.unwrap();
    world.authorization().await.unwrap();
    assert_eq!(
        world.fake.times_heard(DISCOVERY),
        2,
        "a silent issuer is not waited for by each"
    );

    world.now += Duration::minutes(1);
    world.authorization().await.unwrap();
    assert_eq!(world.fake.times_heard(DISCOVERY), 3);
}

#[tokio::test]
async fn keys_that_are_not_known_yet_are_asked_for_once_a_minute() {
    let mut world = open_id().await;
    world.sign_in().await.unwrap();
    world.fake.rotates_keys();

    let why = "the id token is signed with no key of the issuer";
    assert_eq!(unidentified(world.sign_in().await), why);
    assert_eq!(world.fake.times_heard("/keys"), 1);
    world.now += Duration::MINUTE;
    world.sign_in().await.unwrap();
    assert_eq!(world.fake.times_heard("/keys"), 2);

    world.fake.rotates_keys();
    let foreign = given(world.fake.id_token(json!({})));
    for _ in 0..3 {
        unidentified(world.provider().identify(&foreign, world.now).await);
    }
    assert_eq!(world.fake.times_heard("/keys"), 2);
}

#[tokio::test]
async fn keys_that_cannot_be_had_again_are_asked_for_once_a_minute() {
    let mut world = open_id().await;
    world.sign_in().await.unwrap();
    world.fake.rotates_keys();
    world
        .fake
        .misbehaves(Endpoint::Keys, Misbehaviour::Status(500, json!({})));
    world.now += Duration::MINUTE;

    for _ in 0..3 {
        unidentified(world.sign_in().await);
    }

    assert_eq!(world.fake.times_heard("/keys"), 2);
}

#[tokio::test]
async fn a_program_hears_that_the_keys_cannot_be_had() {
    let world = open_id().await;
    world
        .fake
        .misbehaves(Endpoint::Keys, Misbehaviour::Status(500, json!({})));

    unavailable(world.identify(json!({})).await);
    world
        .fake
        .misbehaves(Endpoint::Keys, Misbehaviour::Status(200, json!({"keys": "none"})));
    unavailable(world.identify(json!({})).await);
    world.fake.behaves();
    world.identify(json!({})).await.unwrap();
}
