//! The rows of `clinical_note_versions`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{OrganizationId, OrganizationOwned, UserId};

use crate::clinical_notes::entity::ClinicalNoteId;

pub use Model as NoteVersion;

/// What a note said in one version, as stored.
///
/// Its `Debug` output holds nothing of a patient, so that it cannot get into a log by accident.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "clinical_note_versions")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The note.
    #[sea_orm(primary_key, auto_increment = false)]
    pub clinical_note_id: ClinicalNoteId,
    /// The version that the note had then.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// What kind of note it was.
    pub note_type: String,
    /// What it said.
    pub text: String,
    /// The user who wrote that.
    pub written_by: UserId,
    /// The display name they had.
    pub written_by_name: String,
    /// When they wrote it.
    pub written_at: OffsetDateTime,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoteVersion")
            .field("clinical_note_id", &self.clinical_note_id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
