use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get, post};
use wardkeep_auth::providers::{self, Return};
use wardkeep_auth::sessions::Remember;

use crate::auth::answers::redirect;
use crate::auth::body::{Body, Query};
use crate::auth::client;
use crate::auth::error_address::with_error;
use crate::auth::fields::{Fields, Shape, filled};
use crate::context::Context;
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::state;

/// What a provider says through a browser, in the order of the protocol.
const NAMES: [&str; 7] = [
    "code",
    "error",
    "device_id",
    "error_description",
    "state",
    "user",
    "iss",
];

/// The texts of those names.
pub(crate) struct Said([Option<String>; NAMES.len()]);

/// Where a provider sends the browser back to: signs in, or links the account. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "handleOAuthCallback",
    params(
        ("id" = String, Path, description = "The provider"),
        ("code" = Option<String>, Query, description = "To be exchanged for tokens"),
        ("state" = Option<String>, Query, description = "Which sign-in comes back; the browser's cookie says the same"),
        ("error" = Option<String>, Query, description = "What went wrong at the provider"),
        ("error_description" = Option<String>, Query, description = "The same in words"),
        ("iss" = Option<String>, Query, description = "Who answers (RFC 9207)"),
        ("user" = Option<String>, Query, description = "At Apple, once: JSON with a name"),
    ),
    responses(
        (status = 302, description = "To the page that the sign-in was begun for, with a session cookie; or to the page for errors, with a code as `error` in the query"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
    ),
)]
#[get("/callback/{id}")]
pub(crate) async fn provider_callback(
    provider: Path<String>,
    Query(said): Query<Said>,
    request: HttpRequest,
    cx: Context,
    cookies: Cookies,
) -> AuthResult<HttpResponse> {
    let state = state::of(&request)?;
    let (database, auth, client) = (state.database(), state.auth(), client::of(&request));
    let back = said.back_to(provider.into_inner(), cookies.state());
    let failed = match providers::finish(database, &cx, auth, back, client).await {
        Ok(finished) => {
            cookies.expire_state();
            if let Some(signed_in) = &finished.signed_in {
                cookies.sign_in(signed_in, Remember::Yes);
            }
            return Ok(redirect(&finished.leads_to));
        }
        Err(failed) => failed,
    };
    if failed.spent {
        cookies.expire_state();
    }
    let error_page = format!("{}/api/auth/error", auth.base_url());
    let page = failed.leads_to.unwrap_or(error_page);
    let description = failed.description.as_deref();
    Ok(redirect(&with_error(
        state.origins().base(),
        &page,
        &failed.error,
        description,
    )?))
}

/// The same for a provider that posts a form: the browser comes again with a `GET`, which brings along the cookies that it
/// does not send with a form of another site. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "handleOAuthCallbackForm",
    path = "/callback/{id}",
    params(("id" = String, Path, description = "The provider")),
    responses(
        (status = 302, description = "To the same path, with what was posted in its query"),
        (status = 400, body = AuthErrorBody, description = "`BAD_REQUEST`: JSON that cannot be read, `VALIDATION_ERROR`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_ORIGIN`, `MISSING_OR_NULL_ORIGIN`: it carries a cookie, and comes from a page that is not trusted. `INVALID_CALLBACK_URL` and its like: there is a field of that name, as at other endpoints, which nobody asks for here, and it leads to such a page"),
        (status = 415, body = AuthErrorBody, description = "`UNSUPPORTED_MEDIA_TYPE`: neither a form nor JSON"),
    ),
)]
#[post("/callback/{id}")]
pub(crate) async fn provider_callback_form(
    provider: Path<String>,
    body_then_query: InOrder<(Body<Said>, Query<Said>)>,
    request: HttpRequest,
) -> AuthResult<HttpResponse> {
    let InOrder((Body(posted), Query(asked))) = body_then_query;
    let mut url = state::of(&request)?.origins().base().clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear()
            .extend(["api", "auth", "callback", provider.as_str()]);
    }
    url.query_pairs_mut().extend_pairs(asked.or(posted).pairs());
    Ok(redirect(url.as_str()))
}

impl Said {
    /// What came back from a provider to a browser with this state in its cookie. JavaScript takes an empty text for an
    /// absent one.
    fn back_to(self, provider: String, browser: Option<String>) -> Return {
        let [code, error, _, error_description, state, user, issuer] = self.0.map(filled);
        Return {
            provider,
            browser,
            state,
            code,
            error,
            error_description,
            issuer,
            user,
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = NAMES.into_iter().zip(&self.0);
        texts.filter_map(|(name, text)| Some((name, text.as_deref()?)))
    }

    /// What this says, and where it says nothing what the other does.
    fn or(self, other: Self) -> Self {
        let mut others = other.0.into_iter();
        Self(self.0.map(|text| {
            let other = others.next().flatten();
            text.or(other)
        }))
    }
}

impl Shape for Said {
    const FORM: bool = true;

    fn read(fields: &mut Fields<'_>) -> Self {
        Self(NAMES.map(|name| match name {
            "code" => fields.optional_token(name),
            _ => fields.optional_text(name),
        }))
    }

    fn absent() -> Option<Self> {
        Some(Self(NAMES.map(|_| None)))
    }
}
