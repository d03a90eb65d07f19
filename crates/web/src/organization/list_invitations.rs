use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use utoipa::IntoParams;
use wardkeep_organizations::invitations;

use super::caller::{self, Refusal, Refusals, UNAUTHORIZED, named};
use super::view::InvitationView;
use crate::auth::{Fields, Query, Shape, listed};
use crate::error::{AuthErrorBody, AuthResult};

const REFUSALS: Refusals = Refusals {
    signed_out: UNAUTHORIZED,
    nowhere: Refusal::Message(StatusCode::BAD_REQUEST, "Organization ID is required"),
    outsider: Refusal::Message(StatusCode::FORBIDDEN, "You are not a member of this organization"),
};

#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct InvitingOrganization {
    /// The active organization, if absent.
    organization_id: Option<String>,
}

/// The invitations of the organization in every state, oldest first. Those that make an owner are shown to owners alone.
#[utoipa::path(
    tag = "organization",
    operation_id = "listInvitations",
    params(InvitingOrganization),
    responses(
        (status = 200, body = [InvitationView], description = "The invitations, answered and expired ones too", headers(("X-Total-Count" = u64, description = "How many there are for the caller to see; at most 100 are shown"))),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`; a message only where no organization is active"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS`; an outsider gets a message only"),
    ),
)]
#[get("/organization/list-invitations")]
pub(super) async fn list_invitations(
    query: Query<InvitingOrganization>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<InvitationView>>>> {
    let Query(query) = query;
    let here = caller::enter(&request, named(query.organization_id.as_deref()), &REFUSALS).await?;
    let tx = here.begin().await?;
    let invitations = invitations::list(&tx, here.member()).await?;
    tx.commit().await?;
    Ok(listed(invitations))
}

impl Shape for InvitingOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
