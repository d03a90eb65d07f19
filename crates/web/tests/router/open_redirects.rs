//! A redirect leads to trusted pages alone: through a link and through a form, whatever is asked for.

use actix_web::http::header::COOKIE;
use actix_web::test::TestRequest;
use serde_json::json;
use url::Url;

use crate::advisories::{TRUSTED, encoded};
use crate::letters::{path, proof};
use crate::redirects::{GOOD, bad};
use crate::social::Social;
use crate::world::{Answer, BASE, PASSWORD, World};

const ANA: &str = "ana@example.test";

/// Where a browser goes that gets this `Location` from the server.
fn destination(answer: &Answer) -> Option<Url> {
    let location = answer.header("location")?;
    assert!(location.is_ascii(), "{location}");
    Some(Url::parse(BASE).unwrap().join(location).unwrap())
}

/// Every origin that is trusted, told in another way than the server tells it.
fn is_trusted(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match (url.scheme(), url.port()) {
        ("http", None) => host == "clinic.test" || host.ends_with(".pages.test") || host.starts_with("10.0."),
        ("https", None) => host.ends_with(".clinic.test") || host.ends_with(".pages.test"),
        ("clinicapp", None) => host == "home",
        _ => false,
    }
}

fn refused(answer: &Answer, what: &str) {
    let status = answer.status.as_u16();
    assert!(matches!(status, 400 | 403), "{status} {what}: {}", answer.text);
    assert_eq!(answer.header("location"), None, "{what}");
    assert!(answer.cookies.is_empty(), "{what}");
}

/// The links that redirect, each with a token that is none and where it can be with one that is.
fn links() -> [String; 5] {
    [
        proof("nobody@example.test", &json!({})),
        proof(ANA, &json!({})),
        "/api/auth/verify-email?token=abc".to_owned(),
        "/api/auth/reset-password/abc?x=1".to_owned(),
        "/api/auth/delete-user/callback?token=abc".to_owned(),
    ]
}

#[actix_web::test]
async fn cve_2024_56734_no_link_leads_to_another_site() {
    let world = World::trusting(&TRUSTED).await;
    let ana = world.sign_up(ANA).await;
    let send = world.served().await;

    for page in bad() {
        for link in links() {
            let link = format!("{link}&callbackURL={}", encoded(&page));
            let with_cookie = TestRequest::get()
                .uri(&link)
                .insert_header((COOKIE, ana.header()));
            for request in [TestRequest::get().uri(&link), with_cookie] {
                let answer = send(request).await;
                refused(&answer, &format!("{page:?}"));
                answer.refused(403, "INVALID_CALLBACK_URL");
            }
        }
    }
}

#[actix_web::test]
async fn cve_2025_27143_no_field_and_no_query_names_another_site() {
    let world = World::trusting(&TRUSTED).await;
    let send = world.served().await;
    let document = serde_json::to_value(wardkeep_web::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let posted: Vec<_> = paths
        .iter()
        .filter(|(path, item)| path.starts_with("/api/auth/") && item["post"].is_object())
        .map(|(path, _)| path.replace("{id}", "x"))
        .collect();
    assert!(posted.len() > 20, "{posted:?}");

    for page in bad() {
        for path in &posted {
            let query = format!("{path}?callbackURL={}", encoded(&page));
            let answer = send(TestRequest::post().uri(&query).set_json(json!({}))).await;
            refused(&answer, &format!("{page:?} in the query of {path}"));
            // The only one that reads no body at all.
            if path.ends_with("/get-session") {
                continue;
            }
            for field in [
                "callbackURL",
                "redirectTo",
                "errorCallbackURL",
                "newUserCallbackURL",
            ] {
                let body = json!({ field: page });
                let answer = send(TestRequest::post().uri(path).set_json(body)).await;
                refused(&answer, &format!("{page:?} as {field} of {path}"));
            }
        }
    }
}

#[actix_web::test]
async fn whatever_is_answered_leads_to_a_trusted_page() {
    let world = World::trusting(&TRUSTED).await;
    world.sign_up(ANA).await;
    let send = world.served().await;

    for page in GOOD {
        let intended = Url::parse(BASE).unwrap().join(page).unwrap();
        assert!(is_trusted(&intended), "{page}");
        for link in &links()[..4] {
            let answer = send(TestRequest::get().uri(&format!("{link}&callbackURL={}", encoded(page)))).await;
            assert_eq!(answer.status, 302, "{page}: {}", answer.text);
            let destination = destination(&answer).unwrap();
            assert_eq!(
                (
                    destination.origin().ascii_serialization(),
                    destination.host_str(),
                    destination.path()
                ),
                (
                    intended.origin().ascii_serialization(),
                    intended.host_str(),
                    intended.path()
                ),
                "{page}"
            );
            assert_eq!(destination.fragment(), intended.fragment(), "{page}");
        }
        let form = json!({"email": ANA, "password": PASSWORD, "callbackURL": page});
        let answer = send(TestRequest::post().uri("/api/auth/sign-in/email").set_json(form)).await;
        assert_eq!((answer.status.as_u16(), &answer.body["url"]), (200, &json!(page)));
        assert_eq!(destination(&answer).unwrap(), intended, "{page}");
        for body in [
            json!({"email": ANA, "redirectTo": page}),
            json!({"email": ANA, "errorCallbackURL": page, "newUserCallbackURL": page}),
        ] {
            let post = TestRequest::post().uri("/api/auth/request-password-reset");
            assert_eq!(send(post.set_json(body)).await.status, 200, "{page}");
        }
    }
}

/// The same through a provider, where the browser comes from another site.
#[actix_web::test]
async fn whoever_comes_from_a_provider_is_led_to_a_trusted_page() {
    let social = Social::new().await;
    for page in GOOD {
        let intended = Url::parse(BASE).unwrap().join(page).unwrap();
        let body = json!({
            "provider": "keycloak", "callbackURL": page, "newUserCallbackURL": page, "errorCallbackURL": page,
        });
        for agrees in [true, false] {
            let mut browser = social.world.browser();
            let url = social.begin(&mut browser, "sign-in/social", &body).await;
            let back = if agrees {
                social.provider.agree(&url)
            } else {
                social.provider.refuse(&url)
            };
            let answer = browser.get(&path(&Url::parse(&back).unwrap())).await;
            assert_eq!(answer.status, 302, "{page}: {}", answer.text);
            let destination = destination(&answer).unwrap();
            assert!(is_trusted(&destination), "{page}: {destination}");
            assert_eq!(
                (destination.host_str(), destination.path(), destination.fragment()),
                (intended.host_str(), intended.path(), intended.fragment()),
                "{page}"
            );
            assert_eq!(agrees, destination == intended, "{page}: {destination}");
        }
    }
}
