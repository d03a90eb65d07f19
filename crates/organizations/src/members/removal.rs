//! Removing a member. The next request of the removed user in this organization is refused: a scope is opened only by
//! a membership that the same request has just read.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, DbErr, QueryFilter as _, QuerySelect as _};
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, MemberId, Permission, TenantTx};

use super::{Member, delete, entity, is_only_owner};
use crate::authority::{Authority, AuthorityError};
use crate::profiles::{self, Profile};

const DELETE: Permission = Permission::new("member", "delete");

/// How a caller names a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberKey {
    /// By the member's id; `None` is an id that cannot be one.
    Id(Option<MemberId>),
    /// By the address of the user.
    Email(String),
}

/// A removed member; with the profile when the caller named the address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The row as it was.
    pub member: Member,
    /// The user behind it.
    pub profile: Option<Profile>,
}

/// Removes a member, and with it the user's places in the organization's teams.
///
/// # Errors
///
/// [`RemovalError`]'s variants in their order, which is that of Better Auth's answers.
pub async fn remove(tx: &TenantTx, access: &AccessControl, key: MemberKey) -> Result<Removed, RemovalError> {
    let authority = Authority::take(tx, access).await?;
    let removed = find(tx, key).await?;
    let member = &removed.member;
    if member.is_owner() && (!authority.is_owner() || is_only_owner(tx, member).await?) {
        return Err(RemovalError::OnlyOwner);
    }
    if !authority.allows(DELETE) {
        return Err(RemovalError::Denied);
    }
    delete(tx, member).await?;
    Ok(removed)
}

/// Locks the membership before anything that hangs on it: who deletes the account at this moment takes the two in the same
/// order.
async fn find(tx: &TenantTx, key: MemberKey) -> Result<Removed, RemovalError> {
    let (filter, profile) = match key {
        MemberKey::Id(id) => (entity::Column::Id.eq(id.ok_or(RemovalError::NotFound)?), None),
        MemberKey::Email(email) => {
            let profile = profiles::find_by_email(tx, &email)
                .await?
                .ok_or(RemovalError::NotFound)?;
            (entity::Column::UserId.eq(profile.id), Some(profile))
        }
    };
    let member = tx
        .find::<entity::Entity>()
        .filter(filter)
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or(RemovalError::NotFound)?;
    Ok(Removed { member, profile })
}

/// Why a member was not removed.
#[derive(Debug, thiserror::Error)]
pub enum RemovalError {
    /// The caller is none of them any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The organization has no such member.
    #[error("there is no such member")]
    NotFound,
    /// The member is the only owner, or an owner whom only an owner may remove.
    #[error("an organization keeps its last owner, and only an owner removes an owner")]
    OnlyOwner,
    /// The caller's roles do not allow it.
    #[error("the caller may not remove this member")]
    Denied,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for RemovalError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound | Self::OnlyOwner => FaultKind::Invalid,
            // Not a typing error: Better Auth answers 401 here.
            Self::Denied => FaultKind::Unauthenticated,
            Self::Authority(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "MEMBER_NOT_FOUND",
            Self::OnlyOwner => "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
            Self::Denied => "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER",
            Self::Authority(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
