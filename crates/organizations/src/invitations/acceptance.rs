//! Answering an invitation. Who does is no member yet, or never will be: the transaction begins with the signed-in user,
//! and goes on in the organization that invites.

use wardkeep_auth::sessions::{self, CurrentSession};
use wardkeep_auth::users;
use wardkeep_tenancy::{
    AccessControl, Database, Grants, InvitationId, Joining, RequestContext, TeamId, TenantTx,
    is_unique_violation, violated_constraint,
};

use sea_orm::DbErr;

use super::card::{self, card};
use super::{ACCEPTED, CREATE, Invitation, InvitationError, REJECTED, answer};
use crate::authority::Authority;
use crate::members::{self, Member};
use crate::teams::members::{self as places, TeamMemberError};
use crate::{Rules, role_list, roles};

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
/// [`InvitationError::Unproven`]; [`InvitationError::InviterGone`], also if they may not invite to these roles any more;
/// [`InvitationError::UnknownRoles`]; [`InvitationError::Full`]; [`InvitationError::Place`];
/// [`InvitationError::AlreadyMember`]; [`InvitationError::RecipientGone`]; else when the database fails.
pub async fn accept(
    database: &Database,
    context: &RequestContext,
    access: &AccessControl,
    rules: &Rules,
    current: &CurrentSession,
    id: Option<InvitationId>,
) -> Result<Accepted, InvitationError> {
    let found = found(database, context, rules, current, id).await?;
    if !found.is_open(context.now()) {
        return Err(InvitationError::NotFound);
    }
    let joining = join(database, context, current, &found).await?;
    // Its teams may have changed before it was locked.
    let invitation = card::find(joining.identity(), found.id)
        .await?
        .ok_or(InvitationError::NotFound)?
        .invitation;
    let teams = teams_of(&invitation)?;
    let team = match teams[..] {
        [team] => Some(team),
        _ => None,
    };
    let session = &current.session;
    let active_team = team.or(session.active_team_id);
    let organization = joining.organization();
    sessions::activate(joining.identity(), session.id, Some(organization), active_team).await?;
    let tx = joining.into_tenant(Grants::none()).await?;
    check_maker(&tx, access, &invitation).await?;
    if members::count(&tx).await? >= rules.members {
        return Err(InvitationError::Full);
    }
    let invitation = answer(&tx, invitation.id, ACCEPTED).await?;
    // All of them before the first place is given, and before the member is there: their refusals come first.
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
    let found = found(database, context, rules, current, id).await?;
    let joining = join(database, context, current, &found).await?;
    let tx = joining.into_tenant(Grants::none()).await?;
    let invitation = answer(&tx, found.id, REJECTED).await?;
    tx.commit().await?;
    Ok(invitation)
}

/// The invitation, if it waits for an answer of this user. Looked at before anything is locked.
async fn found(
    database: &Database,
    context: &RequestContext,
    rules: &Rules,
    current: &CurrentSession,
    id: Option<InvitationId>,
) -> Result<Invitation, InvitationError> {
    let found = card(database, context, Some(current.user.id), id)
        .await?
        .filter(|card| card.invitation.is_pending())
        .ok_or(InvitationError::NotFound)?;
    if !found.mine {
        return Err(InvitationError::NotRecipient);
    }
    if rules.invitations_need_verified_email && !current.user.email_verified {
        return Err(InvitationError::Unproven);
    }
    Ok(found.invitation)
}

/// Holds the user and then locks the organization: a deletion of the user takes the two in the same order. The address
/// cannot change meanwhile either.
async fn join(
    database: &Database,
    context: &RequestContext,
    current: &CurrentSession,
    found: &Invitation,
) -> Result<Joining, InvitationError> {
    let tx = database
        .invited(context, current.user.id, found.organization_id)
        .await?;
    if !users::hold(&tx).await? {
        return Err(InvitationError::RecipientGone);
    }
    tx.join(found.id).await?.ok_or(InvitationError::NotFound)
}

/// What an invitation gives, its maker must still be allowed to give: who was put out, or has lost a role, must not come back
/// to it through an invitation of their own. Its roles must be there still: one that is made again may grant more.
async fn check_maker(
    tx: &TenantTx,
    access: &AccessControl,
    invitation: &Invitation,
) -> Result<(), InvitationError> {
    let maker = Authority::of(tx, access, invitation.inviter_id).await?;
    let maker = maker.ok_or(InvitationError::InviterGone)?;
    let names = role_list::names([invitation.roles()]);
    let names: Vec<_> = names.into_iter().map(str::to_owned).collect();
    let named = roles::named(tx, access, &names).await?;
    if !named.unknown.is_empty() {
        return Err(InvitationError::UnknownRoles(named.unknown));
    }
    let gives_ownership = invitation.grants_ownership() && !maker.is_owner();
    if gives_ownership || !maker.allows(CREATE) || !maker.grants().cover(&named.grants) {
        return Err(InvitationError::InviterGone);
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
