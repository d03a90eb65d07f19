//! The row of `"teamMember"`.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId, OrganizationOwned, TeamId, UserId};

/// That a member of the organization is in a team.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "teamMember", rename_all = "camelCase")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Model>,
    /// The team.
    pub team_id: TeamId,
    /// The member's user; one row per team.
    pub user_id: UserId,
    /// What Better Auth keeps unique: base64url of SHA-256 over team and user. No answer shows it.
    pub membership_key: Option<String>,
    /// The organization of the team.
    pub organization_id: OrganizationId,
    /// Since when.
    pub created_at: Option<OffsetDateTime>,
}

/// Relations are followed by hand, within one organization.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
