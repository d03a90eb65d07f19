use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_tenancy::Asked;

use super::caller::{self, Refusal, Refusals, named};
use super::view::OrganizationView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

const REFUSALS: Refusals = Refusals {
    signed_out: Refusal::Empty(StatusCode::UNAUTHORIZED),
    nowhere: Refusal::Code(StatusCode::BAD_REQUEST, "ORGANIZATION_NOT_FOUND"),
    outsider: Refusal::Code(
        StatusCode::BAD_REQUEST,
        "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
    ),
};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct DeleteOrganization {
    organization_id: String,
}

/// Deletes the organization with its members, teams, roles and invitations; never with its clinical records.
#[utoipa::path(
    tag = "organization",
    operation_id = "deleteOrganization",
    request_body = DeleteOrganization,
    responses(
        (status = 200, body = OrganizationView, description = "As it was; it is nobody's active one in this session any more"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `ORGANIZATION_NOT_FOUND` (an empty id), \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
        (status = 401, description = "Not signed in; without a body"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION`, \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
        (status = 409, body = AuthErrorBody, description = "`ORGANIZATION_HAS_RECORDS`"),
    ),
)]
#[post("/organization/delete")]
pub(super) async fn delete(
    Body(body): Body<DeleteOrganization>,
    request: HttpRequest,
) -> AuthResult<Json<OrganizationView>> {
    let state = state::of(&request)?;
    let asked = named(Some(&body.organization_id));
    let session = caller::find(&request, asked, &REFUSALS).await?;
    if asked == Asked::Active {
        return Err(REFUSALS.nowhere.error());
    }
    let here = caller::as_member(&request, session, &REFUSALS)?;
    let tx = here.begin().await?;
    let organization = wardkeep_organizations::delete(&tx, state.access()).await?;
    tx.commit().await?;
    caller::forget_active(&request, &here, organization.id).await?;
    Ok(Json(organization.into()))
}

impl Shape for DeleteOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.text("organizationId"),
        }
    }
}
