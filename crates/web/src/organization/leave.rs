use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use utoipa::ToSchema;
use wardkeep_organizations::members;
use wardkeep_tenancy::Asked;

use super::caller::{self, Refusals, nobody};
use super::view::MemberView;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

const REFUSALS: Refusals = Refusals::usual(StatusCode::BAD_REQUEST, "MEMBER_NOT_FOUND");

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct LeaveOrganization {
    organization_id: String,
}

/// Takes the caller out of an organization and its teams. If it was the active one, none is active then.
#[utoipa::path(
    tag = "organization",
    operation_id = "leaveOrganization",
    request_body = LeaveOrganization,
    responses(
        (status = 200, body = MemberView, description = "The membership as it was, with its user"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `MEMBER_NOT_FOUND`, \
            `YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[post("/organization/leave")]
pub(super) async fn leave(
    Body(body): Body<LeaveOrganization>,
    request: HttpRequest,
) -> AuthResult<Json<MemberView>> {
    // An empty text is no name for the active one here.
    let asked = Asked::Organization(body.organization_id.parse().unwrap_or(nobody()));
    let here = caller::enter(&request, asked, &REFUSALS).await?;
    let tx = here.begin().await?;
    let member = members::leave(&tx, state::of(&request)?.access()).await?;
    tx.commit().await?;
    caller::forget_active(&request, &here, member.organization_id).await?;
    Ok(Json(MemberView::of_caller(member, &here)))
}

impl Shape for LeaveOrganization {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.text("organizationId"),
        }
    }
}
