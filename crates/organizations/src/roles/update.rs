//! Changing a role.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, IntoActiveModel as _};
use wardkeep_tenancy::{AccessControl, Permission, TenantTx};

use super::{
    Action, Role, RoleError, RoleKey, RoleName, Statements, check_free, check_rights, find, written,
};
use crate::authority::Authority;

const UPDATE: Permission = Permission::new("ac", "update");

/// What is to be another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleChanges {
    /// The name. Members keep the old one, and hold nothing by it.
    pub name: Option<String>,
    /// What it grants.
    pub permission: Option<Statements>,
}

/// Changes a role. Returns it with the changes and the time of the change before this one, as Better Auth does.
///
/// # Errors
///
/// In this order: [`RoleError::Denied`], [`RoleError::NotFound`], [`RoleError::UnknownResource`], [`RoleError::Missing`],
/// [`RoleError::NameTaken`] (its own name is taken, too); else when the database fails.
pub async fn update(
    tx: &TenantTx,
    access: &AccessControl,
    key: RoleKey,
    changes: RoleChanges,
) -> Result<Role, RoleError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(UPDATE) {
        return Err(RoleError::Denied(Action::Update));
    }
    let row = find(tx, key).await?;
    let mut role = Role::from(row.clone());
    let mut changed = row.into_active_model();
    // Another name is another set of members: whoever carries it holds the role's rights from now on.
    if changes.permission.is_some() || changes.name.is_some() {
        let granted = changes.permission.as_ref().unwrap_or(&role.permission);
        check_rights(access, authority.grants(), granted, Action::Update)?;
    }
    if let Some(permission) = changes.permission {
        changed.permission = Set(written(&permission));
        role.permission = permission;
    }
    if let Some(name) = changes.name {
        let RoleName(name) = RoleName::new(access, &name)?;
        if name == role.name {
            return Err(RoleError::NameTaken);
        }
        check_free(tx, &name).await?;
        changed.role = Set(name.clone());
        role.name = name;
    }
    changed.updated_at = Set(Some(tx.now()));
    changed.update(tx).await?;
    Ok(role)
}
