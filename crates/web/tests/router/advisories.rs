//! What was published about Better Auth and touches what we have: one test for each, named for it. CVE-2026-110861 and
//! GHSA-p6v2-xcpg-h6xw are in `rate_limits`, open redirects in `open_redirects`.

use actix_web::http::header::{COOKIE, HOST, ORIGIN, REFERER};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;
use wardkeep_auth::Policy;

use crate::letters::{link_in, path, proof, signed, token};
use crate::redirects::{GOOD, bad};
use crate::world::{BASE, PASSWORD, World};

const ANA: &str = "ana@example.test";
pub(crate) const TRUSTED: [&str; 4] = [
    "https://*.clinic.test",
    "*.pages.test",
    "10.0.*",
    "clinicapp://home",
];

pub(crate) fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

#[actix_web::test]
async fn cve_2025_71404_the_error_page_reflects_nothing() {
    let world = World::new().await;
    let send = world.served().await;

    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg/onload=alert(1)>",
        "' onmouseover='alert(1)",
        "&lt;script&gt;",
        "&#60;script&#62;",
        "javascript:alert(1)",
        "http://evil.test/",
        "call 0900 123 456",
        "\u{ff1c}script\u{ff1e}",
        "A\u{0}B",
        "A\nB",
        "{{7*7}}",
        "${7*7}",
        "%3Cscript%3E",
        &"A".repeat(65),
    ] {
        for name in [
            "error",
            "error_description",
            "state",
            "message",
            "code",
            "callbackURL",
        ] {
            let page = format!("/api/auth/error?{name}={}", encoded(text));
            let answer = send(TestRequest::get().uri(&page)).await;
            assert_eq!(answer.status, 200);
            assert!(!answer.text.contains(text), "{name} {text:?}: {}", answer.text);
            assert!(answer.text.contains("<code>UNKNOWN</code>"), "{name} {text:?}");
        }
    }
}

/// CVE-2025-71403 and CVE-2025-53535: an origin that fits a pattern only at a glance.
async fn refuse_origins(headers: &[&str]) {
    let world = World::trusting(&TRUSTED).await;
    let mut ana = world.sign_up(ANA).await;
    let cookie = ana.header();
    let send = world.served().await;
    let from = |header: &'static str, origin: &str| {
        TestRequest::post()
            .uri("/api/auth/sign-out")
            .insert_header((COOKIE, cookie.as_str()))
            .insert_header((header, origin.as_bytes()))
            .set_json(json!({}))
    };
    let headers: Vec<&'static str> = headers
        .iter()
        .map(|name| {
            if *name == "origin" {
                ORIGIN.as_str()
            } else {
                REFERER.as_str()
            }
        })
        .collect();

    let sendable = |text: &&String| {
        text.bytes()
            .all(|byte| (0x20..0x7f).contains(&byte) || byte >= 0x80)
    };
    for origin in bad().iter().filter(sendable) {
        for &header in &headers {
            let answer = send(from(header, origin)).await;
            assert_eq!(answer.status, 403, "{header}: {origin}: {}", answer.text);
        }
    }
    // Every path is an address of a redirect, and none is an origin.
    for origin in ["/", "/dashboard", "//clinic.test"] {
        for &header in &headers {
            assert_eq!(send(from(header, origin)).await.status, 403, "{header}: {origin}");
        }
    }
    assert!(ana.user().await.is_some());
    let absolute = GOOD
        .iter()
        .filter(|page| !page.starts_with('/') && page.is_ascii());
    for origin in absolute {
        for &header in &headers {
            let answer = send(from(header, origin)).await;
            assert_eq!(answer.status, 200, "{header}: {origin}: {}", answer.text);
        }
    }
}

#[actix_web::test]
async fn cve_2025_71403_no_twin_of_a_trusted_origin_may_use_cookies() {
    refuse_origins(&["origin"]).await;
}

#[actix_web::test]
async fn cve_2025_53535_no_page_of_a_twin_may_use_cookies() {
    refuse_origins(&["referer"]).await;
}

#[actix_web::test]
async fn cve_2026_110862_a_token_of_one_purpose_is_none_of_another() {
    let world = World::under(Policy {
        confirm_deletion: true,
        ..Policy::default()
    })
    .await;
    let mut ana = world.sign_up(ANA).await;
    let new = json!({"newEmail": "ana@new.test"});
    for (endpoint, form) in [
        ("request-password-reset", json!({ "email": ANA })),
        ("delete-user", json!({})),
        ("send-verification-email", json!({ "email": ANA })),
        ("change-email", new),
    ] {
        let answer = ana.post(&format!("/api/auth/{endpoint}"), &form).await;
        assert_eq!(answer.status, 200, "{endpoint}: {}", answer.text);
    }
    let mails = world.mails().await;
    let of = |part: &str| {
        let found = mails.iter().find(|mail| mail.subject.contains(part));
        token(&link_in(found.unwrap()))
    };
    let tokens = [
        ("reset", of("Reset")),
        ("delete", of("deleted")),
        ("prove", of("Confirm your e-mail")),
        ("change", of("new e-mail")),
        ("session", ana.cookies[0].1.split('.').next().unwrap().to_owned()),
        (
            "handle",
            ana.get("/api/auth/get-session").await.body["session"]["token"]
                .as_str()
                .unwrap()
                .to_owned(),
        ),
    ];

    for (purpose, token) in &tokens {
        if *purpose != "reset" {
            let form = json!({"token": token, "newPassword": "another correct horse"});
            ana.post("/api/auth/reset-password", &form)
                .await
                .refused(400, "INVALID_TOKEN");
            ana.get(&format!("/api/auth/reset-password/{token}?callbackURL=/r"))
                .await
                .leads_to(&format!("{BASE}/r?error=INVALID_TOKEN"));
        }
        if *purpose != "delete" {
            ana.post("/api/auth/delete-user", &json!({ "token": token }))
                .await
                .refused(404, "INVALID_TOKEN");
            ana.get(&format!("/api/auth/delete-user/callback?token={token}"))
                .await
                .refused(404, "INVALID_TOKEN");
        }
        if !matches!(*purpose, "prove" | "change") {
            ana.get(&format!("/api/auth/verify-email?token={token}"))
                .await
                .refused(401, "INVALID_TOKEN");
        }
        if *purpose != "session" {
            for cookie in [token.clone(), world.state.auth().secrets().seal(token)] {
                let with = TestRequest::get()
                    .uri("/api/auth/get-session")
                    .insert_header((COOKIE, format!("better-auth.session_token={cookie}")));
                assert_eq!(world.send(with).await.text, "null", "{purpose}");
            }
        }
    }
    let session = ana.get("/api/auth/get-session").await;
    assert_eq!(session.body["user"]["email"], ANA);
    assert_eq!(session.body["user"]["emailVerified"], false);
}

/// The other half: claims that a secret of ours signed for something else, and a change that says it is a proof.
#[actix_web::test]
async fn cve_2026_110862_claims_of_another_purpose_prove_nothing() {
    let world = World::new().await;
    let mut ana = world.sign_up(ANA).await;
    let user = ana.user().await.unwrap();
    ana.post("/api/auth/change-email", &json!({"newEmail": "ana@new.test"}))
        .await;
    let change = world.link().await;

    for claims in [
        json!({"requestType": "sign-in"}),
        json!({"requestType": "change-email-verification"}),
        json!({"requestType": "change-email-confirmation", "updateTo": "x@new.test", "userId": user}),
        json!({"updateTo": "x@new.test", "userId": user}),
        json!({"updateTo": "x@new.test", "requestType": "change-email-verification"}),
        // No stamp of the password that the user has.
        json!({"updateTo": "x@new.test", "userId": user, "requestType": "change-email-verification"}),
        json!({"updateTo": "x@new.test", "userId": user, "requestType": "change-email-verification", "stamp": "x"}),
    ] {
        ana.get(&proof(ANA, &claims)).await.refused(401, "INVALID_TOKEN");
    }
    // A cached session of Better Auth as a JSON Web Token is signed with the same secret.
    let session = signed(&json!({"session": {"userId": user}, "user": {"email": ANA}, "exp": 1_900_000_000}));
    ana.get(&format!("/api/auth/verify-email?token={session}"))
        .await
        .refused(401, "INVALID_TOKEN");
    // The link to the new address proves nothing about the old one.
    let current = ana.get("/api/auth/get-session").await;
    assert_eq!(current.body["user"]["emailVerified"], false);
    ana.get(&path(&change)).await.leads_to("/");
    let current = ana.get("/api/auth/get-session").await;
    assert_eq!(current.body["user"]["emailVerified"], false);
    assert_eq!(current.body["user"]["email"], "ana@new.test");
}

#[actix_web::test]
async fn ghsa_2vg6_77g8_24mp_no_session_survives_its_user() {
    let world = World::new().await;
    let other = world.beside().await;
    let mut here = world.sign_up(ANA).await;
    let mut there = world.sign_in(ANA, true).await;
    let mut at_the_other = other.sign_in(ANA, false).await;
    let mut copy = other.browser();
    copy.cookies.clone_from(&here.cookies);
    for browser in [&mut there, &mut at_the_other, &mut copy] {
        assert!(browser.user().await.is_some());
    }

    let answer = here.post("/api/auth/delete-user", &json!({})).await;

    assert_eq!(answer.status, 200);
    for browser in [&mut there, &mut at_the_other, &mut copy] {
        let answer = browser.get("/api/auth/list-accounts").await;
        answer.refused(401, "UNAUTHORIZED");
        answer.clears_cookies();
    }
    assert_eq!(world.count("session").await, 0);
}

#[actix_web::test]
async fn cve_2025_71401_no_request_says_where_the_server_is() {
    const FORGED: [(&str, &str); 7] = [
        ("host", "evil.test"),
        ("x-forwarded-host", "evil.test"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "8443"),
        ("x-forwarded-prefix", "//evil.test"),
        ("x-original-host", "evil.test"),
        ("forwarded", "host=evil.test;proto=https"),
    ];
    let world = World::under(Policy {
        confirm_deletion: true,
        ..Policy::default()
    })
    .await;
    let forged = |request: TestRequest| {
        FORGED
            .iter()
            .fold(request, |request, header| request.insert_header(*header))
    };
    // The very first request that this server gets.
    let first = world.send(forged(TestRequest::get().uri("/api/auth/ok"))).await;
    assert_eq!(first.status, 200);
    let mut ana = world.sign_up(ANA).await;
    let post = |endpoint: &str, form: Value| {
        let request = TestRequest::post().uri(&format!("/api/auth/{endpoint}"));
        forged(request.set_json(form))
    };

    for _ in 0..2 {
        for (endpoint, form) in [
            (
                "request-password-reset",
                json!({"email": ANA, "redirectTo": "/r"}),
            ),
            ("send-verification-email", json!({ "email": ANA })),
            ("change-email", json!({"newEmail": "ana@new.test"})),
            ("delete-user", json!({})),
        ] {
            let answer = ana.send(post(endpoint, form)).await;
            assert_eq!(answer.status, 200, "{endpoint}: {}", answer.text);
            // Asserts the origin.
            world.link().await;
        }
        for (path, expected) in [
            (
                "/api/auth/reset-password/x?callbackURL=/r",
                "/r?error=INVALID_TOKEN",
            ),
            (
                "/api/auth/reset-password/x?callbackURL=",
                "/api/auth/error?error=INVALID_TOKEN",
            ),
            ("/api/auth/callback/x", "/api/auth/error?error=state_not_found"),
        ] {
            let answer = world.send(forged(TestRequest::get().uri(path))).await;
            answer.leads_to(&format!("{BASE}{expected}"));
        }
    }
    // Nor is the page trusted that it claims to be, and the cookies stay those of the configured scheme.
    let evil = post("sign-out", json!({"callbackURL": "https://evil.test/"}));
    world.send(evil).await.refused(403, "INVALID_CALLBACK_URL");
    let opaque = post("sign-out", json!({}))
        .insert_header((COOKIE, ana.header()))
        .insert_header((ORIGIN, "null"))
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header((HOST, "evil.test"));
    world.send(opaque).await.refused(403, "INVALID_ORIGIN");
    let form = json!({"email": ANA, "password": PASSWORD});
    let signed_in = world.send(post("sign-in/email", form)).await;
    signed_in.session_cookie();
}
