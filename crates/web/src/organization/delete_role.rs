use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::roles::{self, RoleKey};

use super::caller;
use super::role_view::{REFUSALS, key};
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

pub(super) struct DeleteRole {
    organization_id: Option<String>,
    role: RoleKey,
}

/// By `roleName` or `roleId`; the name wins.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it describes the body; DeleteRole is what is read")]
pub(super) struct DeleteRoleBody {
    /// Upper and lower case apart.
    #[schema(example = "nurse")]
    role_name: Option<String>,
    role_id: Option<String>,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct RoleDeleted {
    success: bool,
}

/// Deletes a role that no member has.
#[utoipa::path(
    tag = "organization",
    operation_id = "deleteRole",
    request_body = DeleteRoleBody,
    responses(
        (status = 200, body = RoleDeleted, description = "The role is gone"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `NO_ACTIVE_ORGANIZATION`, \
            `CANNOT_DELETE_A_PRE_DEFINED_ROLE`, `ROLE_NOT_FOUND`, `ROLE_IS_ASSIGNED_TO_MEMBERS`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_DELETE_A_ROLE`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/delete-role")]
pub(super) async fn delete_role(
    Body(body): Body<DeleteRole>,
    request: HttpRequest,
) -> AuthResult<Json<RoleDeleted>> {
    let here = caller::enter_given(&request, body.organization_id.as_deref(), &REFUSALS).await?;
    let tx = here.begin().await?;
    roles::delete(&tx, state::of(&request)?.access(), body.role).await?;
    tx.commit().await?;
    Ok(Json(RoleDeleted { success: true }))
}

impl Shape for DeleteRole {
    const KINDS: &'static [&'static str] = &["object", ""];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
            role: key(fields.either_filled_text("roleName", "roleId")),
        }
    }
}
