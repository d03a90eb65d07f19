//! Deleting an organization, with everything in it.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, Permission, TenantTx, violated_constraint};

use super::{Organization, entity};
use crate::authority::{Authority, AuthorityError};

const DELETE: Permission = Permission::new("organization", "delete");

/// What a trigger of the schema calls the rule that a clinic with records stays.
const HAS_RECORDS: &str = "organization_has_records";

/// Deletes the organization with its members, teams, roles and invitations, and returns it as it was. Its records are not
/// deleted with it: while there is one, it stays.
///
/// # Errors
///
/// [`DeletionError`]'s variants in their order.
pub async fn delete(tx: &TenantTx, access: &AccessControl) -> Result<Organization, DeletionError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(DELETE) {
        return Err(DeletionError::Denied);
    }
    // Stronger than the lock that was just taken: it waits for whoever is inserting a row that refers to the organization,
    // so that the look for records, in a later statement, sees that row.
    let organization = tx
        .find::<entity::Entity>()
        .lock(LockType::Update)
        .one(tx)
        .await?
        .ok_or(AuthorityError::NotAMember)?;
    entity::Entity::delete_many()
        .filter(entity::Column::Id.eq(tx.organization()))
        .exec(tx)
        .await
        .map_err(|error| match violated_constraint(&error).as_deref() {
            Some(HAS_RECORDS) => DeletionError::HasRecords,
            _ => DeletionError::Database(error),
        })?;
    Ok(organization)
}

/// Why an organization was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The caller is no member any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The caller's roles do not allow it.
    #[error("the caller may not delete the organization")]
    Denied,
    /// It has clinical records, which leave by an export alone.
    #[error("the organization has records")]
    HasRecords,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for DeletionError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied => FaultKind::Forbidden,
            Self::HasRecords => FaultKind::Conflict,
            Self::Authority(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied => "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_ORGANIZATION",
            Self::HasRecords => "ORGANIZATION_HAS_RECORDS",
            Self::Authority(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
