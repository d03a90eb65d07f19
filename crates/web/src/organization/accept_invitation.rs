use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::invitations;

use super::view::{InvitationView, MemberView};
use crate::auth::{Body, Fields, Shape};
use crate::cookies::Cookies;
use crate::error::{AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::CurrentSession;
use crate::state;

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct AcceptInvitation {
    invitation_id: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct AcceptedInvitation {
    invitation: InvitationView,
    member: MemberView,
}

/// Makes the signed-in user a member, by an invitation to their address. The organization becomes the active one.
#[utoipa::path(
    tag = "organization",
    operation_id = "acceptInvitation",
    request_body = AcceptInvitation,
    responses(
        (status = 200, body = AcceptedInvitation, description = "Sets the session cookie again where the invitation names one team"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `INVITATION_NOT_FOUND`, `TEAM_NOT_FOUND`, \
            `USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION`, `INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION`, \
            `ROLE_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`, \
            `EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION`, \
            `ORGANIZATION_MEMBERSHIP_LIMIT_REACHED`, `TEAM_MEMBER_LIMIT_REACHED`"),
    ),
)]
#[post("/organization/accept-invitation")]
pub(super) async fn accept_invitation(
    body_then_caller: InOrder<(Body<AcceptInvitation>, CurrentSession)>,
    request: HttpRequest,
    cookies: Cookies,
) -> AuthResult<Json<AcceptedInvitation>> {
    let InOrder((Body(body), caller)) = body_then_caller;
    let state = state::of(&request)?;
    let accepted = invitations::accept(
        state.database(),
        caller.context(),
        state.access(),
        state.rules(),
        &caller,
        body.invitation_id.parse().ok(),
    )
    .await?;
    if accepted.team.is_some() {
        cookies.renew();
    }
    Ok(Json(AcceptedInvitation {
        invitation: accepted.invitation.into(),
        member: accepted.member.into(),
    }))
}

impl Shape for AcceptInvitation {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            invitation_id: fields.text("invitationId"),
        }
    }
}
