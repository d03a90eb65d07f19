use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::invitations::{self, InvitationError};

use super::view::{InvitationView, MemberView};
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct RejectInvitation {
    invitation_id: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RejectedInvitation {
    invitation: InvitationView,
    /// Always `null`.
    member: Option<MemberView>,
}

/// Rejects an invitation to the signed-in user's address; one that is over as well.
#[utoipa::path(
    tag = "organization",
    operation_id = "rejectInvitation",
    request_body = RejectInvitation,
    responses(
        (status = 200, body = RejectedInvitation, description = "The invitation, as rejected"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `INVITATION_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`, \
            `EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION`"),
    ),
)]
#[post("/organization/reject-invitation")]
pub(super) async fn reject_invitation(
    body_then_caller: InOrder<(Body<RejectInvitation>, CurrentSession)>,
    request: HttpRequest,
) -> AuthResult<Json<RejectedInvitation>> {
    let InOrder((Body(body), caller)) = body_then_caller;
    let state = state::of(&request)?;
    let invitation = invitations::reject(
        state.database(),
        caller.context(),
        state.rules(),
        &caller,
        body.invitation_id.parse().ok(),
    )
    .await
    .map_err(refused)?;
    Ok(Json(RejectedInvitation {
        invitation: invitation.into(),
        member: None,
    }))
}

/// The protocol has another message here than for the same code elsewhere.
fn refused(error: InvitationError) -> AuthError {
    match error {
        InvitationError::NotFound => AuthError::with_message(
            StatusCode::BAD_REQUEST,
            "INVITATION_NOT_FOUND",
            "Invitation not found!",
        ),
        error => error.into(),
    }
}

impl Shape for RejectInvitation {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            invitation_id: fields.text("invitationId"),
        }
    }
}
