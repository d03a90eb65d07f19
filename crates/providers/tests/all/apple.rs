//! What is particular to Apple.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{EncodePrivateKey as _, LineEnding};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wardkeep_providers::ProviderError;

use crate::support::{NOW, World, ana, given, merged, unidentified, with};

/// Made up here; nothing real is signed with it.
pub(crate) fn key() -> (SigningKey, String) {
    let key = SigningKey::from_slice(&Sha256::digest("a key of the tests")).unwrap();
    let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    (key, pem)
}

async fn apple() -> World {
    // Apple signs an ID token always, the provider of the tests where it is asked for one.
    with("apple", json!({"scopes": ["openid"]})).await
}

#[tokio::test]
async fn the_secret_is_signed_for_each_use() {
    let (key, pem) = key();
    let more = json!({"clientSecret": null, "teamId": "TEAM", "keyId": "KEY", "privateKey": pem});
    let world = with("apple", more).await;

    // The provider of the tests knows a fixed secret only.
    let refused = world.sign_in().await;

    assert_eq!(
        refused,
        Err(ProviderError::InvalidCode("invalid_client".to_owned()))
    );
    let heard = world.fake.heard();
    let posted = heard.iter().find(|heard| heard.path == "/token").unwrap();
    assert_eq!(posted.authorization, None);
    assert_eq!(posted.form["client_id"], "wardkeep-tests");
    let parts: Vec<&str> = posted.form["client_secret"].split('.').collect();
    let decoded =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    assert_eq!(decoded(parts[0]), json!({"alg": "ES256", "kid": "KEY"}));
    let now = NOW.unix_timestamp();
    let claims = json!({"iss": "TEAM", "iat": now, "exp": now + 300, "aud": world.fake.base(), "sub": "wardkeep-tests"});
    assert_eq!(decoded(parts[1]), claims);
    let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
    let message = format!("{}.{}", parts[0], parts[1]);
    key.verifying_key()
        .verify(message.as_bytes(), &signature)
        .unwrap();
}

#[tokio::test]
async fn the_name_is_what_was_posted_and_nothing_else_is() {
    let world = apple().await;
    world.fake.is(merged(ana(), json!({"name": null})));
    let mut back = world.agreed().await;
    let posted = json!({
        "name": {"firstName": "Ana", "lastName": "Lima", "sub": "18"}, "email": "eve@example.test", "sub": "18",
    });
    back.user = Some(posted.to_string());

    let profile = world.exchange(&back).await.unwrap().profile;

    assert_eq!(profile.name.as_deref(), Some("Ana Lima"));
    assert_eq!(profile.subject, "17");
    assert_eq!(profile.email.as_deref(), Some("ana@example.test"));
}

#[tokio::test]
async fn a_posted_user_that_is_no_user_is_nothing() {
    let world = apple().await;
    world.fake.is(merged(ana(), json!({"name": null})));
    for posted in [
        "",
        "{",
        "[]",
        "null",
        r#"{"name": "Ana"}"#,
        r#"{"name": {"firstName": 1}}"#,
        r#"{"name": {}}"#,
    ] {
        let mut back = world.agreed().await;
        back.user = Some(posted.to_owned());
        assert_eq!(
            world.exchange(&back).await.unwrap().profile.name,
            None,
            "{posted}"
        );
    }
}

#[tokio::test]
async fn cve_2026_110864_elsewhere_a_posted_user_is_not_even_a_name() {
    let world = with("own", json!({})).await;
    world.fake.is(merged(ana(), json!({"name": null})));
    let mut back = world.agreed().await;
    back.user = Some(json!({"name": {"firstName": "Eve"}}).to_string());

    assert_eq!(world.exchange(&back).await.unwrap().profile.name, None);
    let mut token = given(world.fake.id_token(json!({})));
    token.name = Some("Eve".to_owned());
    assert_eq!(
        world.provider().identify(&token, NOW).await.unwrap().profile.name,
        None
    );
}

#[tokio::test]
async fn a_program_gives_the_name_and_the_hash_of_the_nonce() {
    let world = apple().await;
    world.fake.is(merged(ana(), json!({"name": null})));
    let hash: String = Sha256::digest("n")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut token = given(world.fake.id_token(json!({"nonce": hash})));
    token.nonce = Some("n".to_owned());
    token.name = Some("Ana Lima".to_owned());

    let profile = world.provider().identify(&token, NOW).await.unwrap().profile;

    assert_eq!(profile.name.as_deref(), Some("Ana Lima"));
    let other = with("own", json!({})).await;
    let mut token = given(other.fake.id_token(json!({"nonce": hash})));
    token.nonce = Some("n".to_owned());
    unidentified(other.provider().identify(&token, NOW).await);
}

#[tokio::test]
async fn a_flag_may_be_a_text() {
    let world = apple().await;
    for (flag, verified) in [
        (json!("true"), true),
        (json!("false"), false),
        (json!("TRUE"), false),
        (json!(1), false),
        (json!(true), true),
        (json!(null), false),
    ] {
        let identity = world.identify(json!({"email_verified": flag})).await.unwrap();
        assert_eq!(identity.profile.email_verified, verified, "{flag}");
    }
}
