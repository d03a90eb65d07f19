use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Json;
use actix_web::{HttpRequest, post};
use serde::Serialize;
use utoipa::ToSchema;
use wardkeep_organizations::roles::Statements;

use super::caller::{self, Refusals, named};
use super::schemas::Permissions;
use crate::auth::{Body, Either, Fields, Shape};
use crate::error::{AuthErrorBody, AuthResult};

const REFUSALS: Refusals = Refusals::usual(
    StatusCode::UNAUTHORIZED,
    "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
);

/// Instead of `permissions` the older name `permission` is taken too, and always answered false.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct HasPermission {
    /// Actions by resource.
    #[schema(value_type = Permissions, example = json!({"patient": ["read"]}))]
    permissions: Statements,
    /// The active organization, if absent.
    organization_id: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Permitted {
    /// Always `null`.
    error: Option<String>,
    success: bool,
}

/// Whether some single role of the caller grants all that is asked. The lookup of the session has the answer with it.
#[utoipa::path(
    tag = "organization",
    operation_id = "hasPermission",
    request_body = HasPermission,
    responses(
        (status = 200, body = Permitted, description = "`success` is the answer"),
        (status = 400, body = AuthErrorBody, description = "`VALIDATION_ERROR`, `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = AuthErrorBody, description = "`UNAUTHORIZED`, `USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION`"),
    ),
)]
#[post("/organization/has-permission")]
pub(super) async fn has_permission(
    Body(body): Body<HasPermission>,
    request: HttpRequest,
) -> AuthResult<Json<Permitted>> {
    let here = caller::enter(&request, named(body.organization_id.as_deref()), &REFUSALS).await?;
    let asked: Vec<_> = body
        .permissions
        .iter()
        .map(|(resource, actions)| (resource, actions.as_slice()))
        .collect();
    Ok(Json(Permitted {
        error: None,
        success: here.scope().grants().allows_all(&asked),
    }))
}

impl Shape for HasPermission {
    const KINDS: &'static [&'static str] = &["object", ""];

    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            organization_id: fields.optional_text("organizationId"),
            permissions: match fields.one_record_of_texts("permission", "permissions") {
                // To ask for nothing is not allowed.
                Either::First(_) => BTreeMap::new(),
                Either::Second(permissions) => permissions,
            },
        }
    }
}
