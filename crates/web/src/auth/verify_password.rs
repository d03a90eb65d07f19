use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_auth::credentials;
use wardkeep_auth::passwords::Password;

use super::answers::{Done, done};
use super::body::Body;
use super::fields::{Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
pub(super) struct VerifyPassword {
    password: String,
}

/// Asks the user for the password once more.
#[utoipa::path(
    tag = "auth",
    operation_id = "verifyPassword",
    request_body = VerifyPassword,
    responses(
        (status = 200, body = Done, description = "It is the user's"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `PASSWORD_TOO_LONG`, `INVALID_PASSWORD`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 429, body = AuthErrorBody, description = "`TOO_MANY_GUESSES`"),
    ),
)]
#[post("/verify-password")]
pub(super) async fn verify_password(
    body_then_session: InOrder<(Body<VerifyPassword>, CurrentSession)>,
    request: HttpRequest,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), current)) = body_then_session;
    let state = state::of(&request)?;
    let (database, auth, password) = (state.database(), state.auth(), Password::new(body.password));
    credentials::verify(database, current.context(), auth, current.user.id, &password).await?;
    Ok(done())
}

impl Shape for VerifyPassword {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            password: fields.text("password"),
        }
    }
}
