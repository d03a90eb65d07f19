//! The rows of `clinical_notes`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId, UserId};

use crate::treatment_sessions::{self, TreatmentSessionId};

pub use Model as ClinicalNote;

/// The id of a note: version 7, unique within its organization.
pub type ClinicalNoteId = Id<ClinicalNote>;

/// A note of a session, as stored.
///
/// Its `Debug` output holds nothing of a patient, so that it cannot get into a log by accident.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "clinical_notes")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClinicalNoteId,
    /// The session that it is about, and with it whose it is.
    pub treatment_session_id: TreatmentSessionId,
    /// The user who wrote it.
    pub author_id: UserId,
    /// The display name they had.
    pub author_name: String,
    /// What kind of note it is.
    pub note_type: String,
    /// What it says.
    pub text: String,
    /// `draft` or `final`.
    pub status: String,
    /// The signed note of the same session that it adds to.
    pub addendum_to: Option<ClinicalNoteId>,
    /// Whether it marks that note as entered in error.
    pub retracts: bool,
    /// The user who signed it.
    pub signed_by: Option<UserId>,
    /// The display name they had.
    pub signed_by_name: Option<String>,
    /// When it was signed.
    pub signed_at: Option<OffsetDateTime>,
    /// The SHA-256 of what was signed, in hexadecimal digits.
    pub sha256: Option<String>,
    /// 1 for a new one, one more with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
    /// When it was deleted.
    pub deleted_at: Option<OffsetDateTime>,
    /// Why it was deleted.
    pub deletion_reason: Option<String>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClinicalNote")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("clinicalNote", "CLINICAL_NOTE_NOT_FOUND", async |tx, row| {
    treatment_sessions::patient_of(tx, row.treatment_session_id).await
});
