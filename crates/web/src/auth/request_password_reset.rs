use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_auth::emails::Email;
use wardkeep_auth::resets;

use super::body::Body;
use super::fields::{Fields, Shape, filled, well_formed};
use crate::context::Context;
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct RequestPasswordReset {
    #[schema(value_type = String)]
    email: Option<Email>,
    /// The page that the link in the mail ends on, with `token` in its query.
    redirect_to: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ResetRequested {
    status: bool,
    message: &'static str,
}

/// Sends a link by which a new password can be set, if the address has a user. Public; the answer is the same for every
/// address.
#[utoipa::path(
    tag = "auth",
    operation_id = "requestPasswordReset",
    request_body = RequestPasswordReset,
    responses(
        (status = 200, body = ResetRequested, description = "The same whether or not the address has a user; if it has, a mail is on its way"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `RESET_PASSWORD_DISABLED` (no mails are sent)"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_REDIRECT_URL`"),
    ),
)]
#[post("/request-password-reset")]
pub(super) async fn request_password_reset(
    Body(body): Body<RequestPasswordReset>,
    request: HttpRequest,
    cx: Context,
) -> AuthResult<Json<ResetRequested>> {
    let state = state::of(&request)?;
    let (email, redirect) = (well_formed(body.email)?, filled(body.redirect_to));
    resets::request(state.database(), &cx, state.auth(), &email, redirect.as_deref()).await?;
    Ok(Json(ResetRequested {
        status: true,
        message: "If this email exists in our system, check your email for the reset link",
    }))
}

impl Shape for RequestPasswordReset {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            email: fields.address("email"),
            redirect_to: fields.optional_text("redirectTo"),
        }
    }
}
