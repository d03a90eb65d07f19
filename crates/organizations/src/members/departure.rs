//! Leaving an organization.

use sea_orm::DbErr;
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, TenantTx};

use super::{Member, delete, hold_to_delete, is_only_owner};
use crate::authority::{Authority, AuthorityError};

/// Takes the caller out of the organization, and out of its teams. Returns the membership as it was.
///
/// # Errors
///
/// [`DepartureError`]'s variants.
pub async fn leave(tx: &TenantTx, access: &AccessControl) -> Result<Member, DepartureError> {
    let member = Authority::take(tx, access).await?.member;
    if is_only_owner(tx, &member).await? {
        return Err(DepartureError::OnlyOwner);
    }
    // Before the places in teams: who deletes the account at this moment takes the two in this order.
    hold_to_delete(tx, &member).await?;
    delete(tx, &member).await?;
    Ok(member)
}

/// Why somebody did not leave.
#[derive(Debug, thiserror::Error)]
pub enum DepartureError {
    /// The caller is no member, or none any more.
    #[error("there is no such member")]
    NotFound,
    /// The organization has no other owner.
    #[error("an organization keeps its last owner")]
    OnlyOwner,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

/// Who leaves twice at once is told so by the second answer, as who leaves twice one after the other.
impl From<AuthorityError> for DepartureError {
    fn from(error: AuthorityError) -> Self {
        match error {
            AuthorityError::NotAMember => Self::NotFound,
            AuthorityError::Database(error) => Self::Database(error),
        }
    }
}

impl Fault for DepartureError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound | Self::OnlyOwner => FaultKind::Invalid,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "MEMBER_NOT_FOUND",
            Self::OnlyOwner => "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER",
            Self::Database(error) => error.code(),
        }
    }
}
