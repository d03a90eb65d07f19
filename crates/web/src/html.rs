//! Pages for a person: plain HTML, which runs no script, loads nothing and stands in no frame.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};

/// A page with this title and body; the body is HTML already, without forms.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> HttpResponse {
    shell(status, title, body, "'none'")
}

/// The same with forms, which lead to this server alone.
pub(crate) fn page_with_forms(status: StatusCode, title: &str, body: &str) -> HttpResponse {
    shell(status, title, body, "'self'")
}

/// The same with forms of this server that answer by leading elsewhere: a browser checks where a form leads in the end
/// (Content Security Policy Level 3, "form-action").
pub(crate) fn page_with_forms_that_lead_away(status: StatusCode, title: &str, body: &str) -> HttpResponse {
    shell(status, title, body, "*")
}

/// The referrer policy is the strictest that leaves a form its `Origin` (Fetch Standard, "append a request `Origin`
/// header"), and keeps the address of the page, in which an invitation's id may stand, from other sites.
fn shell(status: StatusCode, title: &str, body: &str, forms: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((
            CONTENT_SECURITY_POLICY,
            format!(
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
            ),
        ))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(format!(
            "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; }}
code {{ color: #666; }}
form {{ margin: 1rem 0; }}
label {{ display: block; margin: .5rem 0; }}
input {{ display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .3rem; }}
button {{ font: inherit; padding: .3rem 1rem; }}
[role=alert] {{ border-left: .25rem solid #b00; padding-left: .75rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}</body>
</html>
",
            title = escaped(title),
        ))
}

/// Text as HTML shows it, in an element or an attribute in quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
