//! Invitations to an organization: made by a member, mailed to an address, answered by whoever has it.
//!
//! Whoever knows an invitation's id may see what its mail says ([`card`]); to answer it takes the address. Everything that
//! changes one locks the organization first, so that an invitation is answered once.

mod acceptance;
mod cancellation;
mod card;
mod creation;
mod entity;
mod letter;
mod list;

use sea_orm::{DbErr, FromQueryResult as _};
use time::OffsetDateTime;
use wardkeep_tenancy::{BeginError, Fault, FaultKind, InvitationId, Permission, TenantTx};

pub use acceptance::{Accepted, accept, reject};
pub use cancellation::cancel;
pub use card::{Card, card, get};
pub use creation::{NewInvitation, Sent, create};
pub use entity::Model as Invitation;
pub(crate) use list::visible;
pub use list::{Received, list, list_mine};

use crate::authority::AuthorityError;
use crate::teams::members::TeamMemberError;
use crate::{CREATOR_ROLE, role_list};

const CREATE: Permission = Permission::new("invitation", "create");

const PENDING: &str = "pending";
const ACCEPTED: &str = "accepted";
const REJECTED: &str = "rejected";

const ANSWER: &str = r#"
update public.invitation
set
  status = $3,
  "updatedAt" = $4
where "organizationId" = $1
  and id = $2
  and status = 'pending'
returning *"#;

impl Invitation {
    /// Whether nobody has answered it or taken it back. It may be over all the same.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.status == PENDING
    }

    /// Whether it can be accepted at this instant.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.is_pending() && self.expires_at >= now
    }

    /// Whether it makes its recipient an owner.
    #[must_use]
    pub fn grants_ownership(&self) -> bool {
        role_list::contains(self.roles(), CREATOR_ROLE)
    }

    /// As the column has it where nobody said.
    fn roles(&self) -> &str {
        self.role.as_deref().unwrap_or("member")
    }

    /// The ids of its teams, as they are written.
    fn teams(&self) -> impl Iterator<Item = &str> {
        let list = self.team_id.as_deref().unwrap_or_default();
        list.split(',').filter(|id| !id.is_empty())
    }
}

/// Answers a pending invitation; [`InvitationError::NotFound`] if somebody was faster.
async fn answer(
    tx: &TenantTx,
    id: InvitationId,
    status: &'static str,
) -> Result<Invitation, InvitationError> {
    let values = [
        tx.organization().into(),
        id.into(),
        status.into(),
        tx.now().into(),
    ];
    let row = tx
        .sql(ANSWER, values)
        .one()
        .await?
        .ok_or(InvitationError::NotFound)?;
    Ok(Invitation::from_query_result(&row, "")?)
}

/// Why an invitation was not made, shown or answered.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The caller is no member any more.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The caller's roles do not allow it.
    #[error("the caller may not invite anybody")]
    MayNotInvite,
    /// No role was given.
    #[error("an invitation needs a role")]
    NoRole,
    /// These roles do not exist.
    #[error("there are no such roles: {}", .0.join(", "))]
    UnknownRoles(Vec<String>),
    /// Only an owner makes an owner, and nobody hands on rights that they do not hold.
    #[error("the caller may not give this role")]
    RoleDenied,
    /// The address is a member's.
    #[error("the user is a member already")]
    AlreadyMember,
    /// The address has an invitation that can be accepted.
    #[error("the address is invited already")]
    AlreadyInvited,
    /// Too many invitations wait for an answer.
    #[error("too many invitations wait for an answer")]
    TooMany,
    /// The id of a team holds a comma, which parts several of them.
    #[error("the id of a team holds a comma")]
    TeamWithComma,
    /// A team does not exist, or has no room.
    #[error(transparent)]
    Place(#[from] TeamMemberError),
    /// There is none of this id, or it is over, answered or taken back.
    #[error("there is no such invitation")]
    NotFound,
    /// It went to another address than the caller's.
    #[error("the invitation is for somebody else")]
    NotRecipient,
    /// The caller must prove the address first.
    #[error("the address must be proven before")]
    Unproven,
    /// The caller must prove the address to see it.
    #[error("the address must be proven to see the invitations to it")]
    UnprovenToSee,
    /// Who invited is a member no more.
    #[error("who invited is a member no more")]
    InviterGone,
    /// The caller's roles do not allow it.
    #[error("the caller may not cancel invitations")]
    MayNotCancel,
    /// The caller's roles do not allow it.
    #[error("the caller may not see the invitations of the organization")]
    MayNotList,
    /// The organization has as many members as it may have.
    #[error("the organization has too many members")]
    Full,
    /// The caller was deleted since the request began.
    #[error("the recipient is gone")]
    RecipientGone,
    /// No transaction could be opened.
    #[error("no transaction could be opened")]
    Begin(#[from] BeginError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl Fault for InvitationError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NoRole
            | Self::UnknownRoles(_)
            | Self::AlreadyMember
            | Self::AlreadyInvited
            | Self::TeamWithComma
            | Self::InviterGone
            | Self::NotFound => FaultKind::Invalid,
            Self::MayNotInvite
            | Self::RoleDenied
            | Self::TooMany
            | Self::NotRecipient
            | Self::Unproven
            | Self::UnprovenToSee
            | Self::MayNotCancel
            | Self::MayNotList
            | Self::Full => FaultKind::Forbidden,
            Self::RecipientGone => FaultKind::Unauthenticated,
            Self::Authority(error) => error.kind(),
            Self::Place(error) => error.kind(),
            Self::Begin(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::MayNotInvite => "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION",
            Self::NoRole | Self::UnknownRoles(_) => "ROLE_NOT_FOUND",
            Self::RoleDenied => "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE",
            Self::AlreadyMember => "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION",
            Self::AlreadyInvited => "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION",
            Self::TooMany => "INVITATION_LIMIT_REACHED",
            Self::TeamWithComma => "INVALID_TEAM_ID",
            Self::NotFound => "INVITATION_NOT_FOUND",
            Self::NotRecipient => "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION",
            Self::Unproven => "EMAIL_VERIFICATION_REQUIRED_BEFORE_ACCEPTING_OR_REJECTING_INVITATION",
            Self::UnprovenToSee => "EMAIL_VERIFICATION_REQUIRED_FOR_INVITATION",
            Self::InviterGone => "INVITER_IS_NO_LONGER_A_MEMBER_OF_THE_ORGANIZATION",
            Self::MayNotCancel => "YOU_ARE_NOT_ALLOWED_TO_CANCEL_THIS_INVITATION",
            Self::MayNotList => "YOU_ARE_NOT_ALLOWED_TO_LIST_INVITATIONS",
            Self::Full => "ORGANIZATION_MEMBERSHIP_LIMIT_REACHED",
            Self::RecipientGone => "UNAUTHORIZED",
            Self::Authority(error) => error.code(),
            Self::Place(error) => error.code(),
            Self::Begin(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
