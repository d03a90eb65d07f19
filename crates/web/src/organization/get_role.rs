use actix_web::web::Json;
use actix_web::{HttpRequest, get};
use wardkeep_organizations::roles::{self, RoleKey};

use super::caller;
use super::role_view::{REFUSALS, RoleView, key};
use crate::auth::{Fields, Query, Shape};
use crate::error::{AuthErrorBody, AuthResult};

pub(super) struct GetRole {
    organization_id: Option<String>,
    role: RoleKey,
}

/// One role that the organization made for itself.
#[utoipa::path(
    tag = "organization",
    operation_id = "getRole",
    params(
        ("roleName" = Option<String>, Query, description = "Upper and lower case apart; wins over the id"),
        ("roleId" = Option<String>, Query),
        ("organizationId" = Option<String>, Query, description = "The active organization, if absent"),
    ),
    responses(
        (status = 200, body = RoleView, description = "The role"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `NO_ACTIVE_ORGANIZATION`, `ROLE_NOT_FOUND`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_READ_A_ROLE`"),
    ),
)]
#[get("/organization/get-role")]
pub(super) async fn get_role(
    Query(query): Query<GetRole>,
    request: HttpRequest,
) -> AuthResult<Json<RoleView>> {
    let here = caller::enter_given(&request, query.organization_id.as_deref(), &REFUSALS).await?;
    let tx = here.begin().await?;
    let role = roles::get(&tx, query.role).await?;
    tx.commit().await?;
    Ok(Json(role.into()))
}

impl Shape for GetRole {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
            role: key(fields.either_filled_text("roleName", "roleId")),
        }
    }
}
