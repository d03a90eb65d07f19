//! Deleting the own account.

use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_auth::Policy;

use crate::letters::{path, token};
use crate::world::{Answer, Browser, PASSWORD, World};

const ANA: &str = "ana@example.test";
const DELETE: &str = "/api/auth/delete-user";
const LINK: &str = "/api/auth/delete-user/callback";
const DAY: Duration = Duration::from_secs(86_400);

fn deleted(answer: &Answer) {
    let said = json!({"success": true, "message": "User deleted"});
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &said));
    answer.clears_cookies();
}

async fn confirming() -> World {
    World::under(Policy {
        confirm_deletion: true,
        ..Policy::default()
    })
    .await
}

async fn delete(browser: &mut Browser<'_>, form: Value) -> Answer {
    browser.post(DELETE, &form).await
}

#[actix_web::test]
async fn a_fresh_session_deletes_its_user_and_all_that_is_theirs() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let mut there = world.sign_in(ANA, true).await;
    let mut bo = world.sign_up("bo@example.test").await;
    ana.post("/api/auth/request-password-reset", &json!({ "email": ANA }))
        .await;
    world.clock.advance(DAY - Duration::from_millis(1));

    deleted(&delete(&mut ana, json!({})).await);

    let gone = there.get("/api/auth/list-accounts").await;
    gone.refused(401, "UNAUTHORIZED");
    gone.clears_cookies();
    assert!(bo.user().await.is_some());
    for table in ["\"user\"", "session", "account"] {
        assert_eq!(world.count(table).await, 1, "{table}");
    }
    assert_eq!(world.count("verification").await, 0);
    let again = json!({"email": ANA, "password": PASSWORD});
    world
        .browser()
        .post("/api/auth/sign-in/email", &again)
        .await
        .refused(401, "INVALID_EMAIL_OR_PASSWORD");
}

#[actix_web::test]
async fn an_old_session_needs_the_password() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    world.clock.advance(DAY);

    delete(&mut ana, json!({})).await.refused(400, "SESSION_EXPIRED");
    // The session slid meanwhile, and is not fresh for that.
    delete(&mut ana, json!({})).await.refused(400, "SESSION_EXPIRED");
    deleted(&delete(&mut ana, json!({ "password": PASSWORD })).await);
}

#[actix_web::test]
async fn a_deletion_is_refused_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let mut nobody = world.browser();

    delete(&mut nobody, json!({"password": 5, "callbackURL": "//evil.test"}))
        .await
        .refused(403, "INVALID_CALLBACK_URL");
    let wrong = delete(&mut nobody, json!({"token": 5, "password": null})).await;
    wrong.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        wrong.body["message"],
        "[body.password] Invalid input: expected string, received null; \
         [body.token] Invalid input: expected string, received number"
    );
    delete(&mut nobody, json!({})).await.refused(401, "UNAUTHORIZED");
    nobody
        .post(DELETE, &Value::Null)
        .await
        .refused(400, "VALIDATION_ERROR");
    for (form, status, code) in [
        (
            json!({"password": "x".repeat(129), "token": "x"}),
            400,
            "PASSWORD_TOO_LONG",
        ),
        (
            json!({"password": "wrong", "token": "x"}),
            400,
            "INVALID_PASSWORD",
        ),
        // An empty one is not taken for none, as Better Auth does.
        (json!({"password": ""}), 400, "INVALID_PASSWORD"),
        (json!({"password": PASSWORD, "token": "x"}), 404, "INVALID_TOKEN"),
        (json!({"token": "x"}), 404, "INVALID_TOKEN"),
    ] {
        let answer = delete(&mut ana, form.clone()).await;
        answer.refused(status, code);
        assert!(answer.cookies.is_empty(), "{form}");
    }
    sqlx::query("delete from account")
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
    delete(&mut ana, json!({ "password": PASSWORD }))
        .await
        .refused(400, "CREDENTIAL_ACCOUNT_NOT_FOUND");
    assert!(ana.user().await.is_some());
}

#[actix_web::test]
async fn the_only_owner_of_a_clinic_stays() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let clinic = json!({"name": "North", "slug": "north"});
    ana.post("/api/auth/organization/create", &clinic).await;

    let answer = delete(&mut ana, json!({})).await;

    answer.refused(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER");
    assert!(answer.cookies.is_empty());
    assert!(ana.user().await.is_some());
}

#[actix_web::test]
async fn where_it_must_be_confirmed_the_link_in_the_mail_deletes() {
    let world = confirming().await;
    let mut ana = world.sign_up(ANA).await;
    let mut there = world.sign_in(ANA, true).await;

    let answer = delete(&mut ana, json!({"callbackURL": "/bye?x=1#end"})).await;
    let said = json!({"success": true, "message": "Verification email sent"});
    assert_eq!((answer.status.as_u16(), &answer.body), (200, &said));
    assert!(answer.cookies.is_empty());
    assert!(ana.user().await.is_some());
    let link = path(&world.link().await);
    world.clock.advance(DAY - Duration::from_millis(1));
    let opened = there.get(&link).await;

    opened.leads_to("/bye?x=1#end");
    opened.clears_cookies();
    assert_eq!((ana.user().await, world.count("\"user\"").await), (None, 0));
    ana.get(&link).await.refused(404, "FAILED_TO_GET_USER_INFO");
}

#[actix_web::test]
async fn the_token_of_the_mail_deletes_by_post_and_without_a_page_as_well() {
    for by_post in [true, false] {
        let world = confirming().await;
        let mut ana = world.sign_up(ANA).await;
        delete(&mut ana, json!({ "password": PASSWORD })).await;
        let token = token(&world.link().await);

        let answer = if by_post {
            delete(&mut ana, json!({ "token": token })).await
        } else {
            ana.get(&format!("{LINK}?token={token}")).await
        };

        deleted(&answer);
        assert_eq!(world.count("\"user\"").await, 0);
    }
}

#[actix_web::test]
async fn a_link_is_good_for_its_own_user_for_a_day() {
    let world = confirming().await;
    let mut ana = world.sign_up(ANA).await;
    let mut bo = world.sign_up("bo@example.test").await;
    delete(&mut ana, json!({})).await;
    let link = path(&world.link().await);

    world
        .browser()
        .get(&link)
        .await
        .refused(404, "FAILED_TO_GET_USER_INFO");
    bo.get(&link).await.refused(404, "INVALID_TOKEN");
    ana.get(&format!("{LINK}?token=x"))
        .await
        .refused(404, "INVALID_TOKEN");
    // Opened by somebody else, it is not used up.
    world.clock.advance(DAY);
    ana.get(&link).await.refused(404, "INVALID_TOKEN");
    assert!(ana.user().await.is_some() && bo.user().await.is_some());
}

#[actix_web::test]
async fn the_query_of_a_link_is_checked_in_the_order_of_the_protocol() {
    let world = World::new().await;
    let mut nobody = world.browser();

    nobody
        .get(&format!("{LINK}?callbackURL=//evil.test"))
        .await
        .refused(400, "VALIDATION_ERROR");
    nobody
        .get(&format!("{LINK}?token=x&callbackURL=//evil.test"))
        .await
        .refused(403, "INVALID_CALLBACK_URL");
    nobody
        .get(&format!("{LINK}?token=x&callbackURL=/bye"))
        .await
        .refused(404, "FAILED_TO_GET_USER_INFO");
}
