//! The sessions of one user, seen and ended.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::world::{Browser, World};

const DAY: Duration = Duration::from_secs(86_400);
const LIST: &str = "/api/auth/list-sessions";
const ANA: &str = "ana@example.test";

async fn handle(browser: &mut Browser<'_>) -> Value {
    let answer = browser.get("/api/auth/get-session?disableRefresh=1").await;
    answer.body["session"]["token"].clone()
}

#[actix_web::test]
async fn the_own_sessions_are_listed_whole_and_oldest_first() {
    let world = World::new().await;
    let mut first = world.sign_up(ANA).await;
    world.clock.advance(Duration::from_secs(1));
    let mut second = world.sign_in(ANA, false).await;
    world.sign_up("bo@example.test").await;
    let shown = |answer: Value| answer["session"].clone();
    let expected = [
        shown(first.get("/api/auth/get-session").await.body),
        shown(second.get("/api/auth/get-session").await.body),
    ];

    let answer = first.get(LIST).await;

    assert_eq!((answer.status.as_u16(), &answer.body), (200, &json!(expected)));
    assert_eq!(answer.header("x-total-count"), Some("2"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.cookies.is_empty());
}

#[actix_web::test]
async fn a_session_that_is_over_is_not_listed() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    world.sign_in(ANA, false).await;
    let expired =
        r#"update session set "expiresAt" = '2026-03-02T09:00:00Z' where "expiresAt" < '2026-03-05'"#;
    let mut admin = world.test.admin().await;
    assert_eq!(
        sqlx::query(expired)
            .execute(&mut admin)
            .await
            .unwrap()
            .rows_affected(),
        1
    );

    let answer = ana.get(LIST).await;

    assert_eq!(answer.body.as_array().unwrap().len(), 1);
    assert_eq!(answer.header("x-total-count"), Some("1"));
}

#[actix_web::test]
async fn a_hundred_sessions_are_shown_and_all_are_counted() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let more = r#"insert into session ("expiresAt", token, "updatedAt", "userId")
        select '2026-03-09T09:00:00Z', 'token ' || number, now(), (select id from "user")
        from generate_series(1, 104) as number"#;
    sqlx::query(more)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();

    let answer = ana.get(LIST).await;

    assert_eq!(answer.body.as_array().unwrap().len(), 100);
    assert_eq!(answer.header("x-total-count"), Some("105"));
}

#[actix_web::test]
async fn only_who_signed_in_within_a_day_sees_the_sessions() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    world.browser().get(LIST).await.refused(401, "UNAUTHORIZED");

    world.clock.advance(DAY - Duration::from_millis(1));
    assert_eq!(ana.get(LIST).await.status, 200);
    world.clock.advance(Duration::from_millis(1));
    let late = ana.get(LIST).await;

    late.refused(403, "SESSION_NOT_FRESH");
    late.session_cookie();
    assert_eq!(world.sign_in(ANA, true).await.get(LIST).await.status, 200);
}

#[actix_web::test]
async fn a_session_is_ended_by_its_handle_from_another_browser() {
    let world = World::new().await;
    let mut here = world.sign_up(ANA).await;
    let mut there = world.sign_in(ANA, true).await;
    let named = json!({"token": handle(&mut there).await});

    let answer = here.post("/api/auth/revoke-session", &named).await;

    answer.done();
    assert!(answer.cookies.is_empty());
    let refused = there.get(LIST).await;
    refused.refused(401, "UNAUTHORIZED");
    refused.clears_cookies();
    assert!(here.user().await.is_some());
    here.post("/api/auth/revoke-session", &named).await.done();
}

#[actix_web::test]
async fn ending_the_own_session_clears_its_cookies() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let mut ana = world.sign_in(ANA, false).await;
    let named = json!({"token": handle(&mut ana).await});

    let answer = ana.post("/api/auth/revoke-session", &named).await;

    answer.done();
    answer.clears_cookies();
    assert!(ana.cookies.is_empty());
    assert_eq!(world.count("session").await, 1);
}

#[actix_web::test]
async fn a_strangers_handle_ends_nothing_and_is_answered_like_an_unknown_one() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let mut bo = world.sign_up("bo@example.test").await;

    let foreign = json!({"token": handle(&mut ana).await});
    let secret = json!({"token": bo.cookies[0].1.split('.').next().unwrap()});
    for token in [foreign, secret, json!({"token": ""}), json!({"token": "x"})] {
        let answer = bo.post("/api/auth/revoke-session", &token).await;
        answer.done();
        assert!(answer.cookies.is_empty(), "{token}");
    }

    assert!(ana.user().await.is_some() && bo.user().await.is_some());
}

#[actix_web::test]
async fn the_handle_is_asked_for_before_the_session() {
    let world = World::new().await;
    let answer = world.browser().post("/api/auth/revoke-session", &json!({})).await;

    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        answer.body["message"],
        "[body.token] Invalid input: expected string, received undefined"
    );
    world
        .browser()
        .post("/api/auth/revoke-session", &json!({"token": "x"}))
        .await
        .refused(401, "UNAUTHORIZED");
}

#[actix_web::test]
async fn all_sessions_end_or_all_but_this_one_and_nobody_elses() {
    let world = World::new().await;
    let mut bo = world.sign_up("bo@example.test").await;
    let mut here = world.sign_up(ANA).await;
    let mut there = world.sign_in(ANA, true).await;
    let post = |path| TestRequest::post().uri(path);

    let others = here.send(post("/api/auth/revoke-other-sessions")).await;
    others.done();
    assert!(others.cookies.is_empty());
    assert_eq!((there.user().await, here.user().await.is_some()), (None, true));
    let mut there = world.sign_in(ANA, true).await;
    let all = here.send(post("/api/auth/revoke-sessions")).await;
    all.done();
    all.clears_cookies();

    assert_eq!(there.user().await, None);
    assert!(bo.user().await.is_some());
    assert_eq!(world.count("session").await, 1);
    for path in ["/api/auth/revoke-other-sessions", "/api/auth/revoke-sessions"] {
        here.send(post(path)).await.refused(401, "UNAUTHORIZED");
    }
}
