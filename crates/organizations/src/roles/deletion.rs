//! Deleting a role.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use wardkeep_tenancy::{AccessControl, Permission, TenantTx};

use super::{Action, RoleError, RoleKey, entity, find};
use crate::authority::Authority;
use crate::members;

const DELETE: Permission = Permission::new("ac", "delete");

/// Deletes a role that no member has.
///
/// # Errors
///
/// In this order: [`RoleError::Denied`], [`RoleError::BuiltIn`], [`RoleError::NotFound`], [`RoleError::Assigned`]; else when
/// the database fails.
pub async fn delete(tx: &TenantTx, access: &AccessControl, key: RoleKey) -> Result<(), RoleError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(DELETE) {
        return Err(RoleError::Denied(Action::Delete));
    }
    if matches!(&key, RoleKey::Name(name) if access.is_role(name)) {
        return Err(RoleError::BuiltIn);
    }
    let role = find(tx, key).await?;
    // Whoever gives a member roles has the organization locked, so that nobody gets this one meanwhile.
    if members::is_held(tx, &role.role, None).await? {
        return Err(RoleError::Assigned);
    }
    entity::Entity::delete_many()
        .filter(entity::Column::OrganizationId.eq(tx.organization()))
        .filter(entity::Column::Id.eq(role.id))
        .exec(tx)
        .await?;
    Ok(())
}
