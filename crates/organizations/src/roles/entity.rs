//! The row of `"organizationRole"`.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{OrganizationId, OrganizationOwned};

use super::RoleId;

/// A role of an organization; `permission` is JSON as text, as Better Auth keeps it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organizationRole", rename_all = "camelCase")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RoleId,
    pub organization_id: OrganizationId,
    pub role: String,
    pub permission: String,
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
