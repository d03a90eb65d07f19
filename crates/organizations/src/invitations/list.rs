//! Lists of invitations.

use sea_orm::{DbErr, FromQueryResult, QueryResult};
use wardkeep_auth::Listed;
use wardkeep_auth::users::User;
use wardkeep_tenancy::{Database, Membership, RequestContext, TenantTx};

use super::{CREATE, Invitation, InvitationError};
use crate::{CREATOR_ROLE, role_list};

const LIST: &str = r#"
select invitation.*, count(*) over () as total
from public.invitation
where "organizationId" = $1
  and ($2 or not exists (
    select
    from unnest(string_to_array(invitation.role, ',')) as part
    where btrim(part) = $3
  ))
order by "createdAt", id
limit 100"#;

const LIST_MINE: &str = r#"
select my_invitations.*, count(*) over () as total
from tenancy.my_invitations()
order by "createdAt", id
limit 100"#;

/// An invitation that the signed-in user got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The invitation.
    pub invitation: Invitation,
    /// What people call the organization.
    pub organization_name: String,
}

impl FromQueryResult for Received {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            invitation: Invitation::from_query_result(row, prefix)?,
            organization_name: row.try_get(prefix, "organizationName")?,
        })
    }
}

/// Lists the invitations of the organization in every state, oldest first. Those that make an owner are shown to owners
/// alone: whoever sees an invitation knows its link.
///
/// # Errors
///
/// [`InvitationError::MayNotList`] if the member may not invite; else when the database fails.
pub async fn list(tx: &TenantTx, member: &Membership) -> Result<Listed<Invitation>, InvitationError> {
    visible(tx, member).await?.ok_or(InvitationError::MayNotList)
}

/// The same, and nothing for who may not invite.
pub(crate) async fn visible(tx: &TenantTx, member: &Membership) -> Result<Option<Listed<Invitation>>, DbErr> {
    if !tx.allows(CREATE) {
        return Ok(None);
    }
    let is_owner = role_list::contains(member.role(), CREATOR_ROLE);
    let values = [tx.organization().into(), is_owner.into(), CREATOR_ROLE.into()];
    Listed::counted(&tx.sql(LIST, values).all().await?).map(Some)
}

/// Lists the invitations to the address of the signed-in user that wait for an answer, oldest first; also those that are
/// over.
///
/// # Errors
///
/// [`InvitationError::UnprovenToSee`] if the address is not proven: whoever lists invitations has shown none of their links.
pub async fn list_mine(
    database: &Database,
    context: &RequestContext,
    user: &User,
) -> Result<Listed<Received>, InvitationError> {
    if !user.email_verified {
        return Err(InvitationError::UnprovenToSee);
    }
    let tx = database.identity(context, user.id).await?;
    Ok(Listed::counted(&tx.sql(LIST_MINE, []).all().await?)?)
}
