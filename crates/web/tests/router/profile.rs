//! What a user changes about themselves, and the ways to sign in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::World;

const ANA: &str = "ana@example.test";
const DAY: Duration = Duration::from_secs(86_400);
const UPDATE: &str = "/api/auth/update-user";
const SESSION: &str = "/api/auth/update-session";
const ACCOUNTS: &str = "/api/auth/list-accounts";
const UNLINK: &str = "/api/auth/unlink-account";
const LINKED: &str = r#"insert into account ("providerId", "accountId", "userId", scope, "createdAt", "updatedAt", "accessToken")
    select 'github', '42', id, 'read:user,user:email', '2026-03-02T09:00:01Z', '2026-03-02T09:00:02Z', 'at' from "user""#;

#[actix_web::test]
async fn a_name_and_a_picture_are_changed_and_the_cookie_set_again() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let before = ana.cookies[0].1.clone();
    world.clock.advance(Duration::from_secs(1));

    for (change, name, image) in [
        (json!({"name": "Bo"}), "Bo", Value::Null),
        (
            json!({"image": "http://x.test/i.png"}),
            "Bo",
            json!("http://x.test/i.png"),
        ),
        (
            json!({"name": "", "image": null, "emailVerified": true, "id": "x"}),
            "",
            Value::Null,
        ),
    ] {
        let answer = ana.post(UPDATE, &change).await;
        answer.done();
        assert_eq!(answer.session_cookie(), before);
        let user = ana.get("/api/auth/get-session").await.body["user"].clone();
        assert_eq!(
            (&user["name"], &user["image"]),
            (&json!(name), &image),
            "{change}"
        );
        assert_eq!(
            (&user["emailVerified"], &user["updatedAt"]),
            (&json!(false), &json!("2026-03-02T09:00:01.000Z"))
        );
    }
}

#[actix_web::test]
async fn a_browser_that_is_not_remembered_gets_its_cookies_as_they_were() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let mut ana = world.sign_in(ANA, false).await;

    let answer = ana.post(UPDATE, &json!({"name": "Bo"})).await;

    answer.done();
    answer.session_cookie_until_the_browser_closes();
}

#[actix_web::test]
async fn a_change_of_nothing_or_of_the_address_is_refused() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;

    for nothing in [json!({}), json!({"email": ""}), json!({"role": "owner"})] {
        let answer = ana.post(UPDATE, &nothing).await;
        answer.refused_in_words(400, "No fields to update");
        assert!(answer.cookies.is_empty(), "{nothing}");
    }
    for address in [
        json!({"email": "bo@example.test", "name": "Bo"}),
        json!({"email": 5}),
    ] {
        ana.post(UPDATE, &address)
            .await
            .refused(400, "EMAIL_CAN_NOT_BE_UPDATED");
    }
    for (wrong, message) in [
        (
            json!({"name": null}),
            "[body.name] Invalid input: expected string, received null",
        ),
        (
            json!({"name": "x".repeat(2049)}),
            "[body.name] Too big: expected string to have <=2048 characters",
        ),
        (json!([]), "[body] Invalid input: expected record, received array"),
    ] {
        let answer = ana.post(UPDATE, &wrong).await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(answer.body["message"], message);
    }
    ana.post(UPDATE, &json!({"name": "a\0b"}))
        .await
        .refused(400, "UNSTORABLE_TEXT");
    let mut nobody = world.browser();
    nobody.post(UPDATE, &json!({})).await.refused(401, "UNAUTHORIZED");
    let user = ana.get("/api/auth/get-session").await.body["user"].clone();
    assert_eq!(
        (&user["name"], &user["email"]),
        (&json!("Ana Reyes"), &json!(ANA))
    );
}

#[actix_web::test]
async fn nothing_of_a_session_can_be_set() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let before = ana.get("/api/auth/get-session").await.body;

    for (field, value) in [
        (
            "activeOrganizationId",
            json!("0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38"),
        ),
        ("activeTeamId", json!(1)),
    ] {
        let answer = ana.post(SESSION, &json!({ field: value })).await;
        answer.refused(400, "FIELD_NOT_ALLOWED");
        assert_eq!(
            answer.body["message"],
            format!("{field} is not allowed to be set")
        );
    }
    for nothing in [
        json!({}),
        json!({"activeOrganizationId": null, "activeTeamId": ""}),
        json!({"token": "x", "userId": "x", "expiresAt": "2030-01-01T00:00:00Z", "ipAddress": "x"}),
    ] {
        let answer = ana.post(SESSION, &nothing).await;
        answer.refused_in_words(400, "No fields to update");
        assert!(answer.cookies.is_empty());
    }
    ana.post(SESSION, &json!([]))
        .await
        .refused(400, "VALIDATION_ERROR");
    let mut nobody = world.browser();
    nobody
        .post(SESSION, &json!({"activeTeamId": 1}))
        .await
        .refused(401, "UNAUTHORIZED");
    assert_eq!(ana.get("/api/auth/get-session").await.body, before);
}

#[actix_web::test]
async fn the_ways_to_sign_in_are_listed_without_their_secrets() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let user = ana.user().await.unwrap().to_string();
    sqlx::query(LINKED)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
    world.sign_up("bo@example.test").await;

    // An old session may look.
    world.clock.advance(DAY);
    let answer = ana.get(ACCOUNTS).await;

    let account =
        |index: usize, account: &str, provider: &str, created: &str, updated: &str, scopes: Value| {
            json!({
                "id": answer.body[index]["id"], "accountId": account, "providerId": provider, "userId": user,
                "createdAt": created, "updatedAt": updated, "scopes": scopes,
            })
        };
    let start = "2026-03-02T09:00:00.000Z";
    let expected = json!([
        account(0, &user, "credential", start, start, json!([])),
        account(
            1,
            "42",
            "github",
            "2026-03-02T09:00:01.000Z",
            "2026-03-02T09:00:02.000Z",
            json!(["read:user", "user:email"])
        ),
    ]);
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &expected));
    assert_eq!(answer.header("x-total-count"), Some("2"));
    world.browser().get(ACCOUNTS).await.refused(401, "UNAUTHORIZED");
}

#[actix_web::test]
async fn a_way_to_sign_in_is_taken_away_but_not_the_last_one() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let last = ana.get(ACCOUNTS).await.body[0]["id"].clone();
    for id in [last.clone(), json!("x")] {
        ana.post(UNLINK, &json!({"accountId": id}))
            .await
            .refused(400, "FAILED_TO_UNLINK_LAST_ACCOUNT");
    }
    sqlx::query(LINKED)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
    let mut bo = world.sign_up("bo@example.test").await;
    let foreign = bo.get(ACCOUNTS).await.body[0]["id"].clone();

    for unknown in [
        foreign,
        json!("x"),
        json!(""),
        json!("0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38"),
    ] {
        ana.post(UNLINK, &json!({"accountId": unknown}))
            .await
            .refused(400, "ACCOUNT_NOT_FOUND");
    }
    let linked = ana.get(ACCOUNTS).await.body[1]["id"].clone();
    let answer = ana.post(UNLINK, &json!({"accountId": linked})).await;

    answer.done();
    assert!(answer.cookies.is_empty());
    assert_eq!(ana.get(ACCOUNTS).await.body[0]["id"], last);
    assert_eq!(world.count("account").await, 2);
}

#[actix_web::test]
async fn who_signed_in_a_day_ago_takes_no_way_to_sign_in_away() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let mut nobody = world.browser();
    nobody
        .post(UNLINK, &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    nobody
        .post(UNLINK, &json!({"accountId": "x"}))
        .await
        .refused(401, "UNAUTHORIZED");

    world.clock.advance(DAY);

    ana.post(UNLINK, &json!({}))
        .await
        .refused(400, "VALIDATION_ERROR");
    ana.post(UNLINK, &json!({"accountId": "x"}))
        .await
        .refused(403, "SESSION_NOT_FRESH");
}
