//! The endpoints for signing in through somebody else, of whom there is none.

use actix_web::http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::world::{BASE, World};

const CALLBACK: &str = "/api/auth/callback/github";

fn error_page(code: &str) -> String {
    format!("{BASE}/api/auth/error?error={code}")
}

#[actix_web::test]
async fn no_provider_is_known() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let github = json!({"provider": "github", "callbackURL": "/welcome"});

    ana.post("/api/auth/sign-in/social", &github)
        .await
        .refused(404, "PROVIDER_NOT_FOUND");
    ana.post("/api/auth/link-social", &github)
        .await
        .refused(404, "PROVIDER_NOT_FOUND");
    world
        .browser()
        .post("/api/auth/link-social", &github)
        .await
        .refused(401, "UNAUTHORIZED");
    for path in ["/api/auth/sign-in/social", "/api/auth/link-social"] {
        let answer = world
            .browser()
            .post(
                path,
                &json!({"provider": 5, "callbackURL": "/", "disableRedirect": 1}),
            )
            .await;
        answer.refused(400, "VALIDATION_ERROR");
        assert_eq!(
            answer.body["message"],
            "[body.provider] Invalid input; [body.disableRedirect] Invalid input: expected boolean, received number"
        );
        let evil = json!({"provider": 5, "callbackURL": "//evil.test"});
        world
            .browser()
            .post(path, &evil)
            .await
            .refused(403, "INVALID_CALLBACK_URL");
    }
}

#[actix_web::test]
async fn an_account_without_a_provider_has_no_tokens() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let mut bo = world.sign_up("bo@example.test").await;
    let account = ana.get("/api/auth/list-accounts").await.body[0]["id"].clone();
    let named = json!({"accountId": account});
    let asked = format!("/api/auth/account-info?accountId={}", account.as_str().unwrap());

    for path in ["/api/auth/refresh-token", "/api/auth/get-access-token"] {
        let answer = ana.post(path, &named).await;
        answer.refused(400, "PROVIDER_NOT_SUPPORTED");
        assert_eq!(answer.body["message"], "Provider credential is not supported.");
        for unknown in [json!({"accountId": "x"}), json!({"useAccountCookie": true})] {
            ana.post(path, &unknown).await.refused(400, "ACCOUNT_NOT_FOUND");
        }
        bo.post(path, &named).await.refused(400, "ACCOUNT_NOT_FOUND");
        ana.post(path, &json!({})).await.refused(400, "VALIDATION_ERROR");
        let nobody = world.browser().post(path, &named).await;
        assert_eq!((nobody.status.as_u16(), nobody.text.as_str()), (401, ""));
    }
    ana.get(&asked).await.refused(400, "PROVIDER_NOT_CONFIGURED");
    bo.get(&asked).await.refused(400, "ACCOUNT_NOT_FOUND");
    ana.get("/api/auth/account-info")
        .await
        .refused(400, "VALIDATION_ERROR");
    let nobody = world.browser().get(&asked).await;
    assert_eq!((nobody.status.as_u16(), nobody.text.as_str()), (401, ""));
}

#[actix_web::test]
async fn who_comes_from_a_provider_is_told_that_no_sign_in_was_begun() {
    let world = World::new().await;

    for (query, code) in [
        ("", "state_not_found"),
        ("?state=", "state_not_found"),
        ("?code=abc&error=x", "state_not_found"),
        ("?state=abc", "state_mismatch"),
        ("?code=abc&state=abc&callbackURL=//evil.test", "state_mismatch"),
    ] {
        let answer = world.browser().get(&format!("{CALLBACK}{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (302, Some(error_page(code).as_str())),
            "{query}"
        );
    }
    let twice = world.browser().get(&format!("{CALLBACK}?state=a&state=b")).await;
    twice.refused(400, "VALIDATION_ERROR");
}

#[actix_web::test]
async fn a_form_of_a_provider_goes_on_to_the_page_that_gets_cookies() {
    let world = World::new().await;
    let post = |path: &str, form: &str| {
        TestRequest::post()
            .uri(path)
            .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
            // As Apple's page sends it: a form of another site, without cookies.
            .insert_header((ORIGIN, "https://appleid.apple.com"))
            .insert_header(("sec-fetch-site", "cross-site"))
            .insert_header(("sec-fetch-mode", "navigate"))
            .set_payload(form.to_owned())
    };

    for (path, form, query) in [
        (CALLBACK, "", ""),
        (CALLBACK, "state=abc&code=x%26y&other=1", "code=x%26y&state=abc"),
        (
            "/api/auth/callback/github?state=query&iss=me",
            "state=form&user=%C3%BC",
            "state=query&user=%C3%BC&iss=me",
        ),
    ] {
        let answer = world.send(post(path, form)).await;
        let expected = format!("{BASE}{CALLBACK}?{query}");
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (302, Some(expected.as_str())),
            "{path} {form}"
        );
    }
    let json = TestRequest::post().uri(CALLBACK).set_json(json!({"state": 5}));
    world.send(json).await.refused(400, "VALIDATION_ERROR");
    let text = TestRequest::post()
        .uri(CALLBACK)
        .insert_header((CONTENT_TYPE, "text/plain"))
        .set_payload("state=abc");
    world.send(text).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[actix_web::test]
async fn a_provider_cannot_be_named_so_that_the_way_leads_elsewhere() {
    let world = World::new().await;
    for provider in [
        "%2f%2fevil.test",
        "%5c%5cevil.test",
        "a%0d%0ab",
        "@evil.test",
        "%3fx%23y",
    ] {
        let path = format!("/api/auth/callback/{provider}");
        let answer = world.send(TestRequest::post().uri(&path)).await;
        let location = answer.header("location").unwrap().to_owned();
        assert!(
            location.starts_with(&format!("{BASE}/api/auth/callback/")),
            "{provider}: {location}"
        );
        assert!(!location.contains(['#', '\r', '\n']), "{provider}: {location}");
    }
}

/// These two look at no body, and at where a request comes from all the same.
#[actix_web::test]
async fn what_reads_no_body_is_checked_as_well() {
    let world = World::new().await;
    let from = |path: &str, origin: Option<&str>| {
        let request = TestRequest::post().uri(path).insert_header((COOKIE, "a=b"));
        match origin {
            Some(origin) => request.insert_header((ORIGIN, origin)),
            None => request,
        }
    };

    for path in [CALLBACK, "/api/auth/get-session"] {
        world
            .send(from(path, Some("http://evil.test")))
            .await
            .refused(403, "INVALID_ORIGIN");
        world
            .send(from(path, None))
            .await
            .refused(403, "MISSING_OR_NULL_ORIGIN");
        world
            .send(from(&format!("{path}?callbackURL=//evil.test"), Some(BASE)))
            .await
            .refused(403, "INVALID_CALLBACK_URL");
    }
}

#[actix_web::test]
async fn where_nothing_is_looked_for_any_json_is_a_body() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;

    for body in [json!([]), Value::Null, json!("x"), json!({"token": 5})] {
        let answer = ana.post("/api/auth/revoke-other-sessions", &body).await;
        assert_eq!(answer.body, json!({"status": true}), "{body}");
        world
            .browser()
            .post("/api/auth/revoke-sessions", &body)
            .await
            .refused(401, "UNAUTHORIZED");
    }
}
