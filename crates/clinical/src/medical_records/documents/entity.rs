//! The rows of `medical_record_chunks`.

use std::fmt;

use sea_orm::entity::prelude::*;
use wardkeep_tenancy::{OrganizationId, OrganizationOwned};

use crate::medical_records::MedicalRecordId;

/// A piece of the content of a document, as stored.
///
/// Its `Debug` output holds nothing of the content.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_record_chunks")]
pub(super) struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The document.
    #[sea_orm(primary_key, auto_increment = false)]
    pub medical_record_id: MedicalRecordId,
    /// Where it stands, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    /// The bytes.
    pub content: Vec<u8>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MedicalRecordChunk")
            .field("medical_record_id", &self.medical_record_id)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
