use actix_web::http::StatusCode;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_organizations::roles::{self, Role, RoleError, RoleId, RoleKey, Statements};
use wardkeep_tenancy::OrganizationId;

use super::caller::Refusals;
use super::schemas::Permissions;
use crate::auth::{Either, Fields};
use crate::error::AuthError;
use crate::time_format;

/// What the endpoints of roles answer somebody who may not go on.
pub(super) const REFUSALS: Refusals =
    Refusals::usual(StatusCode::FORBIDDEN, "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION");

/// A role that an organization made for itself, as the protocol shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Role)]
pub(super) struct RoleView {
    #[schema(value_type = uuid::Uuid)]
    id: RoleId,
    #[schema(value_type = uuid::Uuid)]
    organization_id: OrganizationId,
    /// Its name, in lower case.
    #[schema(example = "nurse")]
    role: String,
    /// Actions by resource.
    #[schema(value_type = Permissions, example = json!({"patient": ["read"]}))]
    permission: Statements,
    #[serde(with = "time_format")]
    created_at: OffsetDateTime,
    #[serde(with = "time_format::option")]
    updated_at: Option<OffsetDateTime>,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        Self {
            id: role.id,
            organization_id: role.organization_id,
            role: role.name,
            permission: role.permission,
            created_at: role.created_at,
            updated_at: role.updated_at,
        }
    }
}

/// The role that a body or a query names, by `roleName` or else by `roleId`.
pub(super) fn key(name_or_id: Either<String>) -> RoleKey {
    match name_or_id {
        Either::First(name) => RoleKey::Name(name),
        Either::Second(id) => RoleKey::Id(id.parse().ok()),
    }
}

/// Notes a name that no member could carry.
pub(super) fn check_name(fields: &mut Fields<'_>, field: &str) {
    let message = "Invalid input: the name of a role is not empty, has no comma in it and no space around it";
    fields.check_text(field, roles::is_usable, message);
}

/// The rights that the caller would hand on and does not hold stand beside the code.
pub(super) fn refused(error: RoleError) -> AuthError {
    let missing = match &error {
        RoleError::Missing(_, missing) => Some(missing.clone()),
        _ => None,
    };
    let refused = AuthError::from(error);
    match missing {
        Some(missing) => refused.with("missingPermissions", missing),
        None => refused,
    }
}
