//! Linking an account at a provider to the signed-in user, and taking it away.

use std::time::Duration;

use serde_json::json;
use wardkeep_auth::Policy;

use crate::social::{Social, keycloak, state_cleared};
use crate::world::BASE;

const EVE: &str = "eve@example.test";

#[actix_web::test]
async fn who_is_signed_in_links_an_account_and_takes_it_away() {
    let social = Social::new().await;
    let mut eve = social.world.sign_up(EVE).await;
    social
        .provider
        .is(json!({"sub": "7", "email": "EVE@example.test", "email_verified": true, "name": "E"}));

    let answer = social.link(&mut eve, &keycloak()).await;

    answer.leads_to("/welcome?x=1#top");
    state_cleared(&answer);
    assert_eq!(social.rows().await, [1, 2, 1, 0]);
    // Her name stays as she wrote it.
    assert_eq!(
        eve.get("/api/auth/get-session").await.body["user"]["name"],
        "Ana Reyes"
    );
    let mut elsewhere = social.world.browser();
    social
        .sign_in(&mut elsewhere, &keycloak())
        .await
        .leads_to("/welcome?x=1#top");
    assert_eq!(elsewhere.user().await, eve.user().await);

    let accounts = eve.get("/api/auth/list-accounts").await;
    let linked = accounts
        .body
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["providerId"] == "keycloak")
        .unwrap();
    let form = json!({"accountId": linked["id"]});
    let mut bo = social.world.sign_up("bo@example.test").await;
    bo.post("/api/auth/unlink-account", &form)
        .await
        .refused(400, "FAILED_TO_UNLINK_LAST_ACCOUNT");
    eve.post("/api/auth/unlink-account", &form).await.done();
    eve.post("/api/auth/unlink-account", &form)
        .await
        .refused(400, "FAILED_TO_UNLINK_LAST_ACCOUNT");
    eve.post("/api/auth/get-access-token", &form)
        .await
        .refused(400, "ACCOUNT_NOT_FOUND");
}

#[actix_web::test]
async fn several_accounts_are_linked_and_any_but_the_last_goes() {
    let social = Social::new().await;
    let mut ana = social.world.browser();
    social.sign_in(&mut ana, &keycloak()).await;
    for (provider, sub) in [("keycloak", "2"), ("other", "1"), ("github", "3")] {
        social.provider.is(json!({"sub": sub, "email": "ana@example.test", "email_verified": true, "name": "A", "login": "a"}));
        let body = json!({"provider": provider, "callbackURL": "/s"});
        social.world.clock.advance(Duration::from_secs(1));
        social.link(&mut ana, &body).await.leads_to("/s");
    }
    let accounts = ana.get("/api/auth/list-accounts").await;
    let accounts = accounts.body.as_array().unwrap();
    let known: Vec<_> = accounts
        .iter()
        .map(|one| {
            (
                one["providerId"].as_str().unwrap(),
                one["accountId"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        known,
        [
            ("keycloak", "1"),
            ("keycloak", "2"),
            ("other", "1"),
            ("github", "3")
        ]
    );
    for account in &accounts[..3] {
        ana.post("/api/auth/unlink-account", &json!({"accountId": account["id"]}))
            .await
            .done();
    }
    let last = json!({"accountId": accounts[3]["id"]});
    ana.post("/api/auth/unlink-account", &last)
        .await
        .refused(400, "FAILED_TO_UNLINK_LAST_ACCOUNT");
}

#[actix_web::test]
async fn what_does_not_fit_is_not_linked() {
    let social = Social::new().await;
    social.sign_in(&mut social.world.browser(), &keycloak()).await;
    let mut eve = social.world.sign_up(EVE).await;
    let rows = social.rows().await;
    for (person, code) in [
        (
            json!({"sub": "8", "email": "other@example.test", "email_verified": true}),
            "email_does_not_match",
        ),
        (
            json!({"sub": "8", "email": EVE, "email_verified": false}),
            "unable_to_link_account",
        ),
        (
            json!({"sub": "1", "email": EVE, "email_verified": true}),
            "account_already_linked_to_different_user",
        ),
    ] {
        social.provider.is(person);
        let answer = social.link(&mut eve, &keycloak()).await;
        answer.leads_to(&format!("/failed?a=1&error={code}#f"));
        state_cleared(&answer);
    }
    assert_eq!(social.rows().await, rows);
}

#[actix_web::test]
async fn a_link_needs_the_session_that_began_it() {
    let social = Social::new().await;
    let mut eve = social.world.sign_up(EVE).await;
    social
        .provider
        .is(json!({"sub": "7", "email": EVE, "email_verified": true}));
    let back = social.agreed(&mut eve, "link-social", &keycloak()).await;
    eve.post("/api/auth/sign-out", &json!({})).await;

    let answer = eve.get(&back).await;

    answer.leads_to("/failed?a=1&error=unable_to_link_account#f");
    assert_eq!(social.rows().await, [1, 1, 0, 0]);
    let nobody = social
        .world
        .browser()
        .post("/api/auth/link-social", &keycloak())
        .await;
    nobody.refused(401, "UNAUTHORIZED");
}

/// A sign-in with a proven address here and there links by itself.
#[actix_web::test]
async fn a_proven_address_is_linked_at_the_sign_in() {
    let social = Social::at(BASE, Policy::compatibility()).await;
    let mut ana = social.world.sign_up("ana@example.test").await;
    ana.post(
        "/api/auth/send-verification-email",
        &json!({"email": "ana@example.test"}),
    )
    .await;
    let link = crate::letters::link_in(social.world.mails().await.last().unwrap());
    ana.get(&crate::letters::path(&link)).await;
    let mut elsewhere = social.world.browser();

    social
        .sign_in(&mut elsewhere, &keycloak())
        .await
        .leads_to("/welcome?x=1#top");

    assert_eq!(elsewhere.user().await, ana.user().await);
    let mut again = social.world.sign_in("ana@example.test", true).await;
    assert!(again.user().await.is_some());
}
