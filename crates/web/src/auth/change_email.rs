use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_auth::email_proofs;
use wardkeep_auth::emails::Email;

use super::answers::{Done, done};
use super::body::Body;
use super::fields::{Fields, Shape, filled, well_formed};
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ChangeEmail {
    #[schema(value_type = String)]
    new_email: Option<Email>,
    /// The page that the link in the mail ends on.
    #[schema(rename = "callbackURL")]
    callback_url: Option<String>,
}

/// Sends a link to a new address that makes it the user's. An address that has a user is answered alike.
#[utoipa::path(
    tag = "auth",
    operation_id = "changeEmail",
    request_body = ChangeEmail,
    responses(
        (status = 200, body = Done, description = "A mail with a link is on its way; an address that has a user is answered alike and gets none"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, or without a code when it is the old address or no mails are sent"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`INVALID_CALLBACK_URL`"),
    ),
)]
#[post("/change-email")]
pub(super) async fn change_email(
    body_then_session: InOrder<(Body<ChangeEmail>, CurrentSession)>,
    request: HttpRequest,
) -> AuthResult<Json<Done>> {
    let InOrder((Body(body), current)) = body_then_session;
    let state = state::of(&request)?;
    let (email, callback) = (well_formed(body.new_email)?, filled(body.callback_url));
    let (database, auth, callback) = (state.database(), state.auth(), callback.as_deref());
    email_proofs::request_change(database, current.context(), auth, &current, &email, callback).await?;
    Ok(done())
}

impl Shape for ChangeEmail {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            new_email: fields.address("newEmail"),
            callback_url: fields.optional_text("callbackURL"),
        }
    }
}
