//! The row of `organization`.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{OrganizationId, OrganizationOwned};

/// An organization: a clinic, a practice.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organization", rename_all = "camelCase")]
pub struct Model {
    /// Its id, which is the id of the tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// Its unique name in addresses, case-sensitive.
    pub slug: String,
    /// The address of a picture.
    pub logo: Option<String>,
    /// What the founder attached, a JSON object as text.
    pub metadata: Option<String>,
    /// Settings of the organization, a JSON object.
    pub settings: Json,
    /// When it was founded.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
}

/// An organization refers to nothing.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::Id
    }
}
