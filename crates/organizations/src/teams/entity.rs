//! The row of `team`.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{OrganizationId, OrganizationOwned, TeamId};

/// A team of an organization.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team", rename_all = "camelCase")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    pub name: String,
    pub member_count: i32,
    pub organization_id: OrganizationId,
    pub created_at: OffsetDateTime,
    pub updated_at: Option<OffsetDateTime>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
