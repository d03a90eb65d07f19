//! What is particular to Google, Microsoft and GitHub.

use serde_json::{Value, json};
use wardkeep_testkit::{Endpoint, Misbehaviour};

use crate::support::{ana, github, merged, unidentified, with};

const TENANT: &str = "3aa9a6f2-1c5f-4c63-8f0a-0d6a3a3b1b11";

#[tokio::test]
async fn google_has_two_names() {
    let world = with("google", json!({})).await;

    world
        .identify(json!({"iss": "accounts.google.com"}))
        .await
        .unwrap();
    world.identify(json!({})).await.unwrap();
    unidentified(world.identify(json!({"iss": "https://evil.example"})).await);
}

#[tokio::test]
async fn an_account_of_another_google_organization_is_refused() {
    let clinic = with("google", json!({"hostedDomain": "clinic.example"})).await;
    clinic.identify(json!({"hd": "clinic.example"})).await.unwrap();
    for hosted in [
        json!("other.example"),
        json!(null),
        json!(""),
        json!(["clinic.example"]),
        json!("*"),
    ] {
        let why = unidentified(clinic.identify(json!({"hd": hosted})).await);
        assert!(why.contains("hostedDomain"), "{why}");
    }
    clinic.fake.claims(json!({"hd": "other.example"}));
    unidentified(clinic.sign_in().await);

    let any = with("google", json!({"hostedDomain": "*"})).await;
    any.identify(json!({"hd": "other.example"})).await.unwrap();
    unidentified(any.identify(json!({})).await);
}

#[tokio::test]
async fn a_user_of_another_microsoft_tenant_is_refused() {
    let world = with("microsoft", json!({"tenantId": TENANT})).await;

    let identity = world
        .identify(json!({"tid": TENANT, "oid": "o-1"}))
        .await
        .unwrap();
    assert_eq!(identity.profile.subject, "o-1");
    for tenant in [
        json!("9188040d-6c67-4c5b-b112-36a304b66dad"),
        json!(null),
        json!(""),
    ] {
        unidentified(world.identify(json!({"tid": tenant, "oid": "o-1"})).await);
    }
    unidentified(world.identify(json!({"tid": TENANT})).await);
    unidentified(world.identify(json!({"tid": TENANT, "oid": " "})).await);
}

#[tokio::test]
async fn a_microsoft_tenant_by_its_domain_is_the_one_that_the_issuer_names() {
    let world = with("microsoft", json!({"tenantId": "clinic.example"})).await;

    // The issuer here ends with no tenant at all.
    unidentified(world.identify(json!({"tid": TENANT, "oid": "o-1"})).await);
}

#[tokio::test]
async fn microsoft_proves_an_address_by_three_claims_alone() {
    let world = with("microsoft", json!({"tenantId": TENANT})).await;
    let verified = async |claims: Value| {
        let claims = merged(
            json!({"tid": TENANT, "oid": "o-1", "email_verified": null}),
            claims,
        );
        world.identify(claims).await.unwrap().profile.email_verified
    };
    world.fake.is(merged(ana(), json!({"email_verified": null})));

    assert!(!verified(json!({})).await);
    assert!(!verified(json!({"xms_edov": true})).await);
    assert!(verified(json!({"email_verified": true})).await);
    assert!(verified(json!({"email_verified": "true"})).await);
    assert!(verified(json!({"verified_primary_email": ["ana@example.test"]})).await);
    assert!(verified(json!({"verified_secondary_email": ["x@y.test", "ana@example.test"]})).await);
    assert!(!verified(json!({"verified_primary_email": ["eve@example.test"]})).await);
    assert!(!verified(json!({"verified_primary_email": "ana@example.test"})).await);
    let both = json!({"email_verified": false, "verified_primary_email": ["ana@example.test"]});
    assert!(!verified(both).await);
}

#[tokio::test]
async fn the_list_of_github_says_what_is_verified() {
    let listed = json!([
        {"email": "work@example.test", "primary": false, "verified": true},
        {"email": "home@example.test", "primary": true, "verified": false},
    ]);
    for (public, list, email, verified) in [
        (json!(null), listed.clone(), Some("home@example.test"), false),
        (
            json!("work@example.test"),
            listed.clone(),
            Some("work@example.test"),
            true,
        ),
        (
            json!("home@example.test"),
            listed.clone(),
            Some("home@example.test"),
            false,
        ),
        (json!("eve@example.test"), listed, Some("eve@example.test"), false),
        (json!(null), json!([]), None, false),
        (
            json!("ana@example.test"),
            json!([]),
            Some("ana@example.test"),
            false,
        ),
        (
            json!(null),
            json!([{"email": "a@b.test", "verified": true}]),
            Some("a@b.test"),
            true,
        ),
        (
            json!(null),
            json!([{"email": "a@b.test", "primary": true, "verified": "true"}]),
            Some("a@b.test"),
            false,
        ),
        (json!(null), json!([{"verified": true}, 1, null]), None, false),
    ] {
        let world = github().await;
        world
            .fake
            .is(json!({"sub": "1", "login": "ana", "public_email": public, "emails": list}));

        let profile = world.sign_in().await.unwrap().profile;

        assert_eq!(
            (profile.email.as_deref(), profile.email_verified),
            (email, verified),
            "{public} in {list}"
        );
    }
}

#[tokio::test]
async fn without_the_list_of_github_nothing_is_verified() {
    let world = github().await;
    world
        .fake
        .is(json!({"sub": "1", "public_email": "ana@example.test", "email_verified": true}));
    let forbidden = Misbehaviour::Status(404, json!({"message": "Not Found"}));
    world.fake.misbehaves(Endpoint::Emails, forbidden);

    let profile = world.sign_in().await.unwrap().profile;

    assert_eq!(profile.email.as_deref(), Some("ana@example.test"));
    assert!(!profile.email_verified);
}

#[tokio::test]
async fn a_github_user_without_an_id_is_nobody() {
    for id in [json!(null), json!(1.5), json!(""), json!(true)] {
        let world = github().await;
        world.fake.misbehaves(
            Endpoint::Userinfo,
            Misbehaviour::Status(200, json!({"id": id, "login": "ana"})),
        );
        unidentified(world.sign_in().await);
    }
}
