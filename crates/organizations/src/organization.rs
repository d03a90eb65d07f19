//! Organizations: found one, list one's own, choose the active one.

mod activation;
mod creation;
mod entity;

use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext, UserId};

pub use activation::{Activation, Selection, set_active};
pub use creation::{Created, NewOrganization, create};
pub use entity::Model as Organization;

use sea_orm::sea_query::LockType;
use sea_orm::{DbErr, FromQueryResult as _, QuerySelect as _};
use wardkeep_tenancy::TenantTx;

const MY_ORGANIZATIONS: &str = "select * from tenancy.my_organizations()";

/// Lists the organizations of one signed-in user, in the order of joining.
///
/// # Errors
///
/// When the database fails.
pub async fn list(
    database: &Database,
    context: &RequestContext,
    user: UserId,
) -> Result<Vec<Organization>, OrganizationError> {
    let tx = database.identity(context, user).await?;
    let rows = tx.sql(MY_ORGANIZATIONS, []).all().await?;
    rows.iter()
        .map(|row| Ok(Organization::from_query_result(row, "")?))
        .collect()
}

/// The name of the organization.
pub(crate) async fn name(tx: &TenantTx) -> Result<String, DbErr> {
    let found = tx.find::<entity::Entity>().one(tx).await?;
    found
        .map(|organization| organization.name)
        .ok_or_else(|| DbErr::RecordNotFound("the organization of a transaction".to_owned()))
}

/// Locks the organization's row against other rule checks (`for no key update`: rows that refer to it can still be
/// inserted), until the transaction ends. Look at what the rule is about in a later statement, never in the same one.
pub(crate) async fn lock(tx: &TenantTx) -> Result<(), DbErr> {
    tx.find::<entity::Entity>()
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?;
    Ok(())
}

/// Why an operation on an organization did not happen.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// Another organization has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// No organization has this slug.
    #[error("there is no such organization")]
    NotFound,
    /// The caller is no member of it, or there is none of this id.
    #[error("the user is not a member of the organization")]
    NotAMember,
    /// The founder was deleted since the request began.
    #[error("the founder is gone")]
    FounderGone,
    /// No transaction could be opened.
    #[error("no transaction could be opened")]
    Begin(#[from] BeginError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for OrganizationError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::SlugTaken | Self::NotFound => FaultKind::Invalid,
            Self::NotAMember => FaultKind::Forbidden,
            Self::FounderGone => FaultKind::Unauthenticated,
            Self::Begin(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SlugTaken => "ORGANIZATION_ALREADY_EXISTS",
            Self::NotFound => "ORGANIZATION_NOT_FOUND",
            Self::NotAMember => "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            Self::FounderGone => "UNAUTHORIZED",
            Self::Begin(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
