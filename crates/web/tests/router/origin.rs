//! Requests that pages of other sites send along with a visitor's cookies.

use actix_web::http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_and_read_body, init_service};
use actix_web::{App, web};
use serde_json::json;
use wardkeep_web::{MaybeSession, surround};

use crate::world::{BASE, PASSWORD, World};

#[actix_web::test]
async fn a_page_of_another_site_cannot_use_a_visitors_cookies() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let post = |path: &str| {
        TestRequest::post()
            .uri(path)
            .insert_header((COOKIE, ana.header()))
            .set_json(json!({}))
    };

    let answer = world
        .send(post("/api/auth/sign-out").insert_header((ORIGIN, "http://evil.test")))
        .await;
    answer.refused(403, "INVALID_ORIGIN");
    assert!(answer.cookies.is_empty());
    world
        .send(post("/api/auth/sign-out"))
        .await
        .refused(403, "MISSING_OR_NULL_ORIGIN");
    let answer = world
        .send(post("/api/v1/patients").insert_header((ORIGIN, "http://evil.test")))
        .await;
    answer.problem(403, "INVALID_ORIGIN");
    world
        .send(post("/api/v1/patients"))
        .await
        .problem(403, "MISSING_OR_NULL_ORIGIN");

    assert!(ana.user().await.is_some());
}

#[actix_web::test]
async fn a_handler_that_checks_nothing_gets_no_cookies_from_a_page_of_another_site() {
    async fn forgetful(session: MaybeSession) -> String {
        session.0.is_some().to_string()
    }
    let world = World::new().await;
    let ana = world.sign_up("ana@example.test").await;
    let app = App::new()
        .wrap(from_fn(surround))
        .app_data(world.state.clone())
        .route("/api/auth/forgetful", web::post().to(forgetful));
    let service = init_service(app).await;
    let signed_in = async |origin: &str| {
        let request = TestRequest::post()
            .uri("/api/auth/forgetful")
            .insert_header((ORIGIN, origin));
        call_and_read_body(
            &service,
            request.insert_header((COOKIE, ana.header())).to_request(),
        )
        .await
    };

    assert_eq!(signed_in(BASE).await, "true");
    assert_eq!(signed_in("http://evil.test").await, "false");
}

#[actix_web::test]
async fn a_page_of_another_site_may_not_sign_its_visitor_in() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    let sign_in = || {
        let body = json!({"email": "ana@example.test", "password": PASSWORD});
        TestRequest::post().uri("/api/auth/sign-in/email").set_json(body)
    };

    assert_eq!(world.send(sign_in()).await.status, 200);
    world
        .send(sign_in().insert_header((ORIGIN, "http://evil.test")))
        .await
        .refused(403, "INVALID_ORIGIN");
    let navigation = sign_in()
        .insert_header(("sec-fetch-site", "cross-site"))
        .insert_header(("sec-fetch-mode", "navigate"));
    world
        .send(navigation)
        .await
        .refused(403, "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED");
}

#[actix_web::test]
async fn the_checks_come_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let post = |path: &str| TestRequest::post().uri(path).insert_header((COOKIE, "a=b"));
    let evil = json!({"callbackURL": "http://evil.test"});

    // Route, media type, JSON, origin, redirect, shape, origin of a sign-in.
    let answer = world.send(post("/api/auth/nope")).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (404, ""));
    let text = post("/api/auth/sign-in/email")
        .insert_header((CONTENT_TYPE, "text/plain"))
        .set_payload("{");
    world.send(text).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let broken = post("/api/auth/sign-in/email")
        .insert_header((CONTENT_TYPE, "application/json"))
        .set_payload("{");
    world.send(broken).await.refused(400, "BAD_REQUEST");
    world
        .send(post("/api/auth/sign-in/email").set_json(&evil))
        .await
        .refused(403, "MISSING_OR_NULL_ORIGIN");
    let redirect = post("/api/auth/sign-in/email")
        .insert_header((ORIGIN, BASE))
        .set_json(&evil);
    world.send(redirect).await.refused(403, "INVALID_CALLBACK_URL");
    let shape = post("/api/auth/sign-in/email")
        .insert_header((ORIGIN, BASE))
        .set_json(json!({}));
    world.send(shape).await.refused(400, "VALIDATION_ERROR");
    let foreign = TestRequest::post()
        .uri("/api/auth/sign-in/email")
        .insert_header((ORIGIN, "http://evil.test"));
    world
        .send(foreign.set_json(json!({})))
        .await
        .refused(400, "VALIDATION_ERROR");
}

#[actix_web::test]
async fn a_redirect_leads_to_no_other_site() {
    let world = World::new().await;
    let sign_out = |body| TestRequest::post().uri("/api/auth/sign-out").set_json(body);
    for (field, code) in [
        ("callbackURL", "INVALID_CALLBACK_URL"),
        ("redirectTo", "INVALID_REDIRECT_URL"),
        ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
        ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
    ] {
        world
            .send(sign_out(json!({field: "//evil.test"})))
            .await
            .refused(403, code);
        assert_eq!(world.send(sign_out(json!({field: "/welcome"}))).await.status, 200);
        assert_eq!(
            world
                .send(sign_out(json!({field: "https://app.clinic.test/x"})))
                .await
                .status,
            200
        );
    }
    let answer = world.send(sign_out(json!({"callbackURL": 1}))).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (400, r#"{"message":"Invalid callbackURL: expected a string"}"#)
    );
    let query = TestRequest::post().uri("/api/auth/sign-out?callbackURL=http://evil.test");
    world.send(query).await.refused(403, "INVALID_CALLBACK_URL");
}
