//! Members of an organization.

mod entity;
mod removal;

pub use entity::Model as Member;
pub use removal::{MemberKey, RemovalError, Removed, remove};

pub use crate::profiles::Profile;

use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, PaginatorTrait as _, QueryFilter as _,
    QuerySelect as _, Select,
};
use wardkeep_tenancy::{TenantTx, UserId};

use crate::{CREATOR_ROLE, role_list};

impl Member {
    /// Whether the creator's role is among this member's roles.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        role_list::contains(&self.role, CREATOR_ROLE)
    }
}

/// Whether a user is a member of the organization.
pub(crate) async fn exists(tx: &TenantTx, user: UserId) -> Result<bool, DbErr> {
    Ok(of(tx, user).one(tx).await?.is_some())
}

/// The same, and stays one until the transaction ends: so that rows can refer to the membership while its user deletes the
/// account.
pub(crate) async fn hold(tx: &TenantTx, user: UserId) -> Result<bool, DbErr> {
    let held = of(tx, user).lock(LockType::KeyShare);
    Ok(held.one(tx).await?.is_some())
}

fn of(tx: &TenantTx, user: UserId) -> Select<entity::Entity> {
    tx.find::<entity::Entity>()
        .filter(entity::Column::UserId.eq(user))
}

/// Adds a member. Only founding and an accepted invitation do that.
pub(crate) async fn insert(tx: &TenantTx, user: UserId, role: &str) -> Result<Member, DbErr> {
    let row = entity::ActiveModel {
        id: Set(tx.context().new_id()),
        organization_id: Set(tx.organization()),
        user_id: Set(user),
        role: Set(role.to_owned()),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
    };
    row.insert(tx).await
}

/// How many members the organization has. A rule about the number locks the organization before, in a statement of its own.
pub(crate) async fn count(tx: &TenantTx) -> Result<u64, DbErr> {
    tx.find::<entity::Entity>().count(tx).await
}
