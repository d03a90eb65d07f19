//! The rows of `patient_identifiers`: one for each different identifier of each patient who is not deleted.

use sea_orm::entity::prelude::*;
use wardkeep_tenancy::{OrganizationId, OrganizationOwned};

use crate::patients::PatientId;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patient_identifiers")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub patient_id: PatientId,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
