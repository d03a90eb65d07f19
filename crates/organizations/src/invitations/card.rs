//! What an invitation says to whoever has its link.

use sea_orm::{DbErr, FromQueryResult as _, QueryResult};
use wardkeep_auth::users::User;
use wardkeep_tenancy::{Database, IdentityTx, InvitationId, RequestContext, UserId};

use crate::Rules;

use super::{Invitation, InvitationError};

const CARD: &str = "select * from tenancy.invitation_card($1)";

/// An invitation with the names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The invitation, in whatever state.
    pub invitation: Invitation,
    /// What people call the organization.
    pub organization_name: String,
    /// Its unique name in addresses.
    pub organization_slug: String,
    /// The name of who invites; `None` once they are a member no more.
    pub inviter_name: Option<String>,
    /// Their address; `None` likewise.
    pub inviter_email: Option<String>,
    /// Whether it went to the address of the signed-in user.
    pub mine: bool,
}

/// Shows an invitation to whoever knows its id, signed in or not; `None` if there is none. An id that cannot be one is
/// `None`.
///
/// # Errors
///
/// When the database fails.
pub async fn card(
    database: &Database,
    context: &RequestContext,
    user: Option<UserId>,
    id: Option<InvitationId>,
) -> Result<Option<Card>, InvitationError> {
    let Some(id) = id else {
        return Ok(None);
    };
    match user {
        Some(user) => find(&database.identity(context, user).await?, id).await,
        None => {
            let tx = database.credentials(context).await?;
            Ok(tx.sql(CARD, [id.into()]).one().await?.map(read).transpose()?)
        }
    }
}

/// Shows the signed-in user an invitation to the own address that can be accepted now.
///
/// # Errors
///
/// [`InvitationError::NotFound`]; [`InvitationError::NotRecipient`]; [`InvitationError::UnprovenToSee`] by the rules;
/// [`InvitationError::InviterGone`]; else when the database fails.
pub async fn get(
    database: &Database,
    context: &RequestContext,
    rules: &Rules,
    user: &User,
    id: Option<InvitationId>,
) -> Result<Card, InvitationError> {
    let found = card(database, context, Some(user.id), id).await?;
    let found = found
        .filter(|card| card.invitation.is_open(context.now()))
        .ok_or(InvitationError::NotFound)?;
    if !found.mine {
        return Err(InvitationError::NotRecipient);
    }
    if rules.invitations_need_verified_email && !user.email_verified {
        return Err(InvitationError::UnprovenToSee);
    }
    if found.inviter_email.is_none() {
        return Err(InvitationError::InviterGone);
    }
    Ok(found)
}

/// The same as [`card`] inside a transaction of the signed-in user.
pub(super) async fn find(tx: &IdentityTx, id: InvitationId) -> Result<Option<Card>, InvitationError> {
    Ok(tx.sql(CARD, [id.into()]).one().await?.map(read).transpose()?)
}

fn read(row: QueryResult) -> Result<Card, DbErr> {
    Ok(Card {
        invitation: Invitation::from_query_result(&row, "")?,
        organization_name: row.try_get("", "organizationName")?,
        organization_slug: row.try_get("", "organizationSlug")?,
        inviter_name: row.try_get("", "inviterName")?,
        inviter_email: row.try_get("", "inviterEmail")?,
        mine: row.try_get("", "mine")?,
    })
}
