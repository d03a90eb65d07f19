//! Changing the roles of a member.

use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, DbErr, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _,
};
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, MemberId, Permission, TenantTx};

use super::{Member, entity, is_only_owner};
use crate::authority::{Authority, AuthorityError};
use crate::{CREATOR_ROLE, role_list, roles};

const UPDATE: Permission = Permission::new("member", "update");

/// The roles that a member is to have, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRoles(Vec<String>);

impl NewRoles {
    /// Reads names, or lists of names between commas. `None` if there is no name in them.
    #[must_use]
    pub fn parse(lists: &[String]) -> Option<Self> {
        let names = role_list::names(lists.iter().map(String::as_str));
        (!names.is_empty()).then(|| Self(names.into_iter().map(str::to_owned).collect()))
    }

    /// Those that are not in a list.
    fn beside(&self, list: &str) -> Vec<String> {
        let held = role_list::names([list]);
        let added = self.0.iter().filter(|name| !held.contains(&name.as_str()));
        added.cloned().collect()
    }

    fn include(&self, role: &str) -> bool {
        self.0.iter().any(|name| name == role)
    }
}

/// Gives a member other roles instead of the ones it has. An id that cannot be one is `None`.
///
/// # Errors
///
/// [`RoleChangeError`]'s variants in their order, which is that of Better Auth's answers.
pub async fn change_roles(
    tx: &TenantTx,
    access: &AccessControl,
    member: Option<MemberId>,
    roles: &NewRoles,
) -> Result<Member, RoleChangeError> {
    let authority = Authority::take(tx, access).await?;
    let member = find(tx, member).await?;
    if !authority.is_owner() && (member.is_owner() || roles.include(CREATOR_ROLE)) {
        return Err(RoleChangeError::Denied);
    }
    // An owner who demotes another one stays.
    if !roles.include(CREATOR_ROLE) && member.id == authority.member.id && is_only_owner(tx, &member).await? {
        return Err(RoleChangeError::OnlyOwner);
    }
    if !authority.is_owner() && !authority.allows(UPDATE) {
        return Err(RoleChangeError::Denied);
    }
    let unknown = roles::named(tx, access, &roles.0).await?.unknown;
    if !unknown.is_empty() {
        return Err(RoleChangeError::UnknownRoles(unknown));
    }
    let added = roles.beside(&member.role);
    if !authority
        .grants()
        .cover(&roles::named(tx, access, &added).await?.grants)
    {
        return Err(RoleChangeError::Denied);
    }
    let mut changed = member.into_active_model();
    changed.role = Set(roles.0.join(","));
    changed.updated_at = Set(tx.now());
    Ok(changed.update(tx).await?)
}

async fn find(tx: &TenantTx, member: Option<MemberId>) -> Result<Member, RoleChangeError> {
    tx.find::<entity::Entity>()
        .filter(entity::Column::Id.eq(member.ok_or(RoleChangeError::NotFound)?))
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?
        .ok_or(RoleChangeError::NotFound)
}

/// Why a member has the roles it had.
#[derive(Debug, thiserror::Error)]
pub enum RoleChangeError {
    /// The caller is no member any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The organization has no such member.
    #[error("there is no such member")]
    NotFound,
    /// The caller's roles do not allow it, or it takes an owner: to change one, or to make one; or the caller does not hold
    /// all that a new role grants.
    #[error("the caller may not change the roles of this member")]
    Denied,
    /// The caller is the only owner and would be one no more.
    #[error("an organization keeps its last owner")]
    OnlyOwner,
    /// The organization has no such roles.
    #[error("there are no such roles")]
    UnknownRoles(Vec<String>),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for RoleChangeError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound | Self::OnlyOwner | Self::UnknownRoles(_) => FaultKind::Invalid,
            Self::Denied => FaultKind::Forbidden,
            Self::Authority(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "MEMBER_NOT_FOUND",
            Self::Denied => "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER",
            Self::OnlyOwner => "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER",
            Self::UnknownRoles(_) => "ROLE_NOT_FOUND",
            Self::Authority(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(lists: &[&str]) -> Option<String> {
        let lists: Vec<_> = lists.iter().map(|list| (*list).to_owned()).collect();
        NewRoles::parse(&lists).map(|roles| roles.0.join(","))
    }

    #[test]
    fn names_are_trimmed_and_kept_in_their_order_even_twice() {
        assert_eq!(
            parsed(&[" nurse ,, member", "member"]).as_deref(),
            Some("nurse,member,member")
        );
    }

    #[test]
    fn no_name_is_no_role() {
        for lists in [&[""][..], &[" , "], &[]] {
            assert_eq!(parsed(lists), None, "{lists:?}");
        }
    }
}
