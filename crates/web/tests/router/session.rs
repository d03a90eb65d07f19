//! The session cookie: what it holds, how it is read, when it is set again.

use std::time::Duration;

use actix_web::http::header::COOKIE;
use actix_web::test::TestRequest;
use serde_json::json;
use wardkeep_auth::Secrets;

use crate::world::{Answer, PASSWORD, SECRET, World};

const GET_SESSION: &str = "/api/auth/get-session";
const DAY: Duration = Duration::from_secs(86_400);
const MILLISECOND: Duration = Duration::from_millis(1);
const NAME: &str = "better-auth.session_token";

async fn with(world: &World, cookie: &str) -> Answer {
    world
        .send(
            TestRequest::get()
                .uri(GET_SESSION)
                .insert_header((COOKIE, cookie)),
        )
        .await
}

#[actix_web::test]
async fn without_a_session_the_answer_is_null() {
    let world = World::new().await;

    let answer = world.browser().get(GET_SESSION).await;

    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "null"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
}

#[actix_web::test]
async fn a_session_is_shown_whole_and_without_its_secret() {
    let world = World::new().await;
    let mut ana = world.browser();
    let sign_up = TestRequest::post()
        .uri("/api/auth/sign-up/email")
        .insert_header(("user-agent", "test/1"))
        .peer_addr("192.0.2.7:40000".parse().unwrap())
        .set_json(json!({"name": "Ana", "email": "ana@example.test", "password": PASSWORD}));
    ana.send(sign_up).await;

    let answer = ana.get(GET_SESSION).await;

    let session = &answer.body["session"];
    let expected = json!({
        "id": session["id"], "token": session["token"], "userId": answer.body["user"]["id"],
        "expiresAt": "2026-03-09T09:00:00.000Z", "createdAt": "2026-03-02T09:00:00.000Z",
        "updatedAt": "2026-03-02T09:00:00.000Z", "ipAddress": "192.0.2.7", "userAgent": "test/1",
        "activeOrganizationId": null, "activeTeamId": null,
    });
    assert_eq!(session, &expected);
    let secret = ana.cookies[0].1.split('.').next().unwrap();
    assert_eq!(secret.len(), 32);
    assert_eq!(session["token"].as_str().unwrap().len(), 43);
    assert!(!answer.text.contains(secret));
}

#[actix_web::test]
async fn a_cookie_is_read_encoded_plain_or_quoted_and_the_first_of_two_counts() {
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let encoded = ana.cookies[0].1.clone();
    let plain = encoded
        .replace("%2B", "+")
        .replace("%2F", "/")
        .replace("%3D", "=");
    let signed_in = async |cookie: String| {
        let answer = with(&world, &cookie).await;
        assert!(answer.cookies.is_empty(), "{cookie}: {:?}", answer.cookies);
        answer.body.is_object()
    };

    assert!(signed_in(format!("{NAME}={encoded}")).await);
    assert!(signed_in(format!("{NAME}={plain}")).await);
    assert!(signed_in(format!("{NAME}=\"{plain}\"")).await);
    assert!(signed_in(format!("{NAME}={encoded}; {NAME}=x")).await);
    assert!(!signed_in(format!("{NAME}=x; {NAME}={encoded}")).await);
    assert!(!signed_in(format!("__Secure-{NAME}={encoded}")).await);
    for tampered in [".", "", &encoded[1..], &encoded[..encoded.len() - 4], "x.y"] {
        assert!(!signed_in(format!("{NAME}={tampered}")).await, "{tampered}");
    }
    let forged = Secrets::new(["another-secret-of-the-tests-0123456789"])
        .unwrap()
        .seal("x");
    assert!(!signed_in(format!("{NAME}={forged}")).await);
}

#[actix_web::test]
async fn a_signed_cookie_of_no_session_is_cleared() {
    let world = World::new().await;
    let sealed = Secrets::new([SECRET]).unwrap().seal("nosuchsession");

    let answer = with(&world, &format!("{NAME}={sealed}")).await;

    assert_eq!(answer.text, "null");
    assert_eq!(answer.cookies.len(), 3);
    let unauthorized = TestRequest::get()
        .uri("/api/v1/patients")
        .insert_header((COOKIE, format!("{NAME}={sealed}")));
    let answer = world.send(unauthorized).await;
    answer.problem(401, "UNAUTHORIZED");
    assert_eq!(answer.cookies.len(), 3);
}

#[actix_web::test]
async fn a_handle_is_no_secret() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let token = ana.get(GET_SESSION).await.body["session"]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let secrets = Secrets::new([SECRET]).unwrap();

    for cookie in [token.clone(), secrets.seal(&token)] {
        assert_eq!(with(&world, &format!("{NAME}={cookie}")).await.text, "null");
    }
}

#[actix_web::test]
async fn over_https_the_cookies_are_secure() {
    let world = World::at("https://clinic.test").await;
    let sign_up = TestRequest::post()
        .uri("/api/auth/sign-up/email")
        .set_json(json!({"name": "Ana", "email": "ana@example.test", "password": PASSWORD}));

    let answer = world.send(sign_up).await;

    let cookie = &answer.cookies[0];
    assert!(
        cookie.starts_with("__Secure-better-auth.session_token="),
        "{cookie}"
    );
    assert!(
        cookie.ends_with("; Max-Age=604800; Path=/; HttpOnly; Secure; SameSite=Lax"),
        "{cookie}"
    );
    let pair = cookie.split(';').next().unwrap();
    assert!(with(&world, pair).await.body.is_object());
    assert_eq!(
        with(&world, pair.strip_prefix("__Secure-").unwrap()).await.text,
        "null"
    );
}

#[actix_web::test]
async fn a_session_slides_once_a_day_while_it_is_used() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;

    world.clock.advance(DAY - MILLISECOND);
    let early = ana.get(GET_SESSION).await;
    assert_eq!(early.body["session"]["expiresAt"], "2026-03-09T09:00:00.000Z");
    assert!(early.cookies.is_empty());

    world.clock.advance(MILLISECOND);
    for suppressed in ["true", "false", "0"] {
        let answer = ana
            .get(&format!("{GET_SESSION}?disableRefresh={suppressed}"))
            .await;
        assert_eq!(answer.body["session"]["expiresAt"], "2026-03-09T09:00:00.000Z");
        assert!(answer.cookies.is_empty());
    }
    let due = ana.get(&format!("{GET_SESSION}?disableRefresh=")).await;
    assert_eq!(due.body["session"]["expiresAt"], "2026-03-10T09:00:00.000Z");
    assert_eq!(due.body["session"]["updatedAt"], "2026-03-03T09:00:00.000Z");
    assert_eq!(due.cookies.len(), 1);
    assert!(due.cookies[0].contains("; Max-Age=604800;"));
    assert!(ana.get(GET_SESSION).await.cookies.is_empty());
}

#[actix_web::test]
async fn a_session_slides_under_the_records_as_well() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    world.clock.advance(DAY);

    let answer = ana.get("/api/v1/patients").await;

    answer.problem(400, "NO_ACTIVE_ORGANIZATION");
    assert_eq!(answer.cookies.len(), 1);
}

#[actix_web::test]
async fn a_session_that_is_not_remembered_ends_with_the_browser_or_the_day() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    let mut browser = world.browser();
    let form = json!({"email": "ana@example.test", "password": PASSWORD, "rememberMe": false});

    let answer = browser.post("/api/auth/sign-in/email", &form).await;
    assert!(
        answer.cookies.iter().all(|cookie| !cookie.contains("Max-Age")),
        "{:?}",
        answer.cookies
    );
    assert_eq!(browser.cookies.len(), 2);
    assert!(browser.cookies[1].1.starts_with("true."), "{:?}", browser.cookies);

    world.clock.advance(DAY);
    let last = browser.get(GET_SESSION).await;
    assert_eq!(last.body["session"]["expiresAt"], "2026-03-03T09:00:00.000Z");
    assert!(last.cookies.is_empty());

    world.clock.advance(MILLISECOND);
    let over = browser.get(GET_SESSION).await;
    assert_eq!((over.text.as_str(), over.cookies.len()), ("null", 3));
    assert!(browser.cookies.is_empty());
    assert_eq!(world.count("session").await, 1, "the row of the sign-up");
}

#[actix_web::test]
async fn signing_in_remembered_forgets_that_one_was_not() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    let mut browser = world.browser();
    let form =
        |remember: bool| json!({"email": "ana@example.test", "password": PASSWORD, "rememberMe": remember});

    browser.post("/api/auth/sign-in/email", &form(false)).await;
    let answer = browser.post("/api/auth/sign-in/email", &form(true)).await;

    let [session, dont_remember] = &answer.cookies[..] else {
        panic!("{:?}", answer.cookies)
    };
    assert!(session.contains("; Max-Age=604800;"), "{session}");
    assert!(
        dont_remember.starts_with("better-auth.dont_remember=; Max-Age=0;"),
        "{dont_remember}"
    );
    assert_eq!(browser.cookies.len(), 1);
}

#[actix_web::test]
async fn a_cached_session_of_better_auth_is_cleared() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    ana.cookies
        .push(("better-auth.session_data".to_owned(), "x".to_owned()));

    let answer = ana.get(GET_SESSION).await;

    assert!(answer.body.is_object());
    assert_eq!(
        answer.cookies,
        ["better-auth.session_data=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]
    );
}

#[actix_web::test]
async fn posting_for_the_session_is_not_allowed() {
    let world = World::new().await;
    let answer = world.browser().post(GET_SESSION, &json!({})).await;
    answer.refused(405, "METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED");
}
