//! Which ID tokens are believed.

use serde_json::{Value, json};
use time::Duration;
use wardkeep_providers::{ProviderError, Secret};
use wardkeep_testkit::{FakeProvider, IdTokens};

use crate::support::{NOW, github, given, open_id, unidentified, with};

const OURS: &str = FakeProvider::CLIENT_ID;

/// Each by a code and by a program.
async fn assert_refused(claims: Value, why: &str) {
    let world = open_id().await;
    assert_eq!(
        unidentified(world.identify(claims.clone()).await),
        format!("the id token {why}"),
        "{claims}"
    );
    world.fake.claims(claims.clone());
    assert_eq!(
        unidentified(world.sign_in().await),
        format!("the id token {why}"),
        "{claims}"
    );
}

async fn assert_taken(claims: Value) {
    let world = open_id().await;
    world.identify(claims.clone()).await.unwrap();
    world.fake.claims(claims);
    world.sign_in().await.unwrap();
}

fn seconds(from_now: i64) -> i64 {
    NOW.unix_timestamp() + from_now
}

#[tokio::test]
async fn another_issuers_token_is_refused() {
    assert_refused(json!({"iss": "https://evil.example"}), "is of another issuer").await;
    assert_refused(json!({"iss": "accounts.google.com"}), "is of another issuer").await;
    assert_refused(json!({"iss": null}), "names no issuer").await;
}

#[tokio::test]
async fn another_clients_token_is_refused() {
    for audience in [json!("another"), json!(null), json!(17), json!({OURS: OURS})] {
        assert_refused(json!({"aud": audience}), "is for another client").await;
    }
    for audience in [json!(["another"]), json!([]), json!([[OURS]])] {
        assert_refused(json!({"aud": audience}), "is for other clients").await;
    }
}

#[tokio::test]
async fn of_several_audiences_we_are_the_one_it_was_made_for() {
    let why = "was made for another of its clients";
    assert_refused(json!({"aud": [OURS, "another"]}), why).await;
    assert_refused(json!({"aud": [OURS, "another"], "azp": "another"}), why).await;
    assert_taken(json!({"aud": [OURS, "another"], "azp": OURS})).await;
    assert_taken(json!({"aud": [OURS]})).await;
}

#[tokio::test]
async fn a_further_client_signs_in_by_its_own_token_alone() {
    let world = with("own", json!({"clientId": [OURS, "mobile"]})).await;

    world.identify(json!({"aud": "mobile"})).await.unwrap();
    world.identify(json!({})).await.unwrap();
    unidentified(world.identify(json!({"aud": "another"})).await);
    world.fake.claims(json!({"aud": "mobile"}));
    assert_eq!(
        unidentified(world.sign_in().await),
        "the id token is for another client"
    );
}

#[tokio::test]
async fn a_token_is_good_for_its_time_and_thirty_seconds() {
    assert_taken(json!({"exp": seconds(-29)})).await;
    for over in [json!(seconds(-30)), json!(null), json!("never"), json!(true)] {
        assert_refused(json!({"exp": over}), "is over, or does not say when").await;
    }
    assert_taken(json!({"iat": seconds(30), "exp": 1e12})).await;
    for future in [json!(seconds(31)), json!(null), json!("now")] {
        assert_refused(
            json!({"iat": future}),
            "is from the future, or does not say when it was made",
        )
        .await;
    }
    assert_taken(json!({"nbf": seconds(30)})).await;
    assert_refused(json!({"nbf": seconds(31)}), "is not good yet").await;
    assert_refused(json!({"nbf": "now"}), "is not good yet").await;
}

#[tokio::test]
async fn a_program_brings_a_token_of_the_last_hour() {
    let mut world = open_id().await;
    let given = given(world.fake.id_token(json!({"exp": seconds(1_000_000)})));

    world.now = NOW + Duration::HOUR + Duration::seconds(30);
    world.provider().identify(&given, world.now).await.unwrap();
    world.now += Duration::SECOND;

    let why = unidentified(world.provider().identify(&given, world.now).await);
    assert_eq!(why, "the id token is older than an hour");
}

#[tokio::test]
async fn a_program_may_bring_a_nonce_that_counts_then() {
    let world = open_id().await;
    let mut token = given(world.fake.id_token(json!({"nonce": "n"})));
    world.provider().identify(&token, NOW).await.unwrap();

    token.nonce = Some("n".to_owned());
    world.provider().identify(&token, NOW).await.unwrap();
    token.nonce = Some("another".to_owned());

    let why = unidentified(world.provider().identify(&token, NOW).await);
    assert_eq!(why, "the id token has another nonce");
}

#[tokio::test]
async fn the_hash_of_an_access_token_must_be_its_own() {
    let world = open_id().await;
    // The example of OpenID Connect Core 1.0, appendix A.3.
    let mut token = given(world.fake.id_token(json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})));
    token.access_token = Some(Secret::new("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"));
    world.provider().identify(&token, NOW).await.unwrap();

    token.access_token = Some(Secret::new("another"));

    let why = "the id token came with another access token";
    assert_eq!(unidentified(world.provider().identify(&token, NOW).await), why);
    world.fake.claims(json!({"at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}));
    assert_eq!(unidentified(world.sign_in().await), why);
}

#[tokio::test]
async fn a_program_brings_no_token_that_nobody_signed() {
    let world = open_id().await;
    for signs in [
        IdTokens::Forged,
        IdTokens::Unsigned,
        IdTokens::Confused,
        IdTokens::Symmetric,
    ] {
        world.fake.signs(signs);
        unidentified(world.identify(json!({})).await);
    }
}

#[tokio::test]
async fn claims_that_were_changed_do_not_fit_the_signature() {
    let world = open_id().await;
    let (ana, eve) = (
        world.fake.id_token(json!({})),
        world.fake.id_token(json!({"sub": "18"})),
    );
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (ana, eve) = (parts(&ana), parts(&eve));

    let mixed = given(format!("{}.{}.{}", ana[0], eve[1], ana[2]));

    let why = unidentified(world.provider().identify(&mixed, NOW).await);
    assert_eq!(why, "the id token has a wrong signature");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let world = open_id().await;
    for text in [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "e30.e30.",
        "e30.e30.e30",
        "bnVsbA.bnVsbA.bnVsbA",
        "\u{0}.é.\n",
    ] {
        unidentified(world.provider().identify(&given(text.to_owned()), NOW).await);
    }
}

#[tokio::test]
async fn where_no_id_tokens_are_taken_none_is_looked_at() {
    let refused = Err(ProviderError::NoIdTokens);
    let disabled = with("own", json!({"disableIdTokenSignIn": true})).await;
    assert!(!disabled.provider().takes_id_tokens());
    assert_eq!(disabled.identify(json!({})).await, refused);
    disabled.sign_in().await.unwrap();

    let github = github().await;
    assert!(!github.provider().takes_id_tokens());
    assert_eq!(github.identify(json!({})).await, refused);
    assert_eq!(github.fake.heard(), []);
}
