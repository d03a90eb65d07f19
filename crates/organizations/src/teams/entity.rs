//! The row of `team`.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{OrganizationId, OrganizationOwned, TeamId};

/// A team of an organization.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team", rename_all = "camelCase")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    /// What people call it; may be empty.
    pub name: String,
    /// How many are in it, as Better Auth keeps it. Rules count the rows instead: a user who is deleted leaves it as it was
    /// until the team changes again.
    pub member_count: i32,
    /// The organization.
    pub organization_id: OrganizationId,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was last changed; `None` for the team that comes with an organization.
    pub updated_at: Option<OffsetDateTime>,
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
