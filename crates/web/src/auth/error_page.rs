use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get};

use crate::html;

/// The codes that a person can do something about, and what to say of them.
const EXPLAINED: &[(&str, &str)] = &[
    (
        "INVALID_TOKEN",
        "This link is not valid any more. It may have been used already; ask for a new one.",
    ),
    ("TOKEN_EXPIRED", "This link has expired. Ask for a new one."),
    ("USER_NOT_FOUND", "There is no account for this link any more."),
    (
        "INVALID_USER",
        "This link belongs to another account than the one you are signed in with. Sign out and open it again.",
    ),
    ("state_not_found", INTERRUPTED),
    ("state_mismatch", INTERRUPTED),
    ("no_code", INTERRUPTED),
    ("invalid_code", NOT_ANSWERED),
    ("unable_to_get_user_info", NOT_ANSWERED),
    ("issuer_missing", NOT_ANSWERED),
    ("issuer_mismatch", NOT_ANSWERED),
    ("server_error", NOT_ANSWERED),
    ("temporarily_unavailable", NOT_ANSWERED),
    (
        "internal_server_error",
        "Something went wrong here. Please try again in a minute.",
    ),
    (
        "access_denied",
        "You were not signed in, because access was refused there. If that was a mistake, start again and agree.",
    ),
    (
        "account_not_linked",
        "There is an account with your e-mail address already. Sign in as you did before, and link the other way of \
         signing in there, in the settings of your account.",
    ),
    (
        "email_not_found",
        "The provider that you signed in with gave us no e-mail address. Allow it there to share your address, and start again.",
    ),
    (
        "email_not_verified",
        "Your e-mail address must be confirmed first. We have sent you a mail: open its link, then sign in.",
    ),
    (
        "signup_disabled",
        "There is no account for you yet, and none is made this way. Sign up first, or ask whoever runs this service.",
    ),
    (
        "unable_to_create_user",
        "No account could be made for you: your name there has something in it that cannot be kept. Change it, and start \
         again.",
    ),
    (
        "email_does_not_match",
        "It was not linked: the e-mail address there is another one than that of your account.",
    ),
    (
        "account_already_linked_to_different_user",
        "It was not linked: it belongs to another account here already.",
    ),
    (
        "unable_to_link_account",
        "It was not linked. Sign in again, make sure that your e-mail address is confirmed on the other side, and try \
         once more.",
    ),
    (
        "oauth_provider_not_found",
        "This way of signing in is not offered any more. Please take another one.",
    ),
];

const INTERRUPTED: &str = "Signing in was interrupted. Please start again.";

const NOT_ANSWERED: &str = "The provider that you wanted to sign in with did not answer as it should. Please start \
     again; if it happens again, tell whoever runs this service the code below, and take another way of signing in.";

const OTHERWISE: &str =
    "Please go back and try again. If it happens again, tell whoever runs this service the code below.";

/// A page that says what went wrong, for somebody whose link led nowhere. Public.
///
/// Nothing of the query is shown but a code of plain letters and digits (CVE-2025-71404); the page runs no script, loads
/// nothing and stands in no frame.
#[utoipa::path(
    tag = "auth",
    operation_id = "errorPage",
    params(("error" = Option<String>, Query, description = "The code")),
    responses((status = 200, content_type = "text/html", body = String, description = "The page")),
)]
#[get("/error")]
pub(super) async fn error_page(request: HttpRequest) -> HttpResponse {
    let code = url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "error")
        .map(|(_, code)| code.into_owned())
        .filter(|code| is_code(code))
        .unwrap_or_else(|| "UNKNOWN".to_owned());
    let text = explained(&code).unwrap_or(OTHERWISE);
    let body =
        format!("<p>{text}</p>\n<p><code>{code}</code></p>\n<p><a href=\"/\">Go to the start page</a></p>\n");
    html::page(StatusCode::OK, "Something went wrong", &body)
}

/// What to say of a code to a person who can do something about it.
pub(crate) fn explained(code: &str) -> Option<&'static str> {
    let found = EXPLAINED.iter().find(|(known, _)| *known == code);
    found.map(|(_, text)| *text)
}

fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}
