//! The password of who is signed in: changed, and asked for once more.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_auth::Policy;

use crate::world::{Answer, Browser, PASSWORD, World};

const ANA: &str = "ana@example.test";
const OTHER: &str = "another correct horse";

async fn change(browser: &mut Browser<'_>, current: &str, new: &str) -> Answer {
    let form = json!({"currentPassword": current, "newPassword": new});
    browser.post("/api/auth/change-password", &form).await
}

async fn renew(browser: &mut Browser<'_>) -> Answer {
    let form = json!({"currentPassword": PASSWORD, "newPassword": OTHER, "revokeOtherSessions": true});
    browser.post("/api/auth/change-password", &form).await
}

async fn may_sign_in(world: &World, password: &str) -> bool {
    let form = json!({"email": ANA, "password": password});
    let answer = world.browser().post("/api/auth/sign-in/email", &form).await;
    answer.status == 200
}

async fn verify(browser: &mut Browser<'_>, password: Value) -> Answer {
    let form = json!({"password": password});
    browser.post("/api/auth/verify-password", &form).await
}

#[actix_web::test]
async fn a_changed_password_signs_in_and_the_old_one_does_not() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let mut there = world.sign_in(ANA, true).await;
    let user = ana.get("/api/auth/get-session").await.body["user"].clone();

    let answer = change(&mut ana, PASSWORD, OTHER).await;

    assert_eq!(
        (answer.status.as_u16(), &answer.body),
        (200, &json!({"token": null, "user": user}))
    );
    assert!(answer.cookies.is_empty());
    assert!(there.user().await.is_some());
    assert!(!may_sign_in(&world, PASSWORD).await && may_sign_in(&world, OTHER).await);
}

#[actix_web::test]
async fn a_change_that_ends_the_other_sessions_makes_a_new_one_here() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let mut there = world.sign_in(ANA, true).await;
    let mut stolen = world.browser();
    stolen.cookies.clone_from(&ana.cookies);

    let answer = renew(&mut ana).await;

    assert_eq!(answer.status, 200);
    let cookie = answer.session_cookie();
    let session = ana.get("/api/auth/get-session").await;
    assert_eq!(session.body["session"]["token"], answer.body["token"]);
    assert_ne!(cookie, stolen.cookies[0].1);
    assert_eq!((there.user().await, stolen.user().await), (None, None));
    assert_eq!(world.count("session").await, 1);
}

#[actix_web::test]
async fn a_browser_that_is_not_remembered_stays_so() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let mut ana = world.sign_in(ANA, false).await;

    let answer = renew(&mut ana).await;

    answer.session_cookie_until_the_browser_closes();
    let session = ana.get("/api/auth/get-session").await;
    assert_eq!(session.body["session"]["expiresAt"], "2026-03-03T09:00:00.000Z");
}

#[actix_web::test]
async fn a_change_is_refused_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let long = "x".repeat(129);
    let mut nobody = world.browser();
    let refusal = nobody
        .post("/api/auth/change-password", &json!({"revokeOtherSessions": 1}))
        .await;
    refusal.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        refusal.body["message"],
        "[body.newPassword] Invalid input: expected string, received undefined; \
         [body.currentPassword] Invalid input: expected string, received undefined; \
         [body.revokeOtherSessions] Invalid input: expected boolean, received number"
    );
    change(&mut nobody, PASSWORD, "short")
        .await
        .refused(401, "UNAUTHORIZED");

    for (current, new, code) in [
        (&*long, "short", "PASSWORD_TOO_SHORT"),
        (&*long, &*long, "PASSWORD_TOO_LONG"),
        (&*long, "password1", "PASSWORD_COMPROMISED"),
        (&*long, OTHER, "PASSWORD_TOO_LONG"),
        ("wrong", OTHER, "INVALID_PASSWORD"),
        ("", OTHER, "INVALID_PASSWORD"),
    ] {
        let answer = change(&mut ana, current, new).await;
        answer.refused(400, code);
        assert!(answer.cookies.is_empty());
    }
    sqlx::query("delete from account")
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
    change(&mut ana, "wrong", OTHER)
        .await
        .refused(400, "CREDENTIAL_ACCOUNT_NOT_FOUND");
}

#[actix_web::test]
async fn the_commonest_passwords_are_refused_unless_the_profile_is_compatible() {
    let form = json!({"name": "", "email": ANA, "password": "password1"});
    let world = World::new().await;
    let refused = world.browser().post("/api/auth/sign-up/email", &form).await;
    refused.refused(400, "PASSWORD_COMPROMISED");

    let world = World::under(Policy::compatibility()).await;
    let taken = world.browser().post("/api/auth/sign-up/email", &form).await;
    assert_eq!(taken.status, 200);
}

#[actix_web::test]
async fn the_own_password_is_told_from_another() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;

    verify(&mut ana, json!(PASSWORD)).await.done();
    for wrong in ["wrong", "", OTHER] {
        verify(&mut ana, json!(wrong))
            .await
            .refused(400, "INVALID_PASSWORD");
    }
    verify(&mut ana, json!("x".repeat(129)))
        .await
        .refused(400, "PASSWORD_TOO_LONG");
    let mut nobody = world.browser();
    verify(&mut nobody, json!(5))
        .await
        .refused(400, "VALIDATION_ERROR");
    verify(&mut nobody, json!(PASSWORD))
        .await
        .refused(401, "UNAUTHORIZED");
}

#[actix_web::test]
async fn too_many_guesses_of_who_is_signed_in_are_refused_until_a_pause_is_over() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    for _ in 0..10 {
        verify(&mut ana, json!("wrong"))
            .await
            .refused(400, "INVALID_PASSWORD");
    }

    let too_soon = verify(&mut ana, json!(PASSWORD)).await;
    too_soon.refused(429, "TOO_MANY_GUESSES");
    change(&mut ana, PASSWORD, OTHER)
        .await
        .refused(429, "TOO_MANY_GUESSES");
    ana.post("/api/auth/delete-user", &json!({"password": PASSWORD}))
        .await
        .refused(429, "TOO_MANY_GUESSES");
    assert!(!may_sign_in(&world, PASSWORD).await);
    assert!(ana.user().await.is_some());

    world.clock.advance(Duration::from_secs(2));
    verify(&mut ana, json!(PASSWORD)).await.done();
    assert!(may_sign_in(&world, PASSWORD).await);
}
