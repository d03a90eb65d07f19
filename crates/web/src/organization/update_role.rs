use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::roles::{self, RoleChanges, RoleKey, Statements};

use super::caller;
use super::role_view::{REFUSALS, RoleView, check_name, key, refused};
use super::schemas::Permissions;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

pub(super) struct UpdateRole {
    organization_id: Option<String>,
    role: RoleKey,
    changes: RoleChanges,
}

/// By `roleName` or `roleId`; the name wins.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "it describes the body; UpdateRole is what is read")]
pub(super) struct UpdateRoleBody {
    /// Upper and lower case apart.
    #[schema(example = "nurse")]
    role_name: Option<String>,
    role_id: Option<String>,
    data: UpdateRoleData,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "as above")]
pub(super) struct UpdateRoleData {
    /// Actions by resource.
    #[schema(value_type = Permissions, required = false, example = json!({"patient": ["read"]}))]
    permission: Option<Statements>,
    /// Becomes lower case. No comma in it, no space around it. Members keep the old name, and hold nothing by it.
    role_name: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdatedRole {
    success: bool,
    /// With the changes; `updatedAt` is when it was changed before.
    role_data: RoleView,
}

/// Changes a role. What it grants counts at the next request of those who have it.
#[utoipa::path(
    tag = "organization",
    operation_id = "updateRole",
    request_body = UpdateRoleBody,
    responses(
        (status = 200, body = UpdatedRole, description = "The role, as changed"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, `NO_ACTIVE_ORGANIZATION`, `ROLE_NOT_FOUND`, \
            `INVALID_RESOURCE`, `ROLE_NAME_IS_ALREADY_TAKEN`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_UPDATE_A_ROLE` (with `missingPermissions` if the caller does not hold them), \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/update-role")]
pub(super) async fn update_role(
    Body(body): Body<UpdateRole>,
    request: HttpRequest,
) -> AuthResult<Json<UpdatedRole>> {
    let here = caller::enter_given(&request, body.organization_id.as_deref(), &REFUSALS).await?;
    let tx = here.begin().await?;
    let updated = roles::update(&tx, state::of(&request)?.access(), body.role, body.changes).await;
    let role = updated.map_err(refused)?;
    tx.commit().await?;
    Ok(Json(UpdatedRole {
        success: true,
        role_data: role.into(),
    }))
}

impl Shape for UpdateRole {
    const KINDS: &'static [&'static str] = &["object", ""];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
            changes: fields.object("data", changes).unwrap_or_default(),
            role: key(fields.either_filled_text("roleName", "roleId")),
        }
    }
}

fn changes(data: &mut Fields<'_>) -> RoleChanges {
    let permission = data.optional_record_of_texts("permission");
    // An empty text is no name, and changes nothing.
    let name = data.optional_text("roleName").filter(|name| !name.is_empty());
    if name.is_some() {
        check_name(data, "roleName");
    }
    RoleChanges { name, permission }
}
