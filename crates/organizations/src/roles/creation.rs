//! Making a role.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, PaginatorTrait as _};
use wardkeep_tenancy::{AccessControl, Permission, TenantTx};

use super::{Action, Role, RoleError, RoleName, Statements, check_free, check_rights, entity, written};
use crate::Rules;
use crate::authority::Authority;

const CREATE: Permission = Permission::new("ac", "create");

/// Makes a role of rights that the caller holds.
///
/// # Errors
///
/// In this order: [`RoleError::Denied`], [`RoleError::TooMany`], [`RoleError::UnknownResource`], [`RoleError::Missing`],
/// [`RoleError::NameTaken`], also for the loser of two at once; else when the database fails.
pub async fn create(
    tx: &TenantTx,
    access: &AccessControl,
    rules: &Rules,
    name: RoleName,
    permission: Statements,
) -> Result<Role, RoleError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(CREATE) {
        return Err(RoleError::Denied(Action::Create));
    }
    if let Some(most) = rules.roles
        && tx.find::<entity::Entity>().count(tx).await? >= most
    {
        return Err(RoleError::TooMany);
    }
    check_rights(access, authority.grants(), &permission, Action::Create)?;
    check_free(tx, &name.0).await?;
    let row = entity::ActiveModel {
        id: Set(tx.context().new_id()),
        organization_id: Set(tx.organization()),
        role: Set(name.0),
        permission: Set(written(&permission)),
        created_at: Set(tx.now()),
        updated_at: Set(None),
    };
    Ok(row.insert(tx).await?.into())
}
