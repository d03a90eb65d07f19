//! The page of development to try the providers on.

use actix_web::http::header::{HOST, HeaderName, ORIGIN};
use actix_web::test::TestRequest;
use url::Url;
use wardkeep_auth::mail::Mailbox;

use crate::letters::path;
use crate::social::Social;
use crate::world::{Answer, BASE, Browser};

const PAGE: &str = "/dev/sign-in";

async fn social() -> Social {
    let mut social = Social::new().await;
    social.world.state = social.world.state.clone().with_mailbox(Mailbox::new());
    social
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header((HOST, "clinic.test"))
}

fn press(path: &str) -> TestRequest {
    TestRequest::post().uri(path).insert_header((HOST, "clinic.test"))
}

/// What stands on the page for this browser.
async fn page(browser: &mut Browser<'_>) -> String {
    let answer = browser.send(get(PAGE)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

/// Where an answer leads.
fn leads_to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").unwrap()
}

#[actix_web::test]
async fn somebody_comes_through_a_provider_is_shown_and_leaves() {
    let social = social().await;
    let mut ana = social.world.browser();
    let before = page(&mut ana).await;
    assert!(before.contains("Nobody is signed in."), "{before}");
    assert!(before.contains("Sign in with keycloak</button>"), "{before}");

    let begun = ana.send(press("/dev/sign-in/keycloak")).await;
    let back = social.provider.agree(leads_to(&begun));
    let finished = ana.get(&path(&Url::parse(&back).unwrap())).await;
    assert_eq!(finished.header("location"), Some(PAGE));

    let shown = page(&mut ana).await;
    assert!(shown.contains("<li>keycloak</li>"), "{shown}");
    assert!(shown.contains("Link GitHub</button>"), "{shown}");
    assert!(!shown.contains("Link keycloak"), "{shown}");
    assert_eq!(leads_to(&ana.send(press("/dev/sign-out")).await), PAGE);
    assert!(page(&mut ana).await.contains("Nobody is signed in."));
    assert_eq!(social.world.count("session").await, 0);
}

#[actix_web::test]
async fn what_goes_wrong_is_said_on_the_page_and_is_no_markup() {
    let social = social().await;
    let mut ana = social.world.browser();

    let begun = ana.send(press("/dev/sign-in/none")).await;
    assert_eq!(leads_to(&begun), "/dev/sign-in?error=PROVIDER_NOT_FOUND");

    let answer = ana
        .send(get("/dev/sign-in?error=%3Cb%3E&error_description=%3Ci%3E"))
        .await;
    assert!(
        answer.text.contains("<code>&lt;b&gt;</code> &lt;i&gt;"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("<script"));
}

#[actix_web::test]
async fn what_went_wrong_is_said_as_the_error_page_says_it() {
    let social = social().await;
    let mut ana = social.world.browser();

    for code in ["access_denied", "account_not_linked", "state_mismatch"] {
        let page = ana.get(&format!("/api/auth/error?error={code}")).await.text;
        let sentence = page
            .split_once("<p>")
            .and_then(|(_, rest)| rest.split_once("</p>"));
        let (sentence, _) = sentence.unwrap();
        let shown = ana.send(get(&format!("{PAGE}?error={code}"))).await.text;
        let said = format!("It did not work. {sentence} <code>{code}</code>");
        assert!(shown.contains(&said), "{shown}");
    }
}

#[actix_web::test]
async fn a_page_elsewhere_signs_nobody_in_or_out() {
    let social = social().await;
    let ana = social.world.sign_up("ana.reyes@example.test").await;
    let site = HeaderName::from_static("sec-fetch-site");

    for path in ["/dev/sign-in/keycloak", "/dev/sign-out"] {
        let foreign = || press(path).insert_header((ORIGIN, "https://evil.example"));
        let hidden = press(path).insert_header((site.clone(), "cross-site"));
        let with_cookie = foreign().insert_header(("cookie", ana.header()));
        for request in [foreign(), hidden, with_cookie] {
            let answer = social.world.send(request).await;
            assert_eq!(answer.status, 403, "{path}: {}", answer.text);
            assert!(answer.cookies.is_empty(), "{:?}", answer.cookies);
        }
    }
    assert_eq!(social.rows().await, [1, 1, 1, 0]);
}

#[actix_web::test]
async fn it_is_there_under_our_own_name_and_beside_the_mailbox_alone() {
    let with_mailbox = social().await;
    let without = Social::new().await;
    let requests = || {
        ["/dev/sign-in/keycloak", "/dev/sign-out"]
            .map(|path| TestRequest::post().uri(path).insert_header((ORIGIN, BASE)))
    };

    for request in requests() {
        let rebound = request.insert_header((HOST, "rebound.example"));
        assert_eq!(with_mailbox.world.send(rebound).await.status, 404);
    }
    for request in requests() {
        let ours = request.insert_header((HOST, "clinic.test"));
        assert_eq!(without.world.send(ours).await.status, 404);
    }
    assert_eq!(with_mailbox.rows().await, [0, 0, 0, 0]);
    assert_eq!(without.rows().await, [0, 0, 0, 0]);
}
