use actix_web::web::Json;
use actix_web::{CustomizeResponder, HttpRequest, get};
use wardkeep_organizations::roles;

use super::caller;
use super::role_view::{REFUSALS, RoleView};
use crate::auth::{Fields, Query, Shape, listed};
use crate::error::{AuthErrorBody, AuthResult};

pub(super) struct ListRoles {
    organization_id: Option<String>,
}

/// The roles that the organization made for itself, in the order of their making.
#[utoipa::path(
    tag = "organization",
    operation_id = "listRoles",
    params(("organizationId" = Option<String>, Query, description = "The active organization, if absent")),
    responses(
        (status = 200, body = [RoleView], headers(("X-Total-Count" = u64, description = "How many there are; at most 100 are shown")), description = "The roles that the organization has made for itself, 100 at most"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_LIST_A_ROLE`"),
    ),
)]
#[get("/organization/list-roles")]
pub(super) async fn list_roles(
    Query(query): Query<ListRoles>,
    request: HttpRequest,
) -> AuthResult<CustomizeResponder<Json<Vec<RoleView>>>> {
    let here = caller::enter_given(&request, query.organization_id.as_deref(), &REFUSALS).await?;
    let tx = here.begin().await?;
    let roles = roles::list(&tx).await?;
    tx.commit().await?;
    Ok(listed(roles))
}

impl Shape for ListRoles {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
