use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_auth::email_proofs;
use wardkeep_auth::emails::Email;

use super::answers::{Done, done};
use super::body::Body;
use super::fields::{Fields, Shape, filled, well_formed};
use crate::context::Context;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::MaybeSession;
use crate::state;

#[derive(ToSchema)]
pub(super) struct SendVerificationEmail {
    #[schema(value_type = String)]
    email: Option<Email>,
    /// The page that the link in the mail ends on.
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// Sends a link that proves an address. Public: without a session the answer is the same for every address.
#[utoipa::path(
    tag = "auth",
    operation_id = "sendVerificationEmail",
    request_body = SendVerificationEmail,
    responses(
        (status = 200, body = Done, description = "A mail is on its way; without a session every address is answered so"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `VERIFICATION_EMAIL_NOT_ENABLED` (no mails are sent); signed in also `EMAIL_MISMATCH`, `EMAIL_ALREADY_VERIFIED`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`"),
    ),
)]
#[post("/send-verification-email")]
pub(super) async fn send_verification_email(
    body_then_session: InOrder<(Body<SendVerificationEmail>, MaybeSession)>,
    request: HttpRequest,
    cx: Context,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), MaybeSession(current))) = body_then_session;
    let state = state::of(&request)?;
    let (email, callback) = (well_formed(body.email)?, filled(body.callback_url));
    let (database, auth, current) = (state.database(), state.auth(), current.as_deref());
    email_proofs::request(database, &cx, auth, current, &email, callback.as_deref()).await?;
    Ok(done())
}

impl Shape for SendVerificationEmail {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            email: fields.address("email"),
            callback_url: fields.optional_text("callbackURL"),
        }
    }
}
