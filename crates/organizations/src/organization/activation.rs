//! Choosing the active organization of a session.

use sea_orm::{FromQueryResult as _, Value};
use wardkeep_auth::sessions::{self, Session};
use wardkeep_tenancy::{Database, IdentityTx, OrganizationId, RequestContext};

use super::{Organization, OrganizationError, slugs};

const MY_ORGANIZATION_BY_ID: &str = "select * from tenancy.my_organizations() where id = $1";
const MY_ORGANIZATION_BY_SLUG: &str = "select * from tenancy.my_organizations() where slug = $1";

/// Which organization a session should work in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// None.
    Nothing,
    /// The one that is active already, if the caller still belongs to it.
    Same,
    /// The one of this id; `None` is an id that cannot be one.
    Id(Option<OrganizationId>),
    /// The one of this slug.
    Slug(String),
}

/// What choosing did to the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Activation {
    /// Nothing: no organization was active, and none is.
    Unchanged,
    /// The session works in this organization from now on, or in none.
    Changed(Option<Organization>),
}

/// Makes an organization of one's own the active one of the session. The active team stays as it was.
///
/// # Errors
///
/// [`OrganizationError::NotFound`] for an unknown slug. [`OrganizationError::NotAMember`] for an organization that is not
/// one's own, or an unknown id: then the session has no active organization any more, as in Better Auth.
pub async fn set_active(
    database: &Database,
    context: &RequestContext,
    session: &Session,
    selection: Selection,
) -> Result<Activation, OrganizationError> {
    let (query, key): (&'static str, Value) = match (&selection, session.active_organization_id) {
        (Selection::Nothing | Selection::Same, None) => return Ok(Activation::Unchanged),
        (Selection::Nothing, Some(_)) => {
            activate(database.identity(context, session.user_id).await?, session, None).await?;
            return Ok(Activation::Changed(None));
        }
        (Selection::Same, Some(id)) => (MY_ORGANIZATION_BY_ID, id.into()),
        (Selection::Id(id), _) => (MY_ORGANIZATION_BY_ID, (*id).into()),
        (Selection::Slug(slug), _) => (MY_ORGANIZATION_BY_SLUG, slug.as_str().into()),
    };
    let tx = database.identity(context, session.user_id).await?;
    let found = my_organization(&tx, query, key).await?;
    if let (None, Selection::Slug(slug)) = (&found, &selection)
        && !slugs::is_taken(&tx, slug).await?
    {
        return Err(OrganizationError::NotFound);
    }
    activate(tx, session, found.as_ref().map(|organization| organization.id)).await?;
    found
        .map(|found| Activation::Changed(Some(found)))
        .ok_or(OrganizationError::NotAMember)
}

async fn activate(
    tx: IdentityTx,
    session: &Session,
    organization: Option<OrganizationId>,
) -> Result<(), OrganizationError> {
    sessions::activate(&tx, session.id, organization, session.active_team_id).await?;
    Ok(tx.commit().await?)
}

async fn my_organization(
    tx: &IdentityTx,
    query: &'static str,
    key: Value,
) -> Result<Option<Organization>, OrganizationError> {
    let row = tx.sql(query, [key]).one().await?;
    Ok(row
        .map(|row| Organization::from_query_result(&row, ""))
        .transpose()?)
}
