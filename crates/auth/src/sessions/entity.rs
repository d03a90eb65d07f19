use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{OrganizationId, SessionId, TeamId, UserId};

/// A signed-in browser or program.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session", rename_all = "camelCase")]
pub struct Model {
    /// The session's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// From when on the session no longer counts.
    pub expires_at: OffsetDateTime,
    /// The public handle: the hash of the secret, see [`SessionSecret::handle`](super::SessionSecret::handle). Nobody
    /// can sign in with it.
    pub token: String,
    /// When the user signed in.
    pub created_at: OffsetDateTime,
    /// When the session was last prolonged.
    pub updated_at: OffsetDateTime,
    /// Where the sign-in came from; empty when unknown.
    pub ip_address: Option<String>,
    /// The `User-Agent` of the sign-in; empty when there was none.
    pub user_agent: Option<String>,
    /// Whose session it is.
    pub user_id: UserId,
    /// The organization chosen last. A hint that may be stale: it counts only with a membership.
    pub active_organization_id: Option<OrganizationId>,
    /// The team chosen last; a hint likewise.
    pub active_team_id: Option<TeamId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
