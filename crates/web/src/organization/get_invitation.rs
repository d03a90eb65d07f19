use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, get};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use wardkeep_organizations::invitations::{self, Card};

use super::view::InvitationView;
use crate::auth::{Fields, Query, Shape};
use crate::error::{AuthError, AuthErrorBody, AuthResult};
use crate::in_order::InOrder;
use crate::session::MaybeSession;
use crate::state;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AskedInvitation {
    /// The invitation.
    id: String,
}

/// An invitation with the names in it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownInvitation {
    #[serde(flatten)]
    invitation: InvitationView,
    organization_name: String,
    organization_slug: String,
    /// Who invites.
    inviter_email: Option<String>,
}

/// An invitation to the signed-in user's address that can be accepted now.
#[utoipa::path(
    tag = "organization",
    operation_id = "getInvitation",
    params(AskedInvitation),
    responses(
        (status = 200, body = ShownInvitation, description = "The invitation, with who sent it and where it leads"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `INVITATION_NOT_FOUND`, \
            `INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION`"),
        (status = 401, body = AuthErrorBody, description = "Not signed in; a message only"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION`, \
            `EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION`"),
    ),
)]
#[get("/organization/get-invitation")]
pub(super) async fn get_invitation(
    query_then_caller: InOrder<(Query<AskedInvitation>, MaybeSession)>,
    request: HttpRequest,
) -> AuthResult<Json<ShownInvitation>> {
    let InOrder((Query(query), MaybeSession(caller))) = query_then_caller;
    let state = state::of(&request)?;
    let caller =
        caller.ok_or_else(|| AuthError::without_code(StatusCode::UNAUTHORIZED, "Not authenticated"))?;
    let card = invitations::get(
        state.database(),
        caller.context(),
        state.rules(),
        &caller.user,
        query.id.parse().ok(),
    )
    .await?;
    Ok(Json(card.into()))
}

impl From<Card> for ShownInvitation {
    fn from(card: Card) -> Self {
        Self {
            invitation: card.invitation.into(),
            organization_name: card.organization_name,
            organization_slug: card.organization_slug,
            inviter_email: card.inviter_email,
        }
    }
}

impl Shape for AskedInvitation {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            id: fields.text("id"),
        }
    }
}
