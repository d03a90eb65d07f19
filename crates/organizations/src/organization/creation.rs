//! Founding an organization.

use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
use serde_json::{Map, Value, json};
use wardkeep_auth::sessions::{self, Session};
use wardkeep_auth::users;
use wardkeep_tenancy::{AccessControl, Database, IdentityTx, RequestContext, TenantTx};

use super::change::text;
use super::{Organization, OrganizationError, entity, slugs};
use crate::members::{self, Member};
use crate::{CREATOR_ROLE, Rules, teams};

const MY_MEMBERSHIPS: &str = r#"select count(*) as memberships from public.member where "userId" = $1"#;

/// Who founds an organization.
#[derive(Clone, Copy, Debug)]
pub struct Founder<'a> {
    /// The request that asks for it.
    pub context: &'a RequestContext,
    /// The founder's session.
    pub session: &'a Session,
}

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
/// [`OrganizationError::FoundingDenied`] and [`OrganizationError::TooMany`] by the rules;
/// [`OrganizationError::AlreadyExists`], also for the loser of two founders of one slug at the same moment;
/// [`OrganizationError::FounderGone`]; else when the database fails.
pub async fn create(
    database: &Database,
    access: &AccessControl,
    rules: &Rules,
    founder: Founder<'_>,
    new: NewOrganization,
) -> Result<Created, OrganizationError> {
    if !rules.anybody_founds {
        return Err(OrganizationError::FoundingDenied);
    }
    let Founder { context, session } = founder;
    let tx = database.identity(context, session.user_id).await?;
    // Before the session is touched: a deletion of the user takes the two in the same order.
    hold_founder(&tx, rules).await?;
    if slugs::is_taken(&tx, &new.slug).await? {
        return Err(OrganizationError::AlreadyExists);
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

/// Keeps the founder from being deleted; and from founding another one at the same moment, where it is counted how many
/// there are: in a statement after the lock, for one statement would count what was there before.
async fn hold_founder(tx: &IdentityTx, rules: &Rules) -> Result<(), OrganizationError> {
    let Some(most) = rules.organizations_per_user else {
        let held = users::hold(tx).await?;
        return held.then_some(()).ok_or(OrganizationError::FounderGone);
    };
    if users::lock(tx, tx.user()).await?.is_none() {
        return Err(OrganizationError::FounderGone);
    }
    let row = tx.sql(MY_MEMBERSHIPS, [tx.user().into()]).one().await?;
    let memberships: Option<i64> = row.map(|row| row.try_get("", "memberships")).transpose()?;
    if memberships.unwrap_or_default().unsigned_abs() >= most {
        return Err(OrganizationError::TooMany);
    }
    Ok(())
}

async fn insert(tx: &TenantTx, new: NewOrganization) -> Result<Organization, OrganizationError> {
    let row = entity::ActiveModel {
        id: Set(tx.organization()),
        name: Set(new.name),
        slug: Set(new.slug),
        logo: Set(new.logo),
        metadata: Set(new.metadata.map(text)),
        settings: Set(json!({})),
        created_at: Set(tx.now()),
        updated_at: Set(tx.now()),
    };
    row.insert(tx).await.map_err(|error| {
        if slugs::is_lost(&error) {
            OrganizationError::AlreadyExists
        } else {
            OrganizationError::Database(error)
        }
    })
}
