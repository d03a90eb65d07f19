//! Members of an organization.

mod entity;
mod removal;

pub use entity::Model as Member;
pub use removal::{MemberKey, RemovalError, Removed, remove};

pub use crate::profiles::Profile;

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, DbErr, PaginatorTrait as _};
use wardkeep_tenancy::{TenantTx, UserId};

use crate::{CREATOR_ROLE, role_list};

impl Member {
    /// Whether the creator's role is among this member's roles.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        role_list::contains(&self.role, CREATOR_ROLE)
    }
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
