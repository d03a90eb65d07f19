//! Sign-up, sign-in and sign-out.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

const SIGN_UP: &str = "/api/auth/sign-up/email";
const SIGN_IN: &str = "/api/auth/sign-in/email";

#[actix_web::test]
async fn signing_up_signs_in() {
    let world = World::new().await;
    let mut ana = world.browser();

    let form =
        json!({"name": "Ana", "email": "Ana@Example.test", "password": PASSWORD, "role": "owner", "id": "x"});
    let answer = ana.post(SIGN_UP, &form).await;

    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let id = answer.body["user"]["id"].as_str().unwrap().to_owned();
    let user = json!({
        "id": id, "name": "Ana", "email": "ana@example.test", "emailVerified": false, "image": null,
        "createdAt": "2026-03-02T09:00:00.000Z", "updatedAt": "2026-03-02T09:00:00.000Z",
    });
    assert_eq!(answer.body, json!({"token": answer.body["token"], "user": user}));
    let [cookie] = &answer.cookies[..] else {
        panic!("{:?}", answer.cookies)
    };
    assert!(cookie.starts_with("better-auth.session_token="), "{cookie}");
    assert!(
        cookie.ends_with("; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );

    let session = ana.get("/api/auth/get-session").await;
    assert_eq!(session.body["user"], user);
    assert_eq!(session.body["session"]["token"], answer.body["token"]);
}

#[actix_web::test]
async fn what_was_sent_in_the_wrong_shape_is_named() {
    let world = World::new().await;

    let answer = world
        .browser()
        .post(
            SIGN_UP,
            &json!({"email": "ana", "password": "", "rememberMe": "no"}),
        )
        .await;

    answer.refused(400, "VALIDATION_ERROR");
    assert_eq!(
        answer.body["message"],
        "[body.name] Invalid input: expected string, received undefined; \
         [body.email] Invalid email address; \
         [body.password] Too small: expected string to have >=1 characters; \
         [body.rememberMe] Invalid input: expected boolean, received string"
    );
    assert_eq!(world.count("\"user\"").await, 0);
}

#[actix_web::test]
async fn a_sign_up_is_refused_as_better_auth_refuses_it() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    let mut browser = world.browser();
    let form = |email: &str, password: &str| json!({"name": "", "email": email, "password": password});

    browser
        .post(SIGN_UP, &form("b@example.test", "1234567"))
        .await
        .refused(400, "PASSWORD_TOO_SHORT");
    browser
        .post(SIGN_UP, &form("b@example.test", &"x".repeat(129)))
        .await
        .refused(400, "PASSWORD_TOO_LONG");
    let taken = browser.post(SIGN_UP, &form("ANA@example.test", PASSWORD)).await;
    taken.refused(422, "USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL");
    assert_eq!(taken.body["message"], "User already exists. Use another email.");
    let nul = json!({"name": "\u{0}", "email": "b@example.test", "password": PASSWORD});
    browser
        .post(SIGN_UP, &nul)
        .await
        .refused(422, "FAILED_TO_CREATE_USER");
}

#[actix_web::test]
async fn an_unknown_address_and_a_wrong_password_are_one_answer() {
    let world = World::new().await;
    world.sign_up("ana@example.test").await;
    let mut browser = world.browser();

    let wrong = browser
        .post(
            SIGN_IN,
            &json!({"email": "ana@example.test", "password": "wrong"}),
        )
        .await;
    let unknown = browser
        .post(SIGN_IN, &json!({"email": "bo@example.test", "password": "wrong"}))
        .await;

    wrong.refused(401, "INVALID_EMAIL_OR_PASSWORD");
    wrong.tells_no_more_than(&unknown);
    // Not even the right password is checked any more.
    sqlx::query("update password_guesses set guesses = 100")
        .execute(&mut world.test.admin().await)
        .await
        .unwrap();
    let right = json!({"email": "ana@example.test", "password": PASSWORD});
    browser.post(SIGN_IN, &right).await.tells_no_more_than(&unknown);
    assert!(wrong.cookies.is_empty() && unknown.cookies.is_empty());
    browser
        .post(SIGN_IN, &json!({"email": "ana", "password": "wrong"}))
        .await
        .refused(400, "INVALID_EMAIL");
    let long = json!({"email": "bo@example.test", "password": "x".repeat(129)});
    browser
        .post(SIGN_IN, &long)
        .await
        .refused(400, "PASSWORD_TOO_LONG");
}

#[actix_web::test]
async fn a_sign_in_says_where_to_go_on() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let mut sign_in = async |callback: Value| {
        let mut form = json!({"email": "ana@example.test", "password": PASSWORD});
        form.as_object_mut()
            .unwrap()
            .extend(callback.as_object().unwrap().clone());
        ana.post(SIGN_IN, &form).await
    };

    let plain = sign_in(json!({})).await;
    assert_eq!(
        (&plain.body["redirect"], plain.body.get("url")),
        (&json!(false), None)
    );
    assert_eq!(plain.header("location"), None);
    let led = sign_in(json!({"callbackURL": "/dashboard"})).await;
    assert_eq!(
        (led.status.as_u16(), &led.body["redirect"], &led.body["url"]),
        (200, &json!(true), &json!("/dashboard"))
    );
    assert_eq!(led.header("location"), Some("/dashboard"));
    let empty = sign_in(json!({"callbackURL": ""})).await;
    assert_eq!(
        (&empty.body["redirect"], &empty.body["url"]),
        (&json!(false), &json!(""))
    );
}

#[actix_web::test]
async fn a_form_signs_in_and_other_media_types_do_not() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let post = |media_type: &str, body: &str| {
        TestRequest::post()
            .uri(SIGN_IN)
            .insert_header((CONTENT_TYPE, media_type))
            .set_payload(body.to_owned())
    };
    let form = "email=bo%40example.test&email=ana%40example.test&password=correct+horse+battery";

    assert_eq!(
        ana.send(post("application/x-www-form-urlencoded", form))
            .await
            .status,
        200
    );
    let json = r#"{"email":"ana@example.test","password":"correct horse battery"}"#;
    assert_eq!(
        ana.send(post("APPLICATION/JSON; charset=utf-8", json))
            .await
            .status,
        200
    );
    let other = ana.send(post("application/ld+json", json)).await;
    other.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(
        other.body["message"],
        "Content-Type \"application/ld+json\" is not allowed. Allowed types: application/x-www-form-urlencoded, application/json"
    );
    let none = TestRequest::post().uri(SIGN_IN).set_payload(json);
    ana.send(none).await.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let sign_out = TestRequest::post()
        .uri("/api/auth/sign-out")
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"));
    ana.send(sign_out.set_payload("a=b"))
        .await
        .refused(415, "UNSUPPORTED_MEDIA_TYPE");
}

#[actix_web::test]
async fn a_body_over_the_limit_is_not_read() {
    let world = World::new().await;
    let large = json!({"name": "x".repeat(5000), "email": "ana@example.test", "password": PASSWORD});

    world
        .browser()
        .post(SIGN_UP, &large)
        .await
        .refused(413, "BODY_TOO_LARGE");
    let mut ana = world.sign_up("ana@example.test").await;
    ana.post("/api/v1/patients", &json!({}))
        .await
        .problem(400, "NO_ACTIVE_ORGANIZATION");
    assert_eq!(world.count("\"user\"").await, 1);
}

#[actix_web::test]
async fn signing_out_ends_the_session_and_clears_its_cookies() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    let stolen = ana.header();

    let answer = ana.send(TestRequest::post().uri("/api/auth/sign-out")).await;

    assert_eq!(
        (answer.status.as_u16(), &answer.body),
        (200, &json!({"success": true}))
    );
    let cleared = "=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax";
    let names = [
        "better-auth.session_token",
        "better-auth.session_data",
        "better-auth.dont_remember",
    ];
    assert_eq!(answer.cookies, names.map(|name| format!("{name}{cleared}")));
    assert!(ana.cookies.is_empty());
    assert_eq!(world.count("session").await, 0);
    let with_stolen = TestRequest::get()
        .uri("/api/auth/get-session")
        .insert_header(("cookie", stolen));
    assert_eq!(world.send(with_stolen).await.text, "null");
    assert_eq!(ana.post("/api/auth/sign-out", &json!({})).await.status, 200);
}

#[actix_web::test]
async fn a_database_that_is_away_is_503_and_clears_nothing() {
    let world = World::new().await;
    let mut ana = world.sign_up("ana@example.test").await;
    world.state.database().close().await;

    let answer = ana.get("/api/auth/get-session").await;
    answer.refused(503, "DATABASE_UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert!(answer.cookies.is_empty());
    ana.post("/api/auth/sign-out", &json!({}))
        .await
        .refused(503, "DATABASE_UNAVAILABLE");
    ana.get("/api/v1/patients")
        .await
        .problem(503, "DATABASE_UNAVAILABLE");
}
