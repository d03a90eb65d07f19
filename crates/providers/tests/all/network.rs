//! What is reached, and what may come back.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};
use wardkeep_providers::{Authorization, Limits, ProviderError, Providers, Settings};
use wardkeep_testkit::{Endpoint, FakeProvider, Misbehaviour, clock};

use crate::support::{NOW, World, ana, github, merged, open_id, providers_within, unavailable};

const OPEN_ID: [Endpoint; 4] = [
    Endpoint::Discovery,
    Endpoint::Keys,
    Endpoint::Token,
    Endpoint::Userinfo,
];

/// Each endpoint of both kinds with somebody for whom it is asked.
async fn each_endpoint() -> Vec<(Endpoint, World)> {
    let mut all = Vec::new();
    for endpoint in OPEN_ID {
        let world = open_id().await;
        world.fake.claims(json!({"email": null}));
        all.push((endpoint, world));
    }
    for endpoint in [Endpoint::Token, Endpoint::Userinfo, Endpoint::Emails] {
        all.push((endpoint, github().await));
    }
    all
}

/// The whole sign-in, whatever goes wrong first.
async fn failed(world: &World) -> ProviderError {
    match world.authorization().await {
        Err(error) => error,
        Ok(_) => world.sign_in().await.unwrap_err(),
    }
}

#[tokio::test]
async fn each_endpoint_is_asked() {
    for (endpoint, world) in each_endpoint().await {
        let identity = world.sign_in().await.unwrap();
        assert_eq!(
            identity.profile.email.as_deref(),
            Some("ana@example.test"),
            "{endpoint:?}"
        );
    }
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let elsewhere = FakeProvider::start(clock()).await;
    elsewhere.is(ana());
    for (endpoint, world) in each_endpoint().await {
        let to = format!("{}/token", elsewhere.base());
        world.fake.misbehaves(endpoint, Misbehaviour::Redirect(to));

        let why = failed(&world).await.to_string();

        assert!(
            why.contains("redirects elsewhere") && why.contains("configure the final address"),
            "{why}"
        );
    }
    assert_eq!(elsewhere.heard(), []);
}

#[tokio::test]
async fn an_answer_without_an_end_is_left() {
    for (endpoint, world) in each_endpoint().await {
        for how in [Misbehaviour::Endless, Misbehaviour::Huge(256 * 1024 + 1)] {
            world.fake.misbehaves(endpoint, how);

            let why = failed(&world).await.to_string();

            assert!(
                why.contains("answers with more than 262144 bytes"),
                "{endpoint:?}: {why}"
            );
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_is_silent_is_left() {
    for (endpoint, world) in each_endpoint().await {
        world.fake.misbehaves(endpoint, Misbehaviour::Silent);

        let why = failed(&world).await.to_string();

        assert!(why.contains("does not answer in time"), "{endpoint:?}: {why}");
    }
}

#[tokio::test]
async fn a_page_is_no_answer() {
    for (endpoint, world) in each_endpoint().await {
        world.fake.misbehaves(endpoint, Misbehaviour::Page);

        let why = failed(&world).await.to_string();

        assert!(why.contains("something other than JSON"), "{endpoint:?}: {why}");
    }
}

#[tokio::test]
async fn an_endpoint_in_trouble_makes_nobody_known() {
    for (endpoint, world) in each_endpoint().await {
        if endpoint == Endpoint::Emails {
            continue;
        }
        world
            .fake
            .misbehaves(endpoint, Misbehaviour::Status(503, json!({"error": "later"})));
        failed(&world).await;
    }
}

#[tokio::test]
async fn a_provider_that_is_gone_is_not_available() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let settings = json!({"own": {
        "issuer": format!("http://127.0.0.1:{port}"), "clientId": "c", "clientSecret": "s", "allowPrivateAddresses": true,
    }});

    let why = unavailable(authorization(&providers_within(&settings, Limits::default())).await);

    assert!(
        why.contains(&format!(
            "http://127.0.0.1:{port}/.well-known/openid-configuration"
        )),
        "{why}"
    );
}

#[tokio::test]
async fn a_private_address_behind_a_name_is_not_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let settings = json!({"own": {
        "issuer": format!("https://localhost:{port}"), "clientId": "c", "clientSecret": "s",
    }});

    let why = unavailable(authorization(&providers_within(&settings, Limits::default())).await);

    assert!(why.contains("private or special"), "{why}");
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_private_address_may_be_allowed() {
    let fake = FakeProvider::start(clock()).await;
    let by_name = fake.base().replace("127.0.0.1", "localhost");
    fake.misbehaves(
        Endpoint::Discovery,
        Misbehaviour::Says(json!({"issuer": by_name})),
    );
    let settings = merged(fake.open_id(), json!({"issuer": by_name}));
    let limits = Limits {
        connect: Duration::from_secs(2),
        request: Duration::from_secs(2),
    };

    authorization(&providers_within(&json!({"own": settings}), limits))
        .await
        .unwrap();
}

#[test]
fn a_private_address_itself_is_refused_when_the_settings_are_read() {
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[fd00::1]",
    ] {
        let settings: Value =
            json!({"own": {"issuer": format!("https://{host}/"), "clientId": "c", "clientSecret": "s"}});
        let refused = Settings::read(&settings.to_string()).unwrap_err().to_string();
        assert!(
            refused.contains("private or special") && refused.contains("allowPrivateAddresses"),
            "{host}: {refused}"
        );
    }
}

async fn authorization(providers: &Providers) -> Result<url::Url, ProviderError> {
    let none = std::collections::BTreeMap::new();
    let asked = Authorization {
        redirect_uri: "https://app.example/",
        state: "s",
        nonce: "n",
        code_verifier: "v",
        scopes: &[],
        login_hint: None,
        additional: &none,
    };
    providers.get("own").unwrap().authorization_url(&asked, NOW).await
}
