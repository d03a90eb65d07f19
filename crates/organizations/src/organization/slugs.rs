//! Slugs: one organization has one.

use sea_orm::DbErr;
use wardkeep_tenancy::{
    Database, IdentityTx, OrganizationId, RequestContext, UserId, is_unique_violation, violated_constraint,
};

use super::OrganizationError;

const ORGANIZATION_OF_SLUG: &str = "select tenancy.organization_of_slug($1) as id";

/// Whether a slug is free at this moment. Only the unique index decides who gets it.
///
/// # Errors
///
/// [`OrganizationError::SlugTaken`]; else when the database fails.
pub async fn check_slug(
    database: &Database,
    context: &RequestContext,
    user: UserId,
    slug: &str,
) -> Result<(), OrganizationError> {
    let tx = database.identity(context, user).await?;
    if is_taken(&tx, slug).await? {
        return Err(OrganizationError::SlugTaken);
    }
    Ok(())
}

pub(super) async fn is_taken(tx: &IdentityTx, slug: &str) -> Result<bool, DbErr> {
    let row = tx.sql(ORGANIZATION_OF_SLUG, [slug.into()]).one().await?;
    let id: Option<OrganizationId> = row.map(|row| row.try_get("", "id")).transpose()?.flatten();
    Ok(id.is_some())
}

/// Whether a statement lost a slug to another one: the unique index lets one through.
pub(super) fn is_lost(error: &DbErr) -> bool {
    is_unique_violation(error) && violated_constraint(error).as_deref() == Some("organization_slug_key")
}
