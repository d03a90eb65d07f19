//! Signing in through a provider, from the button to the session.

use std::time::Duration;

use actix_web::http::header::{CONTENT_TYPE, ORIGIN};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use url::Url;
use wardkeep_auth::Policy;
use wardkeep_testkit::{FakeProvider, clock};

use crate::letters::path;
use crate::world::{Answer, BASE, Browser, World};

const STATE_GONE: &str = "better-auth.state=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax";

/// A server with providers, all of which are one process: `keycloak` and `other` are OpenID Connect issuers, `github` is
/// plain OAuth 2, and `staff` makes users on request alone.
pub(crate) struct Social {
    pub(crate) world: World,
    pub(crate) provider: FakeProvider,
}

impl Social {
    pub(crate) async fn new() -> Self {
        Self::at(BASE, Policy::default()).await
    }

    pub(crate) async fn at(base: &str, policy: Policy) -> Self {
        let clock = clock();
        let provider = FakeProvider::start(clock.clone()).await;
        provider.is(ana());
        let mut staff = provider.open_id();
        staff["disableImplicitSignUp"] = json!(true);
        let providers = json!({
            "keycloak": provider.open_id(), "other": provider.open_id(), "github": provider.github(), "staff": staff,
        });
        let world = World::with_providers(base, clock, policy, &providers).await;
        Self { world, provider }
    }

    /// Begins as the body says; where the browser is sent.
    pub(crate) async fn begin(&self, browser: &mut Browser<'_>, endpoint: &str, body: &Value) -> String {
        let answer = browser.post(&format!("/api/auth/{endpoint}"), body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["url"].as_str().unwrap().to_owned()
    }

    /// Begins, agrees, and says what the browser asks for on its return.
    pub(crate) async fn agreed(&self, browser: &mut Browser<'_>, endpoint: &str, body: &Value) -> String {
        let url = self.begin(browser, endpoint, body).await;
        path(&Url::parse(&self.provider.agree(&url)).unwrap())
    }

    /// Signs in from the button to the end.
    pub(crate) async fn sign_in(&self, browser: &mut Browser<'_>, body: &Value) -> Answer {
        let back = self.agreed(browser, "sign-in/social", body).await;
        browser.get(&back).await
    }

    /// Links from the button to the end.
    pub(crate) async fn link(&self, browser: &mut Browser<'_>, body: &Value) -> Answer {
        let back = self.agreed(browser, "link-social", body).await;
        browser.get(&back).await
    }

    /// How many rows there are of users, accounts, sessions and states.
    pub(crate) async fn rows(&self) -> [i64; 4] {
        let mut rows = [0; 4];
        for (row, table) in rows
            .iter_mut()
            .zip([r#""user""#, "account", "session", "verification"])
        {
            *row = self.world.count(table).await;
        }
        rows
    }
}

/// Somebody whose address the provider has proven.
pub(crate) fn ana() -> Value {
    json!({
        "sub": "1", "email": "Ana@Example.test", "email_verified": true, "name": "Ana Reyes",
        "picture": "https://id.example/ana.png",
    })
}

pub(crate) fn keycloak() -> Value {
    json!({"provider": "keycloak", "callbackURL": "/welcome?x=1#top", "errorCallbackURL": "/failed?a=1#f"})
}

/// Asserts that the state is cleared and a session begun, and nothing else.
#[track_caller]
fn signed_in(answer: &Answer) {
    let [state, session] = &answer.cookies[..] else {
        panic!("{:?} {:?}", answer.header("location"), answer.cookies)
    };
    assert_eq!(state, STATE_GONE);
    let (_, attributes) = session.split_once("; ").unwrap();
    assert!(session.starts_with("better-auth.session_token="), "{session}");
    assert_eq!(attributes, "Max-Age=604800; Path=/; HttpOnly; SameSite=Lax");
}

/// Asserts that the state is cleared, and nothing else.
#[track_caller]
pub(crate) fn state_cleared(answer: &Answer) {
    assert_eq!(answer.cookies, [STATE_GONE]);
}

#[actix_web::test]
async fn a_browser_is_sent_to_the_provider_with_a_state_in_its_cookie() {
    let social = Social::new().await;
    let mut browser = social.world.browser();

    let answer = browser.post("/api/auth/sign-in/social", &keycloak()).await;

    let url = answer.body["url"].as_str().unwrap();
    assert_eq!(answer.body, json!({"url": url, "redirect": true}));
    assert_eq!(answer.header("location"), Some(url));
    let [cookie] = &answer.cookies[..] else {
        panic!("{:?}", answer.cookies)
    };
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Max-Age=300; Path=/; HttpOnly; SameSite=Lax");
    let asked = Url::parse(url).unwrap();
    let asked: Vec<_> = asked.query_pairs().into_owned().collect();
    let of = |name: &str| {
        let mut found = asked
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        let first = found.next();
        assert_eq!(found.next(), None, "{name}");
        first.unwrap_or_default()
    };
    let state = of("state");
    assert!(
        state.len() == 32 && state.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{state}"
    );
    assert!(pair.starts_with(&format!("better-auth.state={state}.")), "{pair}");
    assert_eq!(of("redirect_uri"), format!("{BASE}/api/auth/callback/keycloak"));
    assert_eq!(of("response_type"), "code");
    assert_eq!(of("code_challenge_method"), "S256");
    assert!(!of("nonce").is_empty() && !of("code_challenge").is_empty());
    assert_eq!(social.rows().await, [0, 0, 0, 1]);
}

#[actix_web::test]
async fn a_newcomer_is_led_back_signed_in() {
    let social = Social::new().await;
    let mut browser = social.world.browser();

    let answer = social.sign_in(&mut browser, &keycloak()).await;

    answer.leads_to("/welcome?x=1#top");
    signed_in(&answer);
    let session = browser.get("/api/auth/get-session").await;
    let user = &session.body["user"];
    assert_eq!(
        [
            &user["email"],
            &user["emailVerified"],
            &user["name"],
            &user["image"]
        ],
        [
            &json!("ana@example.test"),
            &json!(true),
            &json!("Ana Reyes"),
            &json!("https://id.example/ana.png")
        ]
    );
    let accounts = browser.get("/api/auth/list-accounts").await;
    let [account] = &accounts.body.as_array().unwrap()[..] else {
        panic!("{}", accounts.text)
    };
    assert_eq!([&account["providerId"], &account["accountId"]], ["keycloak", "1"]);
    assert_eq!(social.rows().await, [1, 1, 1, 0]);
}

#[actix_web::test]
async fn who_comes_again_is_the_same_user() {
    let social = Social::new().await;
    let (mut first, mut second) = (social.world.browser(), social.world.browser());
    let mut body = keycloak();
    body["newUserCallbackURL"] = json!("/hello");

    social.sign_in(&mut first, &body).await.leads_to("/hello");
    // What the provider says by now of the address does not matter: the account is known by its subject.
    social
        .provider
        .is(json!({"sub": "1", "email": "new@example.test", "email_verified": true, "name": "A"}));
    let answer = social.sign_in(&mut second, &body).await;

    answer.leads_to("/welcome?x=1#top");
    signed_in(&answer);
    assert_eq!(first.user().await, second.user().await);
    assert_eq!(social.rows().await, [1, 1, 2, 0]);
}

#[actix_web::test]
async fn a_plain_oauth_provider_signs_in_as_well() {
    let social = Social::new().await;
    social.provider.is(json!({"sub": "77", "email": "ana@example.test", "email_verified": true, "name": "Ana", "login": "ana"}));
    let mut browser = social.world.browser();

    let answer = social
        .sign_in(&mut browser, &json!({"provider": "github", "callbackURL": "/w"}))
        .await;

    answer.leads_to("/w");
    signed_in(&answer);
    let account = browser.get("/api/auth/list-accounts").await.body[0].clone();
    assert_eq!([&account["providerId"], &account["accountId"]], ["github", "77"]);
}

#[actix_web::test]
async fn where_it_leads_may_be_left_out_or_be_another_trusted_site() {
    let social = Social::new().await;

    for (body, leads_to) in [
        (json!({"provider": "keycloak"}), BASE),
        (json!({"provider": "keycloak", "callbackURL": ""}), BASE),
        (
            json!({"provider": "keycloak", "callbackURL": "https://app.clinic.test/w"}),
            "https://app.clinic.test/w",
        ),
        (
            json!({"provider": "keycloak", "callbackURL": "clinicapp://home"}),
            "clinicapp://home",
        ),
    ] {
        let answer = social.sign_in(&mut social.world.browser(), &body).await;
        answer.leads_to(leads_to);
    }
}

#[actix_web::test]
async fn a_program_can_open_the_address_by_itself() {
    let social = Social::new().await;
    let mut body = keycloak();
    body["disableRedirect"] = json!(true);
    body["scopes"] = json!(["calendar"]);
    body["loginHint"] = json!("ana@example.test");
    body["additionalParams"] = json!({"prompt": "login", "hd": "x y&state=z"});
    body["additionalData"] =
        json!({"callbackURL": "//evil.test", "codeVerifier": "mine", "link": {"userId": "x"}});
    let mut browser = social.world.browser();

    let answer = browser.post("/api/auth/sign-in/social", &body).await;

    assert_eq!(
        (answer.header("location"), &answer.body["redirect"]),
        (None, &json!(false))
    );
    let url = Url::parse(answer.body["url"].as_str().unwrap()).unwrap();
    let asked: Vec<_> = url.query_pairs().into_owned().collect();
    let of = |name: &str| {
        asked
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
    };
    assert!(
        of("scope")[0].split(' ').any(|scope| scope == "calendar"),
        "{asked:?}"
    );
    assert_eq!(
        (of("login_hint"), of("prompt"), of("hd"), of("state").len()),
        (vec!["ana@example.test"], vec!["login"], vec!["x y&state=z"], 1)
    );
    let back = path(&Url::parse(&social.provider.agree(url.as_str())).unwrap());
    browser.get(&back).await.leads_to("/welcome?x=1#top");
}

#[actix_web::test]
async fn on_https_the_cookie_is_for_https_alone() {
    let social = Social::at("https://clinic.test", Policy::default()).await;
    let begin = TestRequest::post()
        .uri("/api/auth/sign-in/social")
        .set_json(keycloak());
    let answer = social.world.send(begin).await;

    let [cookie] = &answer.cookies[..] else {
        panic!("{:?}", answer.cookies)
    };
    assert!(cookie.starts_with("__Secure-better-auth.state="), "{cookie}");
    assert!(
        cookie.ends_with("; Max-Age=300; Path=/; HttpOnly; Secure; SameSite=Lax"),
        "{cookie}"
    );

    let back = social.provider.agree(answer.body["url"].as_str().unwrap());
    let back = path(&Url::parse(&back).unwrap());
    let pair = cookie.split(';').next().unwrap();
    // The name without the prefix is not read.
    let plain = pair.strip_prefix("__Secure-").unwrap();
    for (cookie, leads_to) in [
        (plain, "/failed?a=1&error=state_mismatch#f"),
        (pair, "/welcome?x=1#top"),
    ] {
        let request = TestRequest::get().uri(&back).insert_header(("cookie", cookie));
        social.world.send(request).await.leads_to(leads_to);
    }
}

#[actix_web::test]
async fn who_comes_back_twice_is_not_signed_in_again() {
    let social = Social::new().await;
    let mut browser = social.world.browser();
    let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
    browser.get(&back).await.leads_to("/welcome?x=1#top");

    let answer = browser.get(&back).await;

    answer.leads_to(&format!("{BASE}/api/auth/error?error=state_mismatch"));
    assert!(answer.cookies.is_empty(), "{:?}", answer.cookies);
    assert!(browser.user().await.is_some());
    assert_eq!(social.rows().await, [1, 1, 1, 0]);
}

#[actix_web::test]
async fn a_sign_in_is_over_after_ten_minutes() {
    let social = Social::new().await;
    for (seconds, leads_to) in [
        (599, "/welcome?x=1#top"),
        (601, "/failed?a=1&error=state_mismatch#f"),
    ] {
        let mut browser = social.world.browser();
        let url = social.begin(&mut browser, "sign-in/social", &keycloak()).await;
        social.world.clock.advance(Duration::from_secs(seconds));
        let back = path(&Url::parse(&social.provider.agree(&url)).unwrap());

        let answer = browser.get(&back).await;

        let location = answer.header("location").unwrap();
        let page = format!("{BASE}/api/auth/error?error=state_mismatch");
        assert!(
            location == leads_to || (seconds > 600 && location == page),
            "{seconds}: {location}"
        );
    }
    assert_eq!(social.rows().await[..3], [1, 1, 1]);
}

/// Apple posts a form to us. It is a request of another site, to which a browser adds no cookie that is `Lax`.
#[actix_web::test]
async fn a_form_of_the_provider_signs_in_on_the_way_round() {
    let social = Social::new().await;
    let mut browser = social.world.browser();
    let back = social.agreed(&mut browser, "sign-in/social", &keycloak()).await;
    let (endpoint, form) = back.split_once('?').unwrap();
    let post = TestRequest::post()
        .uri(endpoint)
        .insert_header((CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .insert_header((ORIGIN, "https://appleid.apple.com"))
        .insert_header(("sec-fetch-site", "cross-site"))
        .insert_header(("sec-fetch-mode", "navigate"))
        .set_payload(form.to_owned());

    let posted = social.world.send(post).await;

    assert_eq!(posted.status, 302);
    assert!(posted.cookies.is_empty());
    assert_eq!(social.rows().await, [0, 0, 0, 1]);
    let again = path(&Url::parse(posted.header("location").unwrap()).unwrap());
    let answer = browser.get(&again).await;
    answer.leads_to("/welcome?x=1#top");
    signed_in(&answer);
}

#[actix_web::test]
async fn who_is_asked_to_prove_the_address_first_gets_a_mail_and_no_session() {
    let policy = Policy {
        require_verified_email: true,
        ..Policy::default()
    };
    let social = Social::at(BASE, policy).await;
    social
        .provider
        .is(json!({"sub": "2", "email": "bo@example.test", "email_verified": false, "name": "Bo"}));
    let mut browser = social.world.browser();

    let answer = social.sign_in(&mut browser, &keycloak()).await;

    answer.leads_to("/failed?a=1&error=email_not_verified#f");
    state_cleared(&answer);
    assert_eq!(social.rows().await[..3], [1, 1, 0]);
    let link = social.world.link().await;
    browser.get(&path(&link)).await;
    social
        .sign_in(&mut browser, &keycloak())
        .await
        .leads_to("/welcome?x=1#top");
}
