//! The rows of `medical_records`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId, UserId};

use crate::coding::Code;
use crate::patients::PatientId;

pub use Model as MedicalRecord;

/// The id of a medical record: version 7, unique within its organization.
pub type MedicalRecordId = Id<MedicalRecord>;

/// What is known of a patient, as stored (FHIR R4 Condition, AllergyIntolerance, MedicationStatement, Observation,
/// DocumentReference).
///
/// Its `Debug` output holds nothing of a patient, so that it cannot get into a log by accident.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_records")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MedicalRecordId,
    /// Whose it is.
    pub patient_id: PatientId,
    /// `problem`, `allergy`, `medication`, `observation` or `document`.
    pub category: String,
    /// As the category has them.
    pub status: String,
    /// What it is.
    pub code: Code,
    /// Of an allergy: `low`, `high` or `unable-to-assess`.
    pub criticality: Option<String>,
    /// Of an observation what was found, of a medication the dose: a decimal.
    pub value: Option<String>,
    /// The UCUM unit of the value.
    pub unit: Option<String>,
    /// What was found, where it is no number.
    pub value_text: Option<String>,
    /// How a medication is taken.
    pub dosage: Option<String>,
    /// Since when, or when it was found: as precise as it is known.
    pub onset: Option<String>,
    /// Until when: as precise as it is known.
    #[sea_orm(column_name = "ended")]
    pub end: Option<String>,
    /// The first instant of the onset, or when the record was made: lists go by it.
    pub effective_at: OffsetDateTime,
    /// What else there is to say.
    pub note: Option<String>,
    /// What a document's file was called.
    pub file_name: Option<String>,
    /// What a document's content is, by itself.
    pub media_type: Option<String>,
    /// How long a document's content is, in bytes.
    pub size: Option<i64>,
    /// The SHA-256 of a document's content, in hexadecimal digits.
    pub sha256: Option<String>,
    /// The user who made it.
    pub created_by: UserId,
    /// The display name they had.
    pub created_by_name: String,
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
        f.debug_struct("MedicalRecord")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("medicalRecord", "MEDICAL_RECORD_NOT_FOUND", |row| Some(
    row.patient_id
));
