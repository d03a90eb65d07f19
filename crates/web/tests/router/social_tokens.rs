//! The tokens of a linked account, for a program of the user's own.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_testkit::{Endpoint, Misbehaviour};

use crate::social::Social;
use crate::world::Browser;

async fn linked<'a>(social: &'a Social, provider: &str) -> (Browser<'a>, Value) {
    let mut browser = social.world.browser();
    let body = json!({"provider": provider, "callbackURL": "/w"});
    social.sign_in(&mut browser, &body).await.leads_to("/w");
    let accounts = browser.get("/api/auth/list-accounts").await;
    let id = accounts.body[0]["id"].clone();
    (browser, json!({"accountId": id}))
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[actix_web::test]
async fn an_access_token_is_given_to_its_user_and_renewed_when_it_is_over() {
    let social = Social::new().await;
    let (mut ana, account) = linked(&social, "keycloak").await;

    let first = ana.post("/api/auth/get-access-token", &account).await;

    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(
        keys(&first.body),
        ["accessToken", "accessTokenExpiresAt", "idToken", "scopes"]
    );
    assert_eq!(first.header("cache-control"), Some("no-store"));
    let same = ana.post("/api/auth/get-access-token", &account).await;
    assert_eq!(same.body["accessToken"], first.body["accessToken"]);
    social.world.clock.advance(Duration::from_secs(3596));
    let renewed = ana.post("/api/auth/get-access-token", &account).await;
    assert_eq!(renewed.status, 200, "{}", renewed.text);
    assert_ne!(renewed.body["accessToken"], first.body["accessToken"]);
    let then = ana.post("/api/auth/get-access-token", &account).await;
    assert_eq!(then.body["accessToken"], renewed.body["accessToken"]);
}

#[actix_web::test]
async fn a_refresh_gives_new_tokens_each_time() {
    let social = Social::new().await;
    let (mut ana, account) = linked(&social, "keycloak").await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = ana.post("/api/auth/refresh-token", &account).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(
            keys(&answer.body),
            [
                "accessToken",
                "accessTokenExpiresAt",
                "accountId",
                "idToken",
                "providerId",
                "refreshToken",
                "refreshTokenExpiresAt",
                "scope"
            ]
        );
        assert_eq!(answer.body["accountId"], account["accountId"]);
        assert_eq!(answer.body["providerId"], "keycloak");
        assert_eq!(answer.body["refreshTokenExpiresAt"], Value::Null);
        assert!(!seen.contains(&answer.body["accessToken"]));
        seen.push(answer.body["accessToken"].clone());
    }
}

#[actix_web::test]
async fn what_was_not_said_is_left_out_or_null_as_in_the_original() {
    let social = Social::new().await;
    social.provider.access_tokens_live(None);
    social.provider.is(
        json!({"sub": "5", "email": "ana@example.test", "email_verified": true, "name": "A", "login": "a"}),
    );
    let (mut ana, account) = linked(&social, "github").await;

    let token = ana.post("/api/auth/get-access-token", &account).await;
    assert_eq!(keys(&token.body), ["accessToken", "scopes"]);
    let refreshed = ana.post("/api/auth/refresh-token", &account).await;
    assert!(
        !keys(&refreshed.body).contains(&"accessTokenExpiresAt"),
        "{}",
        refreshed.text
    );
    assert_eq!(refreshed.body["idToken"], Value::Null);
}

#[actix_web::test]
async fn who_the_user_is_there_is_shown_with_the_account() {
    let social = Social::new().await;
    let (mut ana, account) = linked(&social, "keycloak").await;
    let asked = format!(
        "/api/auth/account-info?accountId={}",
        account["accountId"].as_str().unwrap()
    );

    let info = ana.get(&asked).await;

    assert_eq!(info.status, 200, "{}", info.text);
    assert_eq!(keys(&info.body), ["account", "data", "user"]);
    assert_eq!(
        info.body["account"],
        json!({"id": account["accountId"], "providerId": "keycloak", "accountId": "1"})
    );
    assert_eq!(info.body["user"]["emailVerified"], true);
    assert_eq!(info.body["data"]["sub"], "1");
}

#[actix_web::test]
async fn an_id_token_says_who_the_user_is_and_without_one_the_provider_is_asked() {
    let social = Social::new().await;
    for (provider, sub, path, times) in [
        ("keycloak", "5", "/userinfo", 0),
        ("github", "6", "/github/user", 1),
    ] {
        let email = format!("a{sub}@example.test");
        social
            .provider
            .is(json!({"sub": sub, "email": email, "email_verified": true, "name": "A", "login": "a"}));
        let (mut ana, account) = linked(&social, provider).await;
        let before = social.provider.times_heard(path);
        let id = account["accountId"].as_str().unwrap();
        let info = ana.get(&format!("/api/auth/account-info?accountId={id}")).await;
        assert_eq!(info.body["user"]["email"], email, "{}", info.text);
        assert_eq!(social.provider.times_heard(path) - before, times, "{provider}");
    }
}

#[actix_web::test]
async fn a_provider_that_refuses_is_told_in_the_words_of_the_protocol() {
    let social = Social::new().await;
    let (mut ana, account) = linked(&social, "keycloak").await;
    let asked = format!(
        "/api/auth/account-info?accountId={}",
        account["accountId"].as_str().unwrap()
    );
    social.world.clock.advance(Duration::from_hours(2));
    for how in [
        Misbehaviour::Status(400, json!({"error": "invalid_grant"})),
        Misbehaviour::Status(500, json!({})),
        Misbehaviour::Page,
    ] {
        social.provider.misbehaves(Endpoint::Token, how);
        let answer = ana.post("/api/auth/refresh-token", &account).await;
        answer.refused(400, "FAILED_TO_REFRESH_ACCESS_TOKEN");
        assert_eq!(answer.body["message"], "Failed to refresh access token");
        let answer = ana.post("/api/auth/get-access-token", &account).await;
        answer.refused(400, "FAILED_TO_GET_ACCESS_TOKEN");
        assert_eq!(answer.body["message"], "Failed to get a valid access token");
        ana.get(&asked).await.refused(400, "FAILED_TO_GET_ACCESS_TOKEN");
    }
    social.provider.behaves();
    assert_eq!(ana.post("/api/auth/get-access-token", &account).await.status, 200);
}

#[actix_web::test]
async fn nobody_gets_the_tokens_of_somebody_else() {
    let social = Social::new().await;
    let (mut ana_, account) = linked(&social, "keycloak").await;
    let mut bo = social.world.sign_up("bo@example.test").await;
    let asked = format!(
        "/api/auth/account-info?accountId={}",
        account["accountId"].as_str().unwrap()
    );
    let named = json!({"accountId": account["accountId"], "userId": ana_.user().await.unwrap()});
    for path in ["/api/auth/refresh-token", "/api/auth/get-access-token"] {
        for body in [&account, &named] {
            bo.post(path, body).await.refused(400, "ACCOUNT_NOT_FOUND");
            let nobody = social.world.browser().post(path, body).await;
            assert_eq!((nobody.status.as_u16(), nobody.text.as_str()), (401, ""));
        }
    }
    bo.get(&asked).await.refused(400, "ACCOUNT_NOT_FOUND");
    assert_eq!(social.provider.times_heard("/userinfo"), 0);
}

#[actix_web::test]
async fn an_account_of_an_id_token_alone_has_no_tokens_to_give() {
    let social = Social::new().await;
    let mut ana = social.world.browser();
    let body = json!({"provider": "keycloak", "idToken": {"token": social.provider.id_token(json!({}))}});
    ana.post("/api/auth/sign-in/social", &body).await;
    let id = ana.get("/api/auth/list-accounts").await.body[0]["id"].clone();
    let account = json!({"accountId": id});

    ana.post("/api/auth/refresh-token", &account)
        .await
        .refused(400, "REFRESH_TOKEN_NOT_FOUND");
    let token = ana.post("/api/auth/get-access-token", &account).await;
    assert_eq!(
        (
            token.status.as_u16(),
            &token.body["accessToken"],
            &token.body["scopes"]
        ),
        (200, &json!(""), &json!([]))
    );
    let asked = format!("/api/auth/account-info?accountId={}", id.as_str().unwrap());
    ana.get(&asked).await.refused(400, "ACCESS_TOKEN_NOT_FOUND");
}

/// The query is that of docs/configuration.md.
#[actix_web::test]
async fn an_operator_sees_which_accounts_were_not_written_since_a_change_of_the_secret() {
    let social = Social::new().await;
    let page = include_str!("../../../../docs/configuration.md");
    let begin = page.find("    select \"providerId\"").unwrap();
    let query = page[begin..].split_once(';').unwrap().0;
    let (mut ana, account) = linked(&social, "keycloak").await;
    let change = social.world.clock.now() + Duration::from_secs(1);
    let query = query.replace(":'change'", "$1");
    let left = async || -> Vec<(String, i64)> {
        sqlx::query_as(sqlx::AssertSqlSafe(query.clone()))
            .bind(change)
            .fetch_all(&mut social.world.test.admin().await)
            .await
            .unwrap()
    };

    assert_eq!(left().await, [("keycloak".to_owned(), 1)]);
    social.world.clock.advance(Duration::from_secs(60));
    let refreshed = ana.post("/api/auth/refresh-token", &account).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    assert_eq!(left().await, []);
}

/// No token stands in the database as it is.
#[actix_web::test]
async fn no_token_is_shown_where_nobody_asks_for_it() {
    let social = Social::new().await;
    let (mut ana, account) = linked(&social, "keycloak").await;
    let token = ana.post("/api/auth/get-access-token", &account).await;
    let secrets = [
        token.body["accessToken"].as_str().unwrap(),
        token.body["idToken"].as_str().unwrap(),
    ];
    let stored: Vec<String> = sqlx::query_scalar("select row_to_json(account)::text from account")
        .fetch_all(&mut social.world.test.admin().await)
        .await
        .unwrap();
    for path in ["list-accounts", "get-session"] {
        let answer = ana.get(&format!("/api/auth/{path}")).await;
        assert!(
            secrets.iter().all(|secret| !answer.text.contains(secret)),
            "{path}"
        );
    }
    assert!(
        secrets.iter().all(|secret| !stored[0].contains(secret)),
        "{stored:?}"
    );
}
