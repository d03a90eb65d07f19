//! The page that says what went wrong.

use crate::world::World;

const PAGE: &str = "/api/auth/error";

#[actix_web::test]
async fn a_person_reads_what_went_wrong() {
    let world = World::new().await;

    for (query, says, code) in [
        (
            "?error=INVALID_TOKEN",
            "This link is not valid any more.",
            "INVALID_TOKEN",
        ),
        ("?error=TOKEN_EXPIRED", "This link has expired.", "TOKEN_EXPIRED"),
        (
            "?error=state_mismatch&state=x",
            "Signing in was interrupted.",
            "state_mismatch",
        ),
        (
            "?error=account_not_linked",
            "Sign in as you did before, and link the other way",
            "account_not_linked",
        ),
        (
            "?error=access_denied&error_description=The+user+said+no",
            "access was refused there",
            "access_denied",
        ),
        (
            "?error=invalid_code",
            "tell whoever runs this service the code below",
            "invalid_code",
        ),
        (
            "?error=issuer_mismatch",
            "The provider that you wanted to sign in with did not answer as it should",
            "issuer_mismatch",
        ),
        (
            "?error=unable_to_create_user",
            "your name there has something in it",
            "unable_to_create_user",
        ),
        (
            "?error=Please-tell_42",
            "tell whoever runs this service",
            "Please-tell_42",
        ),
        ("?error=a&error=b", "tell whoever runs this service", "a"),
        ("?error=", "tell whoever runs this service", "UNKNOWN"),
        ("", "tell whoever runs this service", "UNKNOWN"),
    ] {
        let answer = world.browser().get(&format!("{PAGE}{query}")).await;
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(
            answer.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{query}"
        );
        assert!(answer.text.contains(says), "{query}: {}", answer.text);
        assert!(
            answer.text.contains(&format!("<code>{code}</code>")),
            "{query}: {}",
            answer.text
        );
        assert!(answer.cookies.is_empty());
    }
}

#[actix_web::test]
async fn the_page_runs_nothing_and_stands_in_no_frame() {
    let world = World::new().await;

    let answer = world.browser().get(PAGE).await;

    let policy = answer.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("script-src"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for tag in [
        "<script",
        "<img",
        "<iframe",
        "<form",
        "<link",
        "javascript:",
        "http",
    ] {
        // `http-equiv` would be a way around the headers.
        assert!(!answer.text.contains(tag), "{tag}");
    }
}
