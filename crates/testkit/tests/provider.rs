//! The provider of the tests does as a provider should, or a test of whoever talks with it says nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use serde_json::{Value, json};
use url::Url;
use wardkeep_testkit::{Endpoint, FakeProvider, Misbehaviour, clock};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BACK: &str = "http://127.0.0.1:1/callback";

async fn provider() -> FakeProvider {
    let provider = FakeProvider::start(clock()).await;
    provider.is(json!({"sub": "7", "email": "ana@example.test", "email_verified": true}));
    provider
}

fn code(provider: &FakeProvider) -> String {
    let mut url = Url::parse(&format!("{}/authorize", provider.base())).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", FakeProvider::CLIENT_ID),
        ("redirect_uri", BACK),
        ("state", "s"),
        ("scope", "openid"),
        ("nonce", "n"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let back = Url::parse(&provider.agree(url.as_str())).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1;
    code.into_owned()
}

/// Asks as the client, and gives the status and the body.
fn ask(provider: &FakeProvider, form: &[(&str, &str)]) -> (u16, Value) {
    let client = [
        ("client_id", FakeProvider::CLIENT_ID),
        ("client_secret", FakeProvider::CLIENT_SECRET),
        ("redirect_uri", BACK),
    ];
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent();
    let form = client.into_iter().chain(form.iter().copied());
    let mut answer = agent
        .post(format!("{}/token", provider.base()))
        .send_form(form)
        .unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

#[tokio::test]
async fn a_code_works_once_and_with_its_verifier_alone() {
    let provider = provider().await;
    let exchange = |code: &str, verifier: &str| {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
        ];
        ask(&provider, &form)
    };

    assert_eq!(exchange(&code(&provider), "another").0, 400);
    let code = code(&provider);
    let (status, tokens) = exchange(&code, VERIFIER);
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["id_token"].as_str().unwrap().split('.').count(), 3);
    assert_eq!(exchange(&code, VERIFIER).0, 400);
}

#[tokio::test]
async fn a_refresh_token_that_is_used_again_takes_the_grant_with_it() {
    let provider = provider().await;
    let code = code(&provider);
    let exchange = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let first = ask(&provider, &exchange).1["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let refresh = |token: &str| {
        ask(
            &provider,
            &[("grant_type", "refresh_token"), ("refresh_token", token)],
        )
    };

    let second = refresh(&first).1["refresh_token"].as_str().unwrap().to_owned();
    assert!(provider.knows_refresh_token(&second) && !provider.knows_refresh_token(&first));
    assert_eq!(refresh(&first).0, 400);
    assert_eq!(refresh(&second).0, 400);
    assert_eq!(provider.times_heard("/token"), 4);
}

#[tokio::test]
async fn it_misbehaves_until_it_is_told_to_behave() {
    let provider = provider().await;
    let keys = || {
        ureq::get(format!("{}/keys", provider.base()))
            .call()
            .map(|answer| answer.status().as_u16())
    };

    provider.misbehaves(Endpoint::Keys, Misbehaviour::Status(500, json!({})));
    assert!(keys().is_err());
    provider.behaves();
    assert_eq!(keys().unwrap(), 200);
}
