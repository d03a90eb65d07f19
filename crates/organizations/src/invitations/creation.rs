//! Inviting somebody, once or again.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, FromQueryResult as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, Select,
};
use wardkeep_auth::emails::Email;
use wardkeep_auth::users::User;
use wardkeep_auth::{Auth, mail};
use wardkeep_tenancy::{AccessControl, InvitationId, TeamId, TenantTx};

use super::{CREATE, Invitation, InvitationError, PENDING, entity, letter};
use crate::authority::Authority;
use crate::teams::members::{self as places, TeamMemberError};
use crate::{CREATOR_ROLE, Rules, organization, profiles, role_list, roles};

const HOLD_INVITER: &str = "select tenancy.hold_current_user()";

const RENEW: &str = r#"
update public.invitation
set
  "expiresAt" = $3,
  "updatedAt" = $4,
  "inviterId" = $5
where "organizationId" = $1
  and id = $2
returning *"#;

/// Whom a member invites, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// Who is to get it.
    pub email: Email,
    /// The roles of the new member: names, or lists of them between commas.
    pub roles: Vec<String>,
    /// Whether an invitation that waits already is sent again, as it is, with a new time to accept it.
    pub resend: bool,
    /// The ids of the teams in which the new member gets a place.
    pub teams: Vec<String>,
}

/// An invitation that was made or renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The invitation.
    pub invitation: Invitation,
    /// Whether its mail waits in the outbox: call [`Auth::mail_waiting`] after the commit.
    pub mailed: bool,
}

/// Invites an address, and queues the mail that says so, in the same transaction.
///
/// # Errors
///
/// [`InvitationError`]'s variants from `Authority` to `Place` in their order, which is that of Better Auth's answers.
pub async fn create(
    tx: &TenantTx,
    access: &AccessControl,
    rules: &Rules,
    auth: &Auth,
    inviter: &User,
    new: NewInvitation,
) -> Result<Sent, InvitationError> {
    // First, as the invitation will refer to the inviter: a deletion of the user takes the two in the same order.
    tx.sql(HOLD_INVITER, []).execute().await?;
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(CREATE) {
        return Err(InvitationError::MayNotInvite);
    }
    let roles = checked(tx, access, &authority, &new.roles).await?;
    if profiles::find_by_email(tx, new.email.as_str()).await?.is_some() {
        return Err(InvitationError::AlreadyMember);
    }
    let waiting = waiting(tx)
        .filter(entity::Column::Email.eq(new.email.as_str()))
        .order_by_asc(entity::Column::CreatedAt)
        .order_by_asc(entity::Column::Id);
    let invitation = match waiting.one(tx).await? {
        Some(_) if !new.resend => return Err(InvitationError::AlreadyInvited),
        Some(waiting) => {
            // Whoever sends it again gives its roles again, and stands for it from now on.
            checked(tx, access, &authority, &[waiting.roles().to_owned()]).await?;
            renew(tx, rules, waiting.id).await?
        }
        None => insert(tx, rules, roles, &new).await?,
    };
    let mailed = rules.mail_invitations && auth.mails_are_sent();
    if mailed {
        let organization = organization::name(tx).await?;
        let mail = letter::invitation(auth, new.email, &invitation, &organization, inviter);
        mail::queue(tx, tx.context(), auth, &mail).await?;
    }
    Ok(Sent { invitation, mailed })
}

/// The roles as they are stored, if the caller may give them.
async fn checked(
    tx: &TenantTx,
    access: &AccessControl,
    authority: &Authority,
    lists: &[String],
) -> Result<String, InvitationError> {
    let names = role_list::names(lists.iter().map(String::as_str));
    let names: Vec<_> = names.into_iter().map(str::to_owned).collect();
    if names.is_empty() {
        return Err(InvitationError::NoRole);
    }
    let named = roles::named(tx, access, &names).await?;
    if !named.unknown.is_empty() {
        return Err(InvitationError::UnknownRoles(named.unknown));
    }
    let makes_an_owner = names.iter().any(|name| name == CREATOR_ROLE);
    if (makes_an_owner && !authority.is_owner()) || !authority.grants().cover(&named.grants) {
        return Err(InvitationError::RoleDenied);
    }
    Ok(names.join(","))
}

/// The invitations that can be accepted.
fn waiting(tx: &TenantTx) -> Select<entity::Entity> {
    tx.find::<entity::Entity>()
        .filter(entity::Column::Status.eq(PENDING))
        .filter(entity::Column::ExpiresAt.gt(tx.now()))
}

async fn renew(tx: &TenantTx, rules: &Rules, id: InvitationId) -> Result<Invitation, InvitationError> {
    let values = [
        tx.organization().into(),
        id.into(),
        (tx.now() + rules.invitation_lifetime).into(),
        tx.now().into(),
        tx.user().into(),
    ];
    let row = tx
        .sql(RENEW, values)
        .one()
        .await?
        .ok_or(InvitationError::NotFound)?;
    Ok(Invitation::from_query_result(&row, "")?)
}

async fn insert(
    tx: &TenantTx,
    rules: &Rules,
    roles: String,
    new: &NewInvitation,
) -> Result<Invitation, InvitationError> {
    if waiting(tx).count(tx).await? >= rules.pending_invitations {
        return Err(InvitationError::TooMany);
    }
    if new.teams.iter().any(|team| team.contains(',')) {
        return Err(InvitationError::TeamWithComma);
    }
    let mut teams = Vec::with_capacity(new.teams.len());
    for team in &new.teams {
        let team: TeamId = team.parse().map_err(|_| TeamMemberError::TeamNotFound)?;
        places::check(tx, rules, team).await?;
        // As it is written here, not there: whoever removes the team looks for this text.
        teams.push(team.to_string());
    }
    let row = entity::ActiveModel {
        id: Set(tx.context().new_id()),
        organization_id: Set(tx.organization()),
        email: Set(new.email.as_str().to_owned()),
        role: Set(Some(roles)),
        team_id: Set((!teams.is_empty()).then(|| teams.join(","))),
        status: Set(PENDING.to_owned()),
        expires_at: Set(tx.now() + rules.invitation_lifetime),
        created_at: Set(tx.now()),
        inviter_id: Set(tx.user()),
    };
    Ok(row.insert(tx).await?)
}
