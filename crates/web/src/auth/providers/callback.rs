use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, get, post};

use crate::auth::answers::redirect;
use crate::auth::body::{Body, Query};
use crate::auth::fields::{Fields, Shape, filled};
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::state;

/// What a provider says, in the order of the protocol. Nothing of it is believed.
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

/// Where a provider sends the browser back to. No sign-in was begun, so that no state is ours: goes to the error page.
/// Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "handleOAuthCallback",
    params(("id" = String, Path, description = "The provider")),
    responses(
        (status = 302, description = "To the error page with `state_not_found` or `state_mismatch`"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
    ),
)]
#[get("/callback/{id}")]
pub(crate) async fn provider_callback(
    _provider: Path<String>,
    Query(said): Query<Said>,
    request: HttpRequest,
) -> AuthResult<HttpResponse> {
    let state = said.pairs().find(|(name, _)| *name == "state");
    let code = match state.and_then(|(_, state)| filled(Some(state.to_owned()))) {
        Some(_) => "state_mismatch",
        None => "state_not_found",
    };
    let base = state::of(&request)?.auth().base_url();
    Ok(redirect(&format!("{base}/api/auth/error?error={code}")))
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
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL` and its like"),
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
        Self(NAMES.map(|name| fields.optional_text(name)))
    }

    fn absent() -> Option<Self> {
        Some(Self(NAMES.map(|_| None)))
    }
}
