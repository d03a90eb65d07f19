//! Answering an invitation. Who does is no member yet, or never will be: the transaction begins with the signed-in user,
//! and goes on in the organization that invites.

use wardkeep_auth::sessions::{self, CurrentSession};
use wardkeep_auth::users;
use wardkeep_tenancy::{
    Database, Grants, IdentityTx, InvitationId, RequestContext, TeamId, is_unique_violation,
    violated_constraint,
};

use sea_orm::DbErr;

use super::{ACCEPTED, Card, Invitation, InvitationError, REJECTED, answer, card};
use crate::members::{self, Member};
use crate::teams::members::{self as places, TeamMemberError};
use crate::{Rules, role_list};

/// An accepted invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The invitation, as it is now.
    pub invitation: Invitation,
    /// The new member.
    pub member: Member,
    /// The active team of the session now, where the invitation named exactly one.
    pub team: Option<TeamId>,
}

/// Makes the signed-in user a member by an invitation to the own address: the roles and places in teams that it says, all or
/// nothing. The organization becomes the active one of the session.
///
/// # Errors
///
/// [`InvitationError::NotFound`], also if somebody was faster; [`InvitationError::NotRecipient`];
/// [`InvitationError::Unproven`]; [`InvitationError::Full`]; [`InvitationError::Place`];
/// [`InvitationError::AlreadyMember`]; [`InvitationError::RecipientGone`]; else when the database fails.
pub async fn accept(
    database: &Database,
    context: &RequestContext,
    rules: &Rules,
    current: &CurrentSession,
    id: Option<InvitationId>,
) -> Result<Accepted, InvitationError> {
    let tx = begin(database, context, current).await?;
    let found = find(&tx, id).await?;
    if !found.invitation.is_open(tx.now()) {
        return Err(InvitationError::NotFound);
    }
    check(rules, current, &found)?;
    let id = found.invitation.id;
    let joining = tx.join(id).await?.ok_or(InvitationError::NotFound)?;
    // Its teams may have changed before it was locked.
    let invitation = find(&tx, Some(id)).await?.invitation;
    let teams = teams_of(&invitation)?;
    let team = match teams[..] {
        [team] => Some(team),
        _ => None,
    };
    let session = &current.session;
    let active_team = team.or(session.active_team_id);
    sessions::activate(&tx, session.id, Some(joining.organization()), active_team).await?;
    let tx = tx.into_joining(joining, Grants::none()).await?;
    if members::count(&tx).await? >= rules.members {
        return Err(InvitationError::Full);
    }
    let invitation = answer(&tx, id, ACCEPTED).await?;
    for team in &teams {
        places::check(&tx, rules, *team).await?;
    }
    let roles = role_list::names([invitation.roles()]).join(",");
    let member = members::insert(&tx, current.user.id, &roles)
        .await
        .map_err(already_member)?;
    for team in teams {
        places::put(&tx, rules, team, current.user.id).await?;
    }
    tx.commit().await?;
    Ok(Accepted {
        invitation,
        member,
        team,
    })
}

/// Rejects an invitation to the own address. One that is over can be rejected too.
///
/// # Errors
///
/// [`InvitationError::NotFound`], also if somebody was faster; [`InvitationError::NotRecipient`];
/// [`InvitationError::Unproven`]; [`InvitationError::RecipientGone`]; else when the database fails.
pub async fn reject(
    database: &Database,
    context: &RequestContext,
    rules: &Rules,
    current: &CurrentSession,
    id: Option<InvitationId>,
) -> Result<Invitation, InvitationError> {
    let tx = begin(database, context, current).await?;
    let found = find(&tx, id).await?;
    if !found.invitation.is_pending() {
        return Err(InvitationError::NotFound);
    }
    check(rules, current, &found)?;
    let id = found.invitation.id;
    let joining = tx.join(id).await?.ok_or(InvitationError::NotFound)?;
    let tx = tx.into_joining(joining, Grants::none()).await?;
    let invitation = answer(&tx, id, REJECTED).await?;
    tx.commit().await?;
    Ok(invitation)
}

/// Holds the user before anything else: a deletion of the user takes what follows in the same order. The address cannot
/// change meanwhile either.
async fn begin(
    database: &Database,
    context: &RequestContext,
    current: &CurrentSession,
) -> Result<IdentityTx, InvitationError> {
    let tx = database.identity(context, current.user.id).await?;
    if users::hold(&tx).await? {
        Ok(tx)
    } else {
        Err(InvitationError::RecipientGone)
    }
}

async fn find(tx: &IdentityTx, id: Option<InvitationId>) -> Result<Card, InvitationError> {
    let id = id.ok_or(InvitationError::NotFound)?;
    card::find(tx, id).await?.ok_or(InvitationError::NotFound)
}

fn check(rules: &Rules, current: &CurrentSession, found: &Card) -> Result<(), InvitationError> {
    if !found.mine {
        return Err(InvitationError::NotRecipient);
    }
    if rules.invitations_need_verified_email && !current.user.email_verified {
        return Err(InvitationError::Unproven);
    }
    Ok(())
}

fn teams_of(invitation: &Invitation) -> Result<Vec<TeamId>, TeamMemberError> {
    let teams = invitation
        .teams()
        .map(|id| id.parse().map_err(|_| TeamMemberError::TeamNotFound));
    teams.collect()
}

fn already_member(error: DbErr) -> InvitationError {
    let taken = is_unique_violation(&error)
        && violated_constraint(&error).as_deref() == Some("member_organizationId_userId_key");
    if taken {
        InvitationError::AlreadyMember
    } else {
        InvitationError::Database(error)
    }
}
