//! Changing an organization.

use sea_orm::ActiveValue::{self, NotSet, Set, Unchanged};
use sea_orm::{ActiveModelTrait as _, DbErr};
use serde_json::{Map, Value};
use wardkeep_tenancy::{AccessControl, Fault, FaultKind, Permission, TenantTx};

use super::{Organization, entity, slugs};
use crate::authority::{Authority, AuthorityError};

const UPDATE: Permission = Permission::new("organization", "update");

/// What becomes of an organization; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Another name; not empty.
    pub name: Option<String>,
    /// Another slug; not empty, taken as it is.
    pub slug: Option<String>,
    /// The address of another picture, or none.
    pub logo: Option<Option<String>>,
    /// Another attachment; it takes the place of the whole old one.
    pub metadata: Option<Map<String, Value>>,
}

/// Changes the organization, and returns it as it is then. Without a change to make it is returned as it is: Better Auth
/// answers that with a failure of its database.
///
/// # Errors
///
/// [`ChangeError`]'s variants in their order. Of two who want one slug the unique index lets one have it.
pub async fn update(
    tx: &TenantTx,
    access: &AccessControl,
    changes: Changes,
) -> Result<Organization, ChangeError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(UPDATE) {
        return Err(ChangeError::Denied);
    }
    let changed = changes != Changes::default();
    let row = entity::ActiveModel {
        id: Unchanged(tx.organization()),
        name: set(changes.name),
        slug: set(changes.slug),
        logo: set(changes.logo),
        metadata: set(changes.metadata.map(|metadata| Some(text(metadata)))),
        settings: NotSet,
        created_at: NotSet,
        updated_at: set(changed.then(|| tx.now())),
    };
    row.update(tx).await.map_err(|error| {
        if slugs::is_lost(&error) {
            ChangeError::SlugTaken
        } else {
            ChangeError::Database(error)
        }
    })
}

/// An attachment as it is stored.
pub(super) fn text(metadata: Map<String, Value>) -> String {
    Value::Object(metadata).to_string()
}

fn set<T: Into<sea_orm::Value>>(change: Option<T>) -> ActiveValue<T> {
    change.map_or(NotSet, Set)
}

/// Why an organization was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The caller is no member any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The caller's roles do not allow it.
    #[error("the caller may not change the organization")]
    Denied,
    /// Another organization has the slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for ChangeError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied => FaultKind::Forbidden,
            Self::SlugTaken => FaultKind::Invalid,
            Self::Authority(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied => "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_ORGANIZATION",
            Self::SlugTaken => "ORGANIZATION_SLUG_ALREADY_TAKEN",
            Self::Authority(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
