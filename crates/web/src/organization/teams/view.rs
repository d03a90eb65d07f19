use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_organizations::teams::Team;
use wardkeep_organizations::teams::members::TeamMember;
use wardkeep_tenancy::{Id, OrganizationId, TeamId, UserId};

use crate::auth::{Fields, Shape};
use crate::time_format;

/// A team as the protocol shows it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Team)]
pub(in crate::organization) struct TeamView {
    #[schema(value_type = uuid::Uuid)]
    id: TeamId,
    /// What people call it; may be empty.
    name: String,
    #[schema(value_type = uuid::Uuid)]
    organization_id: OrganizationId,
    #[serde(with = "time_format")]
    created_at: OffsetDateTime,
    /// `null` for the team that comes with an organization.
    #[serde(with = "time_format::option")]
    updated_at: Option<OffsetDateTime>,
}

/// That a member of the organization is in a team.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TeamMember)]
pub(super) struct TeamMemberView {
    #[schema(value_type = uuid::Uuid)]
    id: Id<TeamMember>,
    #[schema(value_type = uuid::Uuid)]
    team_id: TeamId,
    #[schema(value_type = uuid::Uuid)]
    user_id: UserId,
    #[serde(with = "time_format::option")]
    created_at: Option<OffsetDateTime>,
}

/// It is done, and said in words.
#[derive(Serialize, ToSchema)]
pub(super) struct Told {
    pub(super) message: &'static str,
}

/// A member of the organization, and one of its teams.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Placement {
    pub(super) team_id: String,
    pub(super) user_id: String,
    /// The active organization, if absent.
    pub(super) organization_id: Option<String>,
}

impl From<Team> for TeamView {
    fn from(team: Team) -> Self {
        Self {
            id: team.id,
            name: team.name,
            organization_id: team.organization_id,
            created_at: team.created_at,
            updated_at: team.updated_at,
        }
    }
}

impl From<TeamMember> for TeamMemberView {
    fn from(member: TeamMember) -> Self {
        Self {
            id: member.id,
            team_id: member.team_id,
            user_id: member.user_id,
            created_at: member.created_at,
        }
    }
}

impl Shape for Placement {
    fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            team_id: fields.text("teamId"),
            user_id: fields.coerced_text("userId"),
            organization_id: fields.optional_text("organizationId"),
        }
    }
}
