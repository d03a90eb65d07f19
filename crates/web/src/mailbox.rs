//! The mails of development, for a person and for a program. Not in the OpenAPI document: it is not there in use.

use std::fmt::Write as _;

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{self, Json};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use wardkeep_auth::mail::{Letter, Mailbox};

use crate::error::{ApiError, ApiResult};
use crate::html::escaped;
use crate::{State, state, time_format};

/// Nothing but text: no script, no picture, no form.
const POLICY: [(HeaderName, HeaderValue); 3] = [
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/dev/mailbox", web::get().to(page))
        .route("/dev/mailbox.json", web::get().to(json));
}

#[derive(Serialize)]
struct LetterView {
    to: String,
    subject: String,
    text: String,
    #[serde(serialize_with = "time_format::serialize")]
    at: time::OffsetDateTime,
}

impl From<Letter> for LetterView {
    fn from(letter: Letter) -> Self {
        Self {
            to: letter.mail.to.to_string(),
            subject: letter.mail.subject,
            text: letter.mail.text,
            at: letter.at,
        }
    }
}

/// The mails, the newest first, for a person. Public, on this machine.
async fn page(request: HttpRequest) -> ApiResult<HttpResponse> {
    let mut response = HttpResponse::Ok();
    for header in POLICY {
        response.insert_header(header);
    }
    Ok(response
        .content_type("text/html; charset=utf-8")
        .body(html(&letters(&request)?)))
}

/// The mails, the newest first, for a program. Public, on this machine.
async fn json(request: HttpRequest) -> ApiResult<Json<Vec<LetterView>>> {
    Ok(Json(
        letters(&request)?.into_iter().map(LetterView::from).collect(),
    ))
}

fn letters(request: &HttpRequest) -> ApiResult<Vec<Letter>> {
    let mailbox = for_this_machine(request)?.mailbox();
    mailbox.map(Mailbox::letters).ok_or_else(ApiError::not_found)
}

/// The state where the mailbox of development is, for requests to our own address only: a page of another site can have its
/// name lead here (DNS rebinding), and would read the answer. Nothing is found otherwise.
pub(crate) fn for_this_machine(request: &HttpRequest) -> ApiResult<&State> {
    let state = state::of(request)?;
    let own = state.origins().base().authority();
    let asked = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    if state.mailbox().is_some() && asked.is_some_and(|asked| asked.eq_ignore_ascii_case(own)) {
        Ok(state)
    } else {
        Err(ApiError::not_found())
    }
}

fn html(letters: &[Letter]) -> String {
    let mut page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mailbox</title></head><body>\n\
                    <h1>Mailbox</h1>\n"
        .to_owned();
    if letters.is_empty() {
        page.push_str("<p>No mail yet. Reload to look again.</p>\n");
    }
    for letter in letters {
        let (mail, at) = (&letter.mail, time_format::text(letter.at).unwrap_or_default());
        // Writing to a String does not fail.
        let _ = write!(
            page,
            "<article>\n<h2>{}</h2>\n<p>To {}, {}</p>\n<pre>{}</pre>\n</article>\n",
            escaped(&mail.subject),
            escaped(mail.to.as_str()),
            escaped(&at),
            linked(&mail.text)
        );
    }
    page.push_str("</body></html>\n");
    page
}

/// Words that are web addresses become links; nothing else becomes anything.
fn linked(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let address = word.trim_end();
            if address.starts_with("https://") || address.starts_with("http://") {
                let (address, space) = (
                    escaped(address),
                    escaped(word.get(address.len()..).unwrap_or_default()),
                );
                format!("<a href=\"{address}\">{address}</a>{space}")
            } else {
                escaped(word)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn only_web_addresses_become_links_and_everything_is_escaped() {
        assert_eq!(
            linked("See\nhttps://clinic.test/?a=1&b=\"2\"\nor javascript:alert(1) <b>"),
            "See\n<a href=\"https://clinic.test/?a=1&amp;b=&quot;2&quot;\">https://clinic.test/?a=1&amp;b=&quot;2&quot;</a>\n\
             or javascript:alert(1) &lt;b&gt;"
        );
    }
}
