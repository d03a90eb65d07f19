//! Organizations: found one, list one's own, choose the active one; look at one, change it, delete it.

mod activation;
mod change;
mod creation;
mod deletion;
mod entity;
mod full;
mod slugs;

use wardkeep_auth::Listed;
use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext, TenantTx, UserId};

pub use activation::{Activation, Selection, set_active};
pub use change::{ChangeError, Changes, update};
pub use creation::{Created, Founder, NewOrganization, create};
pub use deletion::{DeletionError, delete};
pub use entity::Model as Organization;
pub use full::{FullOrganization, get_full};
pub use slugs::check_slug;

use sea_orm::sea_query::LockType;
use sea_orm::{DbErr, QuerySelect as _};

/// The function lists them in the order of joining.
const MY_ORGANIZATIONS: &str =
    "select *, count(*) over () as total from tenancy.my_organizations() limit 100";

/// Lists the organizations of one signed-in user, in the order of joining: the first [`Listed::MOST`], and how many there
/// are.
///
/// # Errors
///
/// When the database fails.
pub async fn list(
    database: &Database,
    context: &RequestContext,
    user: UserId,
) -> Result<Listed<Organization>, OrganizationError> {
    let tx = database.identity(context, user).await?;
    let rows = tx.sql(MY_ORGANIZATIONS, []).all().await?;
    Ok(Listed::counted(&rows)?)
}

/// Returns the organization. Every member may see it.
///
/// # Errors
///
/// [`OrganizationError::NotFound`] if it was deleted since the request began; else when the database fails.
pub async fn get(tx: &TenantTx) -> Result<Organization, OrganizationError> {
    let found = tx.find::<entity::Entity>().one(tx).await?;
    found.ok_or(OrganizationError::NotFound)
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
    /// Users do not found organizations here ([`Rules::anybody_founds`](crate::Rules::anybody_founds)).
    #[error("users found no organizations here")]
    FoundingDenied,
    /// The founder belongs to as many as anybody may
    /// ([`Rules::organizations_per_user`](crate::Rules::organizations_per_user)).
    #[error("the founder belongs to as many organizations as anybody may")]
    TooMany,
    /// Another organization has the slug that a new one should have.
    #[error("there is an organization with this slug")]
    AlreadyExists,
    /// An organization has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// There is no such organization.
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
            Self::AlreadyExists | Self::SlugTaken | Self::NotFound => FaultKind::Invalid,
            Self::FoundingDenied | Self::TooMany | Self::NotAMember => FaultKind::Forbidden,
            Self::FounderGone => FaultKind::Unauthenticated,
            Self::Begin(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::FoundingDenied => "YOU_ARE_NOT_ALLOWED_TO_CREATE_A_NEW_ORGANIZATION",
            Self::TooMany => "YOU_HAVE_REACHED_THE_MAXIMUM_NUMBER_OF_ORGANIZATIONS",
            Self::AlreadyExists => "ORGANIZATION_ALREADY_EXISTS",
            Self::SlugTaken => "ORGANIZATION_SLUG_ALREADY_TAKEN",
            Self::NotFound => "ORGANIZATION_NOT_FOUND",
            Self::NotAMember => "USER_IS_NOT_A_MEMBER_OF_THE_ORGANIZATION",
            Self::FounderGone => "UNAUTHORIZED",
            Self::Begin(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
