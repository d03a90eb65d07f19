use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::roles::{self, RoleName, Statements};

use super::caller::{self, Refusal, Refusals};
use super::role_view::{self, RoleView, refused};
use super::schemas::Permissions;
use crate::auth::{Body, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};
use crate::state;

const REFUSALS: Refusals = Refusals {
    nowhere: Refusal::Code(
        StatusCode::BAD_REQUEST,
        "YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE",
    ),
    ..role_view::REFUSALS
};

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct CreateRole {
    /// Becomes lower case. Not empty, no comma in it, no space around it.
    #[schema(example = "nurse")]
    role: String,
    /// Actions by resource.
    #[schema(value_type = Permissions, example = json!({"patient": ["read"]}))]
    permission: Statements,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreatedRole {
    success: bool,
    role_data: RoleView,
    /// What was given as `permission`.
    #[schema(value_type = Permissions)]
    statements: Statements,
}

/// Makes a role of rights that the caller holds.
#[utoipa::path(
    tag = "organization",
    operation_id = "createRole",
    request_body = CreateRole,
    responses(
        (status = 200, body = CreatedRole, description = "The role"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `UNSTORABLE_TEXT`, \
            `YOU_MUST_BE_IN_AN_ORGANIZATION_TO_CREATE_A_ROLE`, `TOO_MANY_ROLES`, `INVALID_RESOURCE`, \
            `ROLE_NAME_IS_ALREADY_TAKEN`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`"),
        (status = 403, body = AuthErrorBody, description = "`YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION`, \
            `YOU_ARE_NOT_ALLOWED_TO_CREATE_A_ROLE` (with `missingPermissions` if the caller does not hold them), \
            `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/create-role")]
pub(super) async fn create_role(
    Body(body): Body<CreateRole>,
    request: HttpRequest,
) -> AuthResult<Json<CreatedRole>> {
    let state = state::of(&request)?;
    let session = caller::find_given(&request, body.organization_id.as_deref(), &REFUSALS).await?;
    let name = RoleName::new(state.access(), &body.role)?;
    let here = caller::as_member(&request, session, &REFUSALS)?;
    let tx = here.begin().await?;
    let created = roles::create(&tx, state.access(), state.rules(), name, body.permission).await;
    let role = created.map_err(refused)?;
    tx.commit().await?;
    Ok(Json(CreatedRole {
        success: true,
        statements: role.permission.clone(),
        role_data: role.into(),
    }))
}

impl Shape for CreateRole {
    fn read(fields: &mut Fields<'_>) -> Self {
        let shape = Self {
            organization_id: fields.optional_text("organizationId"),
            role: fields.text("role"),
            permission: fields.record_of_texts("permission"),
        };
        fields.optional_object("additionalFields");
        role_view::check_name(fields, "role");
        shape
    }
}
