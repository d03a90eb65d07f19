//! What the log says of providers.

use actix_web::http::header::ORIGIN;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use wardkeep_testkit::{Endpoint, Misbehaviour};

use crate::lines::Lines;
use crate::social::{Social, keycloak};
use crate::world::{BASE, Browser};

/// The lines that are more than information.
fn told(lines: &Lines) -> Vec<Value> {
    let mut all = lines.all();
    all.retain(|line| line["level"] == "WARN" || line["level"] == "ERROR");
    all
}

fn request(method: TestRequest, path: &str) -> TestRequest {
    method
        .uri(path)
        .insert_header(("x-request-id", "r-1"))
        .insert_header((ORIGIN, BASE))
}

#[actix_web::test]
async fn what_a_provider_refuses_is_told_under_the_request() {
    let social = Social::new().await;
    let mut browser = social.world.browser();
    let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
    let refusal = Misbehaviour::Status(401, json!({"error": "invalid_client"}));
    social.provider.misbehaves(Endpoint::Token, refusal);
    let lines = Lines::default();

    let guard = tracing::subscriber::set_default(lines.subscriber());
    browser.send(request(TestRequest::get(), &back)).await;
    drop(guard);

    let [line] = &told(&lines)[..] else {
        panic!("{}", lines.text())
    };
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["fields"]["request_id"], "r-1");
    let cause = line["fields"]["error"].as_str().unwrap();
    assert!(cause.contains("invalid_client"), "{cause}");
}

#[actix_web::test]
async fn a_provider_that_is_away_is_told_once() {
    let social = Social::new().await;
    let mut browser = social.world.browser();
    let away = Misbehaviour::Status(500, json!({}));
    social.provider.misbehaves(Endpoint::Discovery, away);
    let lines = Lines::default();

    let guard = tracing::subscriber::set_default(lines.subscriber());
    let begin = request(TestRequest::post(), "/api/auth/sign-in/social").set_json(keycloak());
    browser.send(begin).await.refused(503, "PROVIDER_UNAVAILABLE");
    drop(guard);

    let [line] = &told(&lines)[..] else {
        panic!("{}", lines.text())
    };
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["fields"]["request_id"], "r-1");
    let cause = line["fields"]["cause"].as_str().unwrap();
    assert!(cause.contains("keycloak"), "{cause}");
}

#[actix_web::test]
async fn a_stored_token_that_does_not_open_is_told_once_in_each_request() {
    let social = Social::new().await;
    let mut ana = social.world.browser();
    social.sign_in(&mut ana, &keycloak()).await;
    let accounts = ana.get("/api/auth/list-accounts").await;
    let id = accounts.body[0]["id"].as_str().unwrap().to_owned();
    let lines = Lines::default();

    let guard = tracing::subscriber::set_default(lines.subscriber());
    ask(&mut ana, &id).await;
    assert_eq!(told(&lines).len(), 0, "{}", lines.text());
    let plain = r#"update account set "accessToken" = 'in-plain-text', "refreshToken" = 'in-plain-text'"#;
    sqlx::query(AssertSqlSafe(plain))
        .execute(&mut social.world.test.admin().await)
        .await
        .unwrap();
    ask(&mut ana, &id).await;
    drop(guard);

    let told = told(&lines);
    assert_eq!(told.len(), 3, "{}", lines.text());
    for line in &told {
        assert_eq!(line["level"], "WARN");
        let fields = &line["fields"];
        assert_eq!(fields["request_id"], "r-1");
        assert_eq!(fields["account"], id);
        assert_eq!(fields["columns"], "account.accessToken, account.refreshToken");
    }
    assert!(!lines.text().contains("in-plain-text"), "{}", lines.text());
}

/// Asks for the tokens in each of the three ways.
async fn ask(browser: &mut Browser<'_>, account: &str) {
    for endpoint in ["get-access-token", "refresh-token"] {
        let post = request(TestRequest::post(), &format!("/api/auth/{endpoint}"));
        browser.send(post.set_json(json!({"accountId": account}))).await;
    }
    let info = format!("/api/auth/account-info?accountId={account}");
    browser.send(request(TestRequest::get(), &info)).await;
}
