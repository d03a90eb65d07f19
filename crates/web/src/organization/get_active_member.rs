use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, get};
use wardkeep_organizations::members;
use wardkeep_tenancy::Asked;

use super::caller::{self, Refusals};
use super::view::MemberView;
use crate::error::{AuthErrorBody, AuthResult};

const REFUSALS: Refusals = Refusals::usual(StatusCode::BAD_REQUEST, "MEMBER_NOT_FOUND");

/// The caller's own membership in the active organization.
#[utoipa::path(
    tag = "organization",
    operation_id = "getActiveMember",
    responses(
        (status = 200, body = MemberView, description = "With its user"),
        (status = 400, body = AuthErrorBody, description = "`NO_ACTIVE_ORGANIZATION`, `MEMBER_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
    ),
)]
#[get("/organization/get-active-member")]
pub(super) async fn get_active_member(request: HttpRequest) -> AuthResult<Json<MemberView>> {
    let here = caller::enter(&request, Asked::Active, &REFUSALS).await?;
    let tx = here.begin().await?;
    let member = members::find(&tx, here.user.id).await?;
    tx.commit().await?;
    let member = member.ok_or_else(|| REFUSALS.outsider.error())?;
    Ok(Json(MemberView::of_caller(member, &here)))
}
