//! What was published about signing in through others: one test for each, named for it.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use url::Url;
use wardkeep_auth::Policy;
use wardkeep_testkit::{Endpoint, IdTokens, Misbehaviour};

use crate::advisories::encoded;
use crate::letters::path;
use crate::redirects::bad;
use crate::social::{Social, ana, keycloak, state_cleared};
use crate::world::{BASE, PASSWORD};

const ANA: &str = "ana@example.test";

/// Whoever signs up first with somebody else's address keeps nothing once its owner comes through a provider.
#[actix_web::test]
async fn cve_2026_53516_who_registers_first_loses_all_to_the_owner() {
    let social = Social::new().await;
    let mut attacker = social.world.sign_up(ANA).await;
    let id = attacker.user().await.unwrap();
    attacker
        .post("/api/auth/request-password-reset", &json!({"email": ANA}))
        .await;
    let mut owner = social.world.browser();

    social
        .sign_in(&mut owner, &keycloak())
        .await
        .leads_to("/welcome?x=1#top");

    assert_eq!(owner.user().await, Some(id));
    assert_eq!(attacker.user().await, None);
    let mut again = social.world.browser();
    let form = json!({"email": ANA, "password": PASSWORD});
    again
        .post("/api/auth/sign-in/email", &form)
        .await
        .refused(401, "INVALID_EMAIL_OR_PASSWORD");
    let accounts = owner.get("/api/auth/list-accounts").await;
    let providers: Vec<_> = accounts
        .body
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["providerId"])
        .collect();
    assert_eq!(providers, ["keycloak"]);
    let session = owner.get("/api/auth/get-session").await;
    assert_eq!(
        [
            &session.body["user"]["name"],
            &session.body["user"]["emailVerified"]
        ],
        [&json!("Ana Reyes"), &json!(true)]
    );
}

/// The other way round: an address that the provider has not proven opens nobody's account, proven here or not.
#[actix_web::test]
async fn ghsa_qq9h_g4jm_xgf3_an_unproven_address_links_nothing() {
    let social = Social::new().await;
    let mut owner = social.world.sign_up(ANA).await;
    owner
        .post("/api/auth/send-verification-email", &json!({"email": ANA}))
        .await;
    let link = social.world.link().await;
    for proven in [false, true] {
        if proven {
            owner.get(&path(&link)).await;
        }
        for verified in [
            json!(false),
            json!("false"),
            json!(0),
            json!(1),
            Value::Null,
            json!([true]),
        ] {
            social
                .provider
                .is(json!({"sub": "666", "email": ANA, "email_verified": verified, "name": "X"}));
            let mut attacker = social.world.browser();
            let answer = social.sign_in(&mut attacker, &keycloak()).await;
            answer.leads_to("/failed?a=1&error=account_not_linked#f");
            state_cleared(&answer);
            assert_eq!(attacker.user().await, None);
        }
    }
    assert!(owner.user().await.is_some());
    assert_eq!(social.rows().await[..3], [1, 1, 1]);
}

/// In the compatibility profile an account that nobody has proven is not taken over, as in the original.
#[actix_web::test]
async fn ghsa_qq9h_g4jm_xgf3_the_compatibility_profile_links_nothing_unproven() {
    let social = Social::at(BASE, Policy::compatibility()).await;
    let mut first = social.world.sign_up(ANA).await;

    let answer = social.sign_in(&mut social.world.browser(), &keycloak()).await;

    answer.leads_to("/failed?a=1&error=account_not_linked#f");
    assert!(first.user().await.is_some());
}

/// A state that another browser began is none of this one's, so that nobody is signed in to an attacker's account.
#[actix_web::test]
async fn ghsa_wxw3_q3m9_c3jr_a_state_is_the_browsers_that_began() {
    let social = Social::new().await;
    let mut attacker = social.world.browser();
    let back = social.agreed(&mut attacker, "sign-in/social", &keycloak()).await;
    let mut victim = social.world.browser();
    let _own = social.begin(&mut victim, "sign-in/social", &keycloak()).await;
    let state = back.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let mut forged = social.world.browser();
    forged
        .cookies
        .push(("better-auth.state".to_owned(), state.to_owned()));
    let mut signed_otherwise = social.world.browser();
    signed_otherwise.cookies.push((
        "better-auth.state".to_owned(),
        format!("{state}.{}%3D", "A".repeat(43)),
    ));
    let mut none = social.world.browser();

    for browser in [&mut victim, &mut forged, &mut signed_otherwise, &mut none] {
        let answer = browser.get(&back).await;
        answer.leads_to("/failed?a=1&error=state_mismatch#f");
        assert!(answer.cookies.is_empty(), "{:?}", answer.cookies);
        assert_eq!(browser.user().await, None);
    }
    assert_eq!(social.rows().await[..3], [0, 0, 0]);
    // Nor did they spoil it.
    attacker.get(&back).await.leads_to("/welcome?x=1#top");
}

#[actix_web::test]
async fn ghsa_x445_f3h2_j279_a_state_is_the_providers_that_it_went_to() {
    let social = Social::new().await;
    for other in ["other", "github", "staff", "google", "x"] {
        let mut browser = social.world.browser();
        let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
        let elsewhere = back.replace("/callback/keycloak", &format!("/callback/{other}"));
        let heard = social.provider.times_heard("/token");

        let answer = browser.get(&elsewhere).await;

        let location = answer.header("location").unwrap();
        assert!(location.contains("error=state_mismatch"), "{other}: {location}");
        assert_eq!(browser.user().await, None, "{other}");
        assert_eq!(social.provider.times_heard("/token"), heard, "{other}");
    }
    assert_eq!(social.rows().await[..3], [0, 0, 0]);
}

/// Nothing that a browser says of a person is believed, nor a token that the provider has not signed for us.
#[actix_web::test]
async fn cve_2026_110864_a_profile_is_the_providers_word_alone() {
    let social = Social::new().await;
    let mallory =
        json!({"sub": "666", "email": "mallory@example.test", "email_verified": true, "name": "Mallory"});
    social.provider.is(mallory);
    let mut browser = social.world.browser();
    let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
    let said =
        json!({"email": ANA, "email_verified": true, "sub": "1", "id": "1", "name": {"firstName": "Ana"}});
    let forged = format!(
        "{back}&user={}&email={}&sub=1",
        encoded(&said.to_string()),
        encoded(ANA)
    );

    browser.get(&forged).await.leads_to("/welcome?x=1#top");

    let session = browser.get("/api/auth/get-session").await;
    let user = &session.body["user"];
    assert_eq!(
        [&user["email"], &user["name"]],
        ["mallory@example.test", "Mallory"]
    );

    social.provider.is(ana());
    for how in [
        IdTokens::Forged,
        IdTokens::Unsigned,
        IdTokens::Confused,
        IdTokens::Symmetric,
        IdTokens::Missing,
    ] {
        social.provider.signs(how);
        let mut browser = social.world.browser();
        let answer = social.sign_in(&mut browser, &keycloak()).await;
        let location = answer.header("location").unwrap();
        assert!(location.starts_with("/failed?a=1&error="), "{how:?}: {location}");
        assert_eq!(browser.user().await, None, "{how:?}");
    }
    social.provider.signs(IdTokens::Signed);
    for claims in [
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"aud": "another-client"}),
        json!({"iss": "https://evil.example"}),
        json!({"exp": 1}),
        json!({"sub": null}),
    ] {
        social.provider.claims(claims.clone());
        let answer = social.sign_in(&mut social.world.browser(), &keycloak()).await;
        let location = answer.header("location").unwrap();
        assert!(location.starts_with("/failed?a=1&error="), "{claims}: {location}");
    }
    social.provider.behaves();
    // Userinfo about somebody else (OpenID Connect Core 1.0, section 5.3.2), where it is asked for the address.
    social
        .provider
        .claims(json!({"email": null, "email_verified": null}));
    social
        .provider
        .misbehaves(Endpoint::Userinfo, Misbehaviour::Says(json!({"sub": "2"})));
    let answer = social.sign_in(&mut social.world.browser(), &keycloak()).await;
    answer.leads_to("/failed?a=1&error=unable_to_get_user_info#f");
    assert_eq!(social.rows().await[..3], [1, 1, 1]);
}

/// The same for a token that a program brings, and what it says beside it.
#[actix_web::test]
async fn cve_2026_110864_nothing_beside_an_id_token_is_believed() {
    let social = Social::new().await;
    social.provider.is(
        json!({"sub": "666", "email": "mallory@example.test", "email_verified": true, "name": "Mallory"}),
    );
    let user = json!({"email": ANA, "name": {"firstName": "Ana", "lastName": "Reyes"}});
    let body = json!({"provider": "keycloak", "idToken": {"token": social.provider.id_token(json!({})), "user": user}});

    let answer = social
        .world
        .browser()
        .post("/api/auth/sign-in/social", &body)
        .await;

    assert_eq!(answer.status, 200, "{}", answer.text);
    let user = &answer.body["user"];
    assert_eq!(
        [&user["email"], &user["name"]],
        ["mallory@example.test", "Mallory"]
    );
}

/// No address that a browser is led to is a program: neither one that is asked for, nor one of a provider.
#[actix_web::test]
async fn cve_2026_67333_no_redirect_runs_a_program() {
    let social = Social::new().await;
    let ana = social.world.sign_up(ANA).await;
    let send = social.world.served().await;
    for page in bad() {
        for endpoint in ["sign-in/social", "link-social"] {
            for (field, code) in [
                ("callbackURL", "INVALID_CALLBACK_URL"),
                ("errorCallbackURL", "INVALID_ERROR_CALLBACK_URL"),
                ("newUserCallbackURL", "INVALID_NEW_USER_CALLBACK_URL"),
            ] {
                let post = TestRequest::post()
                    .uri(&format!("/api/auth/{endpoint}"))
                    .insert_header(("origin", BASE))
                    .insert_header(("cookie", ana.header()))
                    .set_json(json!({"provider": "keycloak", field: page}));
                let answer = send(post).await;
                answer.refused(403, code);
                assert_eq!(
                    (answer.header("location"), answer.cookies.len()),
                    (None, 0),
                    "{page}"
                );
            }
        }
    }
    assert_eq!(social.rows().await[3], 0);
}

#[actix_web::test]
async fn cve_2026_67333_no_provider_makes_a_browser_run_a_program() {
    for address in [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.test",
        "",
    ] {
        let social = Social::new().await;
        let published = json!({"authorization_endpoint": address});
        social
            .provider
            .misbehaves(Endpoint::Discovery, Misbehaviour::Says(published));
        let answer = social
            .world
            .browser()
            .post("/api/auth/sign-in/social", &keycloak())
            .await;
        answer.refused(503, "PROVIDER_UNAVAILABLE");
        assert!(
            answer.header("location").is_none() && answer.cookies.is_empty(),
            "{address}"
        );
        assert_eq!(social.rows().await, [0; 4]);
    }
}

/// A picture is shown by programs of others.
#[actix_web::test]
async fn cve_2026_67333_a_picture_is_no_program() {
    let social = Social::new().await;
    let mut person = ana();
    person["picture"] = json!("javascript:alert(1)");
    social.provider.is(person);
    let mut browser = social.world.browser();
    social
        .sign_in(&mut browser, &keycloak())
        .await
        .leads_to("/welcome?x=1#top");
    let session = browser.get("/api/auth/get-session").await;
    assert_eq!(session.body["user"]["image"], Value::Null);
    assert!(Url::parse("javascript:alert(1)").is_ok());
}
