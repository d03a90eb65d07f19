use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use wardkeep_organizations::invitations::{self, Received};

use super::view::InvitationView;
use crate::auth::{Fields, Query, Shape, listed};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::MaybeSession;
use crate::state;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedAddress {
    /// Refused: whose invitations are listed says the session.
    email: Option<String>,
}

/// An invitation that the user got.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReceivedInvitation {
    #[serde(flatten)]
    invitation: InvitationView,
    organization_name: String,
}

/// The invitations to the signed-in user's address that wait for an answer, oldest first; also those that are over.
#[utoipa::path(
    tag = "organization",
    operation_id = "listUserInvitations",
    params(AskedAddress),
    responses(
        (status = 200, body = [ReceivedInvitation], description = "Those invitations", headers(("X-Total-Count" = u64, description = "How many there are; at most 100 are shown"))),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`; a message only with an address in the query, or where nobody is signed in"),
        (status = 403, body = AuthErrorBody, description = "`EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION`"),
    ),
)]
#[get("/organization/list-user-invitations")]
pub(super) async fn list_user_invitations(
    query_then_caller: InOrder<(Query<AskedAddress>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<ReceivedInvitation>>>> {
    let InOrder((Query(query), MaybeSession(caller))) = query_then_caller;
    if query.email.is_some_and(|email| !email.is_empty()) {
        return Err(refused("User email cannot be passed for client side API calls."));
    }
    let caller = caller.ok_or_else(|| refused("Missing session headers, or email query parameter."))?;
    let database = state::of(&request)?.database();
    Ok(listed(
        invitations::list_mine(database, caller.context(), &caller.user).await?,
    ))
}

fn refused(message: &'static str) -> AuthError {
    AuthError::without_code(StatusCode::BAD_REQUEST, message)
}

impl From<Received> for ReceivedInvitation {
    fn from(received: Received) -> Self {
        Self {
            invitation: received.invitation.into(),
            organization_name: received.organization_name,
        }
    }
}

impl Shape for AskedAddress {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            email: fields.optional_text("email"),
        }
    }
}
