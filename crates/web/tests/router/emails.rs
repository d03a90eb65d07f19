//! Proving an address, and changing it.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_auth::Policy;

use crate::letters::{link_in, path, proof, token};
use crate::world::{Answer, BASE, PASSWORD, World};

const ANA: &str = "ana@example.test";
const NEW: &str = "ana@new.test";
const SEND: &str = "/api/auth/send-verification-email";
const CHANGE: &str = "/api/auth/change-email";

async fn is_verified(world: &World) -> bool {
    let sql = r#"select "emailVerified" from "user" where email = $1"#;
    let query = sqlx::query_scalar(sql).bind(ANA);
    query.fetch_one(&mut world.test.admin().await).await.unwrap()
}

async fn send(world: &World, form: Value) -> Answer {
    world.browser().post(SEND, &form).await
}

#[actix_web::test]
async fn a_known_and_an_unknown_address_are_one_answer() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    world.sign_up("bo@example.test").await;
    let verified = r#"update "user" set "emailVerified" = true where email = 'bo@example.test'"#;
    sqlx::query(verified)
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();

    let unknown = send(&world, json!({"email": "nobody@example.test"})).await;
    unknown.done();
    assert!(unknown.cookies.is_empty());
    for address in ["Ana@Example.test", "bo@example.test"] {
        let answer = send(&world, json!({ "email": address })).await;
        answer.tells_no_more_than(&unknown);
    }

    let mails = world.mails().await;
    let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, [ANA]);
}

#[actix_web::test]
async fn who_is_signed_in_proves_the_own_address_alone_and_once() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;

    let invalid = ana.post(SEND, &json!({"email": "ana", "callbackURL": 5})).await;
    invalid.refused_in_words(400, "Invalid callbackURL: expected a string");
    ana.post(SEND, &json!({"email": 5, "callbackURL": "//evil.test"}))
        .await
        .refused(403, "INVALID_CALLBACK_URL");
    ana.post(SEND, &json!({"email": "ana"}))
        .await
        .refused(400, "VALIDATION_ERROR");
    ana.post(SEND, &json!({ "email": NEW }))
        .await
        .refused(400, "EMAIL_MISMATCH");
    ana.post(SEND, &json!({ "email": ANA })).await.done();
    let link = path(&world.link().await);
    ana.get(&link).await;
    ana.post(SEND, &json!({ "email": ANA }))
        .await
        .refused(400, "EMAIL_ALREADY_VERIFIED");
}

#[actix_web::test]
async fn the_link_proves_the_address_as_often_as_it_is_opened() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    send(&world, json!({"email": ANA, "callbackURL": "/welcome?x=1#top"})).await;
    let link = world.link().await;
    assert!(!is_verified(&world).await);

    for _ in 0..2 {
        let answer = world.browser().get(&path(&link)).await;
        answer.leads_to("/welcome?x=1#top");
        assert!(answer.cookies.is_empty());
        let plain = format!("/api/auth/verify-email?token={}", token(&link));
        let answer = world.browser().get(&plain).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body),
            (200, &json!({"status": true, "user": null}))
        );
        assert!(answer.cookies.is_empty());
    }

    assert!(is_verified(&world).await);
    assert!(ana.user().await.is_some(), "a click ends no session");
}

#[actix_web::test]
async fn a_link_without_a_page_leads_to_the_start() {
    let world = World::new().await;
    world.sign_up(ANA).await;

    for form in [json!({ "email": ANA }), json!({"email": ANA, "callbackURL": ""})] {
        send(&world, form).await;
    }
    let mails = world.mails().await;

    assert_eq!(mails.len(), 2);
    for mail in &mails {
        let link = link_in(mail);
        assert_eq!(link.path(), "/api/auth/verify-email");
        world.browser().get(&path(&link)).await.leads_to("/");
    }
}

#[actix_web::test]
async fn a_link_that_is_not_valid_says_so_or_goes_on_with_the_code() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let bo = world.sign_up("bo@example.test").await.user().await.unwrap();
    let own = ana.user().await.unwrap();
    let change = "change-email-verification";
    let unknown = "0194d3a0-7c11-7e5b-8a44-0f2e6b1c9d38";
    let now = 1_772_442_000;

    for (link, code) in [
        ("/api/auth/verify-email?token=abc".to_owned(), "INVALID_TOKEN"),
        ("/api/auth/verify-email?token=".to_owned(), "INVALID_TOKEN"),
        (proof(ANA, &json!({ "exp": now })), "TOKEN_EXPIRED"),
        (proof("nobody@example.test", &json!({})), "USER_NOT_FOUND"),
        (proof(ANA, &json!({ "userId": bo })), "INVALID_TOKEN"),
        (
            proof(
                ANA,
                &json!({"updateTo": NEW, "userId": unknown, "requestType": change}),
            ),
            "USER_NOT_FOUND",
        ),
        (
            proof(
                NEW,
                &json!({"updateTo": NEW, "userId": own, "requestType": change}),
            ),
            "INVALID_TOKEN",
        ),
    ] {
        let plain = ana.get(&link).await;
        plain.refused(401, code);
        for (page, expected) in [
            ("/welcome", format!("/welcome?error={code}")),
            ("/w%3Fx%3D%2520y%23top", format!("/w?x=%20y&error={code}#top")),
            (BASE, format!("{BASE}/?error={code}")),
            (
                "https://app.clinic.test/a%3Fb",
                format!("https://app.clinic.test/a?b&error={code}"),
            ),
        ] {
            let answer = ana.get(&format!("{link}&callbackURL={page}")).await;
            answer.leads_to(&expected);
            assert!(answer.cookies.is_empty());
        }
        ana.get(&format!("{link}&callbackURL=")).await.refused(401, code);
    }
    assert!(!is_verified(&world).await);
}

#[actix_web::test]
async fn the_query_of_a_link_is_checked_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let mut browser = world.browser();
    let valid = proof(ANA, &json!({}));

    browser
        .get("/api/auth/verify-email?callbackURL=//evil.test")
        .await
        .refused(400, "VALIDATION_ERROR");
    browser
        .get("/api/auth/verify-email?token=a&token=b")
        .await
        .refused(400, "VALIDATION_ERROR");
    browser
        .get(&format!("{valid}&callbackURL=//evil.test"))
        .await
        .refused(403, "INVALID_CALLBACK_URL");
    browser.get(&valid).await.refused(401, "USER_NOT_FOUND");
}

#[actix_web::test]
async fn an_address_is_changed_by_the_link_to_the_new_one() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let cookie = ana.cookies[0].1.clone();

    let asked = ana
        .post(
            CHANGE,
            &json!({"newEmail": "Ana@New.test", "callbackURL": "/settings"}),
        )
        .await;
    asked.done();
    assert!(asked.cookies.is_empty());
    let session = ana.get("/api/auth/get-session").await;
    assert_eq!(session.body["user"]["email"], ANA);
    let mails = world.mails().await;
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, NEW));
    let link = link_in(&mails[0]);
    world.clock.advance(Duration::from_secs(60));
    let plain = format!("/api/auth/verify-email?token={}", token(&link));
    let answer = ana.get(&plain).await;

    let session = ana.get("/api/auth/get-session").await;
    assert_eq!(answer.session_cookie(), cookie);
    assert_eq!(
        (answer.status.as_u16(), &answer.body),
        (200, &json!({"status": true, "user": session.body["user"]}))
    );
    assert_eq!(
        (
            &session.body["user"]["email"],
            &session.body["user"]["emailVerified"]
        ),
        (&json!(NEW), &json!(false))
    );
    // The user is not any more who the link was made for.
    ana.get(&path(&link))
        .await
        .leads_to("/settings?error=INVALID_TOKEN");
    let form = json!({"email": NEW, "password": PASSWORD});
    assert_eq!(
        world
            .browser()
            .post("/api/auth/sign-in/email", &form)
            .await
            .status,
        200
    );
}

#[actix_web::test]
async fn a_change_sets_the_cookie_of_its_user_alone() {
    let world = World::new().await;
    world.sign_up(ANA).await;
    let mut ana = world.sign_in(ANA, false).await;
    let mut bo = world.sign_up("bo@example.test").await;

    ana.post(CHANGE, &json!({"newEmail": NEW, "callbackURL": "/x"}))
        .await;
    let link = path(&world.link().await);
    bo.get(&link).await.leads_to("/x?error=INVALID_USER");
    let answer = ana.get(&link).await;
    answer.leads_to("/x");
    answer.session_cookie_until_the_browser_closes();

    ana.post(CHANGE, &json!({ "newEmail": ANA })).await;
    let elsewhere = world.browser().get(&path(&world.link().await)).await;
    elsewhere.leads_to("/");
    assert!(elsewhere.cookies.is_empty());
}

#[actix_web::test]
async fn a_taken_address_is_answered_like_a_free_one() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    world.sign_up("bo@example.test").await;

    let taken = ana.post(CHANGE, &json!({"newEmail": "Bo@example.test"})).await;
    taken.done();
    assert!(world.mails().await.is_empty());
    let free = ana.post(CHANGE, &json!({ "newEmail": NEW })).await;
    free.tells_no_more_than(&taken);
    let link = world.link().await;
    // Somebody else was faster.
    world.sign_up(NEW).await;
    ana.get(&format!("/api/auth/verify-email?token={}", token(&link)))
        .await
        .refused(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
    ana.get(&path(&link))
        .await
        .leads_to("/?error=USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
}

#[actix_web::test]
async fn a_change_is_refused_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let mut nobody = world.browser();

    nobody
        .post(CHANGE, &json!({"newEmail": "x", "callbackURL": "//evil.test"}))
        .await
        .refused(403, "INVALID_CALLBACK_URL");
    nobody
        .post(CHANGE, &json!({"newEmail": "x"}))
        .await
        .refused(400, "VALIDATION_ERROR");
    nobody
        .post(CHANGE, &json!({ "newEmail": NEW }))
        .await
        .refused(401, "UNAUTHORIZED");
    ana.post(CHANGE, &json!({"newEmail": "ANA@example.test"}))
        .await
        .refused_in_words(400, "Email is the same");
    assert!(world.mails().await.is_empty());
}

#[actix_web::test]
async fn where_the_address_must_be_proven_first_a_sign_up_signs_nobody_in() {
    let policy = Policy {
        require_verified_email: true,
        ..Policy::default()
    };
    let world = World::under(policy).await;
    let form =
        |name: &str| json!({"name": name, "email": ANA, "password": PASSWORD, "callbackURL": "/welcome"});
    let sign_up = async |name: &str| world.browser().post("/api/auth/sign-up/email", &form(name)).await;
    let sign_in = async |password: &str| {
        let form = json!({"email": ANA, "password": password});
        world.browser().post("/api/auth/sign-in/email", &form).await
    };

    let first = sign_up("Ana").await;
    let mails = world.mails().await;
    let second = sign_up("Ana").await;

    for answer in [&first, &second] {
        assert_eq!(
            (answer.status.as_u16(), &answer.body["token"]),
            (200, &Value::Null)
        );
        assert!(answer.cookies.is_empty());
    }
    let without_id = |answer: &Answer| {
        let mut body = answer.body.clone();
        body["user"]["id"].take();
        body
    };
    assert_eq!(without_id(&first), without_id(&second));
    assert_eq!(first.shown_headers(), second.shown_headers());
    assert_eq!(world.count("\"user\"").await, 1);
    sign_in("wrong").await.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    sign_in(PASSWORD).await.refused(403, "EMAIL_NOT_VERIFIED");
    assert_eq!(world.count("session").await, 0);

    let link = link_in(&mails[0]);
    world.browser().get(&path(&link)).await.leads_to("/welcome");
    assert_eq!(sign_in(PASSWORD).await.status, 200);
}
