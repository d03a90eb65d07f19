//! Founding an organization.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set, DbErr};
use serde_json::{Map, Value, json};
use wardkeep_auth::sessions::{self, Session};
use wardkeep_auth::users;
use wardkeep_tenancy::{
    AccessControl, Database, RequestContext, TenantTx, is_unique_violation, violated_constraint,
};

use super::{Organization, OrganizationError, entity};
use crate::members::{self, Member};
use crate::{CREATOR_ROLE, teams};

pub(super) const ORGANIZATION_OF_SLUG: &str = "select tenancy.organization_of_slug($1) as id";

/// What a founder says of the new organization.
#[derive(Clone, Debug, PartialEq)]
pub struct NewOrganization {
    /// What people call it; not empty.
    pub name: String,
    /// Its unique name in addresses; not empty, taken as it is.
    pub slug: String,
    /// The address of a picture.
    pub logo: Option<String>,
    /// Anything the founder wants to attach.
    pub metadata: Option<Map<String, Value>>,
    /// Whether it becomes the active organization of the founder's session.
    pub activate: bool,
}

/// A new organization and its first member.
#[derive(Clone, Debug, PartialEq)]
pub struct Created {
    /// The organization.
    pub organization: Organization,
    /// The founder's membership, as owner.
    pub founder: Member,
}

/// Founds an organization: its row, the founder as owner, and a default team that is named after it, all or nothing.
/// Unless told otherwise it becomes the active organization of the founder's session, and its team the active team.
///
/// # Errors
///
/// [`OrganizationError::SlugTaken`], also for the loser of two founders at the same moment;
/// [`OrganizationError::FounderGone`]; else when the database fails.
pub async fn create(
    database: &Database,
    context: &RequestContext,
    access: &AccessControl,
    session: &Session,
    new: NewOrganization,
) -> Result<Created, OrganizationError> {
    let tx = database.identity(context, session.user_id).await?;
    // Before the session is touched: a deletion of the user takes the two in the same order.
    if !users::hold(&tx).await? {
        return Err(OrganizationError::FounderGone);
    }
    let row = tx
        .sql(ORGANIZATION_OF_SLUG, [new.slug.clone().into()])
        .one()
        .await?;
    if row
        .map(|row| row.try_get::<Option<uuid::Uuid>>("", "id"))
        .transpose()?
        .flatten()
        .is_some()
    {
        return Err(OrganizationError::SlugTaken);
    }
    let founding = tx.found();
    let team = context.new_id();
    if new.activate {
        sessions::activate(&tx, session.id, Some(founding.organization()), Some(team)).await?;
    }
    let tx = tx
        .into_founding(founding, access.grants(CREATOR_ROLE, &[]))
        .await?;
    let organization = insert(&tx, new).await?;
    let founder = members::insert(&tx, session.user_id, CREATOR_ROLE).await?;
    teams::insert_default(&tx, team, &organization.name, session.user_id).await?;
    tx.commit().await?;
    Ok(Created {
        organization,
        founder,
    })
}

async fn insert(tx: &TenantTx, new: NewOrganization) -> Result<Organization, OrganizationError> {
    let row = entity::ActiveModel {
        id: Set(tx.organization()),
        name: Set(new.name),
        slug: Set(new.slug),
        logo: Set(new.logo),
        metadata: Set(new.metadata.map(|metadata| Value::Object(metadata).to_string())),
        settings: Set(json!({})),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
    };
    row.insert(tx).await.map_err(slug_taken)
}

/// Two founders of one slug: the unique index lets one through.
fn slug_taken(error: DbErr) -> OrganizationError {
    if is_unique_violation(&error) && violated_constraint(&error).as_deref() == Some("organization_slug_key")
    {
        OrganizationError::SlugTaken
    } else {
        OrganizationError::Database(error)
    }
}
