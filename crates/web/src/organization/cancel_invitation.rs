use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::invitations::{self, InvitationError};
use wardkeep_tenancy::Asked;

use super::caller::{self, Refusals, nobody};
use super::view::InvitationView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

// Nowhere is nobody: the invitation names an organization.
const REFUSALS: Refusals = Refusals::usual(StatusCode::BAD_REQUEST, "MEMBER_NOT_FOUND");

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct CancelInvitation {
    invitation_id: String,
}

/// Takes an invitation back, in whatever state it is.
#[utoipa::path(
    tag = "organization",
    operation_id = "cancelInvitation",
    request_body = CancelInvitation,
    responses(
        (status = 200, body = InvitationView, description = "The invitation, as cancelled"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `INVITATION_NOT_FOUND`, \
            `MEMBER_NOT_FOUND` (an outsider)"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/cancel-invitation")]
pub(super) async fn cancel_invitation(
    Body(body): Body<CancelInvitation>,
    request: HttpRequest,
) -> AuthResult<Json<InvitationView>> {
    let state = state::of(&request)?;
    let id = body.invitation_id.parse().unwrap_or(nobody());
    let session = caller::find(&request, Asked::Invitation(id), &REFUSALS).await?;
    if session.organization.is_none() {
        return Err(InvitationError::NotFound.into());
    }
    let here = caller::as_member(&request, session, &REFUSALS)?;
    let tx = here.begin().await?;
    let invitation = invitations::cancel(&tx, state.access(), id).await?;
    tx.commit().await?;
    Ok(Json(invitation.into()))
}

impl Shape for CancelInvitation {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            invitation_id: fields.text("invitationId"),
        }
    }
}
