//! New access tokens for old refresh tokens.

use serde_json::{Value, json};
use time::Duration;
use wardkeep_providers::{ProviderError, Tokens};
use wardkeep_testkit::{Endpoint, IdTokens, Misbehaviour};

use crate::support::{NOW, World, github, open_id, unavailable, with};

async fn refreshed(world: &World, subject: &str) -> Result<Tokens, ProviderError> {
    let tokens = world.sign_in().await.unwrap().tokens;
    refreshed_as(world, &tokens, subject).await
}

async fn refreshed_as(world: &World, tokens: &Tokens, subject: &str) -> Result<Tokens, ProviderError> {
    let token = tokens.refresh_token.as_ref().unwrap().expose();
    world.provider().refresh(token, subject, world.now).await
}

fn refused(result: Result<Tokens, ProviderError>) -> String {
    match result {
        Err(ProviderError::NotRefreshed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refresh_token_becomes_an_access_token() {
    let world = open_id().await;
    let old = world.sign_in().await.unwrap().tokens;

    let new = refreshed_as(&world, &old, "17").await.unwrap();

    assert!(new.access_token.is_some() && new.access_token != old.access_token);
    assert!(new.refresh_token.is_some() && new.refresh_token != old.refresh_token);
    assert_eq!(new.access_token_expires_at, Some(NOW + Duration::HOUR));
    assert_eq!(refused(refreshed_as(&world, &old, "17").await), "invalid_grant");
}

#[tokio::test]
async fn an_id_token_of_somebody_else_is_refused() {
    let world = open_id().await;
    assert_eq!(
        refused(refreshed(&world, "18").await),
        "the id token is of another subject"
    );
}

#[tokio::test]
async fn an_id_token_of_a_refresh_is_verified_too() {
    let world = open_id().await;
    for claims in [
        json!({"iss": "https://evil.example"}),
        json!({"aud": "another"}),
        json!({"exp": 1}),
    ] {
        let old = world.sign_in().await.unwrap().tokens;
        world.fake.claims(claims);
        refused(refreshed_as(&world, &old, "17").await);
        world.fake.behaves();
    }
    let old = world.sign_in().await.unwrap().tokens;
    world.fake.signs(IdTokens::Forged);
    refused(refreshed_as(&world, &old, "17").await);
}

#[tokio::test]
async fn a_refresh_needs_no_id_token_and_no_nonce() {
    let world = open_id().await;
    let old = world.sign_in().await.unwrap().tokens;
    world.fake.claims(json!({"nonce": null}));
    let next = refreshed_as(&world, &old, "17").await.unwrap();
    world.fake.signs(IdTokens::Missing);
    let last = refreshed_as(&world, &next, "17").await.unwrap();
    assert!(last.id_token.is_none());
}

#[tokio::test]
async fn an_answer_without_an_access_token_is_none() {
    let world = open_id().await;
    let old = world.sign_in().await.unwrap().tokens;
    world
        .fake
        .misbehaves(Endpoint::Token, Misbehaviour::Says(json!({"access_token": null})));

    assert_eq!(
        refused(refreshed_as(&world, &old, "17").await),
        "there is no access token"
    );
}

#[tokio::test]
async fn a_token_endpoint_in_trouble_is_not_a_refusal() {
    let world = open_id().await;
    let old = world.sign_in().await.unwrap().tokens;
    for how in [Misbehaviour::Status(502, json!({})), Misbehaviour::Silent] {
        world.fake.misbehaves(Endpoint::Token, how);
        unavailable(refreshed_as(&world, &old, "17").await);
    }
}

#[tokio::test]
async fn github_refreshes_and_says_no_with_status_200() {
    let world = github().await;
    let old = world.sign_in().await.unwrap().tokens;

    refreshed_as(&world, &old, "17").await.unwrap();

    assert_eq!(refused(refreshed_as(&world, &old, "17").await), "invalid_grant");
}

#[tokio::test]
async fn microsoft_is_asked_for_the_scopes_again() {
    let tenant = "3aa9a6f2-1c5f-4c63-8f0a-0d6a3a3b1b11";
    let world = with("microsoft", json!({"tenantId": tenant})).await;
    world.fake.claims(json!({"tid": tenant, "oid": "o-1"}));

    refreshed(&world, "o-1").await.unwrap();

    let scope: Vec<Value> = world
        .fake
        .heard()
        .iter()
        .filter_map(|heard| heard.form.get("scope").map(|scope| json!(scope)))
        .collect();
    assert_eq!(scope, ["openid profile email User.Read offline_access"]);
    refused(refreshed(&world, "17").await);
}
