//! Members of an organization.

mod departure;
mod entity;
mod filter;
mod list;
mod removal;
mod role_change;

pub use departure::{DepartureError, leave};
pub use entity::Model as Member;
pub use filter::{Field, Filter, FilterError, Operator};
pub use list::{Direction, Fellow, Listing, MOST_LISTED, list};
pub use removal::{MemberKey, RemovalError, Removed, remove};
pub use role_change::{NewRoles, RoleChangeError, change_roles};

pub use crate::profiles::Profile;

use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _, Select,
};
use wardkeep_tenancy::{MemberId, TenantTx, UserId};

use crate::{CREATOR_ROLE, role_list, teams};

impl Member {
    /// Whether the creator's role is among this member's roles.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        role_list::contains(&self.role, CREATOR_ROLE)
    }
}

/// Finds the membership of a user in this organization.
///
/// # Errors
///
/// When the database fails.
pub async fn find(tx: &TenantTx, user: UserId) -> Result<Option<Member>, DbErr> {
    of(tx, user).one(tx).await
}

/// Whether a user is a member, who stays one until the transaction ends: so that rows can refer to the membership while its
/// user deletes the account.
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

/// Whether some member, other than this one, has a role. Ask after the lock on the organization, in a statement of its
/// own: in one statement, the answer would be of before the lock was granted.
pub(crate) async fn is_held(tx: &TenantTx, role: &str, but_by: Option<MemberId>) -> Result<bool, DbErr> {
    let mut holders = tx
        .find::<entity::Entity>()
        .select_only()
        .column(entity::Column::Role)
        .filter(entity::Column::Role.like(filter::containing(role)));
    if let Some(member) = but_by {
        holders = holders.filter(entity::Column::Id.ne(member));
    }
    let lists: Vec<String> = holders.into_tuple().all(tx).await?;
    Ok(lists.iter().any(|list| role_list::contains(list, role)))
}

async fn is_only_owner(tx: &TenantTx, member: &Member) -> Result<bool, DbErr> {
    Ok(member.is_owner() && !is_held(tx, CREATOR_ROLE, Some(member.id)).await?)
}

/// Locks a membership before it is deleted.
async fn hold_to_delete(tx: &TenantTx, member: &Member) -> Result<(), DbErr> {
    of(tx, member.user_id).lock(LockType::Update).one(tx).await?;
    Ok(())
}

/// Takes a member out, and out of the teams.
async fn delete(tx: &TenantTx, member: &Member) -> Result<(), DbErr> {
    teams::forget(tx, member.user_id).await?;
    entity::Entity::delete_many()
        .filter(entity::Column::OrganizationId.eq(tx.organization()))
        .filter(entity::Column::Id.eq(member.id))
        .exec(tx)
        .await?;
    Ok(())
}
