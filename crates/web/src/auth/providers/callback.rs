use actix_web::web::{self, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};

use crate::auth::answers::redirect;
use crate::error::AuthResult;
use crate::state;

/// Where a provider sends the browser back to. No sign-in was begun, so that no state is ours: goes to the error page.
/// Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "handleOAuthCallback",
    params(("id" = String, Path, description = "The provider")),
    responses((status = 302, description = "To the error page with `state_not_found` or `state_mismatch`")),
)]
#[get("/callback/{id}")]
pub(crate) async fn provider_callback(
    _provider: Path<String>,
    request: HttpRequest,
) -> AuthResult<HttpResponse> {
    let has_state =
        web::Query::<Vec<(String, String)>>::from_query(request.query_string()).is_ok_and(|query| {
            query
                .iter()
                .any(|(name, value)| name == "state" && !value.is_empty())
        });
    let code = if has_state {
        "state_mismatch"
    } else {
        "state_not_found"
    };
    let base = state::of(&request)?.auth().base_url();
    Ok(redirect(&format!("{base}/api/auth/error?error={code}")))
}

/// The same for a provider that posts a form: the browser comes again with a `GET`, which brings its cookies along. Public.
#[utoipa::path(
    tag = "auth",
    operation_id = "handleOAuthCallbackForm",
    path = "/callback/{id}",
    params(("id" = String, Path, description = "The provider")),
    responses((status = 302, description = "To the error page with `state_mismatch`")),
)]
#[post("/callback/{id}")]
pub(crate) async fn provider_callback_form(
    _provider: Path<String>,
    request: HttpRequest,
) -> AuthResult<HttpResponse> {
    let base = state::of(&request)?.auth().base_url();
    Ok(redirect(&format!("{base}/api/auth/error?error=state_mismatch")))
}
