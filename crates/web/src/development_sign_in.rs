//! A page of development to try the providers on: it says who is signed in, and leads to each provider. Without script. Not in
//! the OpenAPI document: it is there only where the mailbox of development is.

use std::fmt::Write as _;

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{self, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use wardkeep_auth::accounts;
use wardkeep_auth::providers::{self, Begin, ProviderSignInError};
use wardkeep_auth::sessions;
use wardkeep_tenancy::{Asked, Fault as _};

use crate::auth::explained;
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{ApiError, ApiResult};
use crate::html::{escaped, page_with_forms_that_lead_away};
use crate::mailbox::for_this_machine;
use crate::session::{CurrentSession, find};

const PATH: &str = "/dev/sign-in";

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .route(PATH, web::get().to(page))
        .route("/dev/sign-in/{provider}", web::post().to(begin))
        .route("/dev/sign-out", web::post().to(end));
}

/// What a sign-in that went wrong says.
#[derive(Deserialize)]
struct Outcome {
    error: Option<String>,
    error_description: Option<String>,
}

/// Who is signed in, and a button for each provider. Public, on this machine.
async fn page(Query(outcome): Query<Outcome>, request: HttpRequest) -> ApiResult<HttpResponse> {
    let state = for_this_machine(&request)?;
    let session = find(&request, Asked::Active).await?;
    let mut body = outcome.told();
    let mut linked = Vec::new();
    match &session {
        Some(session) => {
            let accounts = accounts::list(state.database(), session.context(), session.user.id)
                .await
                .map_err(ApiError::from)?;
            linked.extend(accounts.rows.into_iter().map(|account| account.provider_id));
            body.push_str(&who(session, &linked));
        }
        None => body.push_str("<p>Nobody is signed in.</p>\n"),
    }
    let does = if session.is_some() { "Link" } else { "Sign in with" };
    for provider in state.auth().providers().iter() {
        if !linked.iter().any(|linked| linked == provider.id()) {
            body.push_str(&button(
                &format!("{PATH}/{}", provider.id()),
                does,
                provider.name(),
            ));
        }
    }
    if state.auth().providers().iter().next().is_none() {
        body.push_str("<p>No provider is configured: see docs/providers.md, or run <code>cargo xtask dev --with-oidc</code>.</p>\n");
    }
    Ok(page_with_forms_that_lead_away(
        StatusCode::OK,
        "Sign-in through providers",
        &body,
    ))
}

/// Leads to a provider: to sign in, or for somebody who is signed in to link an account. Public, on this machine.
async fn begin(provider: Path<String>, request: HttpRequest) -> ApiResult<HttpResponse> {
    let state = for_this_machine(&request)?;
    check_origin(&request)?;
    let session = find(&request, Asked::Active).await?;
    let begin = Begin {
        provider: provider.into_inner(),
        callback: Some(PATH.to_owned()),
        error_callback: Some(PATH.to_owned()),
        request_sign_up: true,
        ..Begin::default()
    };
    let cx = Context::of(&request)?;
    match providers::begin(state.database(), &cx, state.auth(), session.as_deref(), begin).await {
        Ok(begun) => {
            Cookies::of(&request)?.set_state(&begun.state);
            Ok(see_other(&begun.url))
        }
        Err(error @ (ProviderSignInError::NotFound | ProviderSignInError::Provider(_))) => {
            tracing::warn!(%error, "a sign-in through a provider did not begin");
            Ok(see_other(&format!("{PATH}?error={}", error.code())))
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends the session. Public, on this machine.
async fn end(request: HttpRequest) -> ApiResult<HttpResponse> {
    let state = for_this_machine(&request)?;
    check_origin(&request)?;
    let cookies = Cookies::of(&request)?;
    if let Some(secret) = cookies.session_secret() {
        sessions::sign_out(state.database(), &*Context::of(&request)?, &secret).await?;
    }
    cookies.clear();
    Ok(see_other(PATH))
}

/// A page elsewhere must not sign its visitors in or out, with cookies or without.
fn check_origin(request: &HttpRequest) -> ApiResult<()> {
    let checked = for_this_machine(request)?
        .origins()
        .check_sign_in(request.headers());
    checked.map_err(|untrusted| {
        let detail = "this form must come from the page at /dev/sign-in";
        ApiError::new(StatusCode::FORBIDDEN, untrusted.code(), detail)
    })
}

fn see_other(to: &str) -> HttpResponse {
    HttpResponse::build(StatusCode::SEE_OTHER)
        .insert_header((LOCATION, to))
        .finish()
}

impl Outcome {
    fn told(&self) -> String {
        let Some(error) = &self.error else {
            return String::new();
        };
        let description = self.error_description.as_deref().unwrap_or_default();
        format!(
            "<p role=\"alert\">It did not work. {} <code>{}</code> {}</p>\n",
            explained(error).unwrap_or_default(),
            escaped(error),
            escaped(description)
        )
    }
}

fn who(session: &CurrentSession, linked: &[String]) -> String {
    let user = &session.user;
    let proven = if user.email_verified {
        "proven"
    } else {
        "not proven"
    };
    let mut html = format!(
        "<p>Signed in as <strong>{}</strong>, {} ({proven}).</p>\n<p>Ways to sign in:</p>\n<ul>\n",
        escaped(&user.name),
        escaped(&user.email),
    );
    for provider in linked {
        // Writing to a String does not fail.
        let _ = writeln!(html, "<li>{}</li>", escaped(provider));
    }
    html.push_str("</ul>\n");
    html.push_str(&button("/dev/sign-out", "Sign out", ""));
    html
}

fn button(action: &str, does: &str, what: &str) -> String {
    let label = escaped(format!("{does} {what}").trim_end());
    format!(
        "<form method=\"post\" action=\"{}\"><button>{label}</button></form>\n",
        escaped(action)
    )
}
