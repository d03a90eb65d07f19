use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_organizations::invitations::Invitation;
use wardkeep_tenancy::{InvitationId, OrganizationId, UserId};

use crate::time_format;

/// An invitation as the protocol shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitation)]
pub(in crate::organization) struct InvitationView {
    /// What its link holds.
    #[schema(value_type = uuid::Uuid)]
    id: InvitationId,
    #[schema(value_type = uuid::Uuid)]
    organization_id: OrganizationId,
    #[schema(example = "ben@example.org")]
    email: String,
    /// Names of roles, comma-separated.
    #[schema(example = "member")]
    role: Option<String>,
    /// Ids of teams, comma-separated.
    team_id: Option<String>,
    /// `pending`, `accepted`, `rejected` or `canceled`. One that is over stays pending.
    #[schema(example = "pending")]
    status: String,
    #[serde(with = "time_format")]
    expires_at: OffsetDateTime,
    #[serde(with = "time_format")]
    created_at: OffsetDateTime,
    #[schema(value_type = uuid::Uuid)]
    inviter_id: UserId,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        Self {
            id: invitation.id,
            organization_id: invitation.organization_id,
            email: invitation.email,
            role: invitation.role,
            team_id: invitation.team_id,
            status: invitation.status,
            expires_at: invitation.expires_at,
            created_at: invitation.created_at,
            inviter_id: invitation.inviter_id,
        }
    }
}
