//! The rows of `patients`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::{Date, OffsetDateTime};
use wardkeep_tenancy::{Id, OrganizationId};

pub use Model as Patient;

/// The id of a patient: version 7, unique within its organization.
pub type PatientId = Id<Patient>;

/// One patient of one organization, as stored (FHIR R4 Patient).
///
/// Its `Debug` output holds no personal data, so that a patient cannot get into a log by accident.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patients")]
pub struct Model {
    /// The organization whose patient this is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PatientId,
    /// What stands before the name: `Dr.`
    pub name_prefix: Option<String>,
    /// Given names, as written by the clinic.
    pub first_name: String,
    /// Middle names.
    pub middle_name: Option<String>,
    /// Family names, as written by the clinic.
    pub last_name: String,
    /// What stands behind the name: `jr.`
    pub name_suffix: Option<String>,
    /// What the patient wants to be called.
    pub preferred_name: Option<String>,
    /// The family name at birth.
    pub birth_name: Option<String>,
    /// The clinic's own number for the patient. Unique within the organization among patients who are not deleted.
    pub medical_record_number: Option<String>,
    /// Numbers that others know the patient by: an array of objects with `system` and `value`.
    pub identifiers: Json,
    /// The day of birth.
    pub date_of_birth: Option<Date>,
    /// `male`, `female`, `other` or `unknown`.
    pub gender: Option<String>,
    /// The number to call first, as written by the clinic.
    pub phone: Option<String>,
    /// Other numbers: an array of objects with `use` and `number`.
    pub other_phones: Json,
    /// An address to write to. Nobody has proved that it is the patient's.
    pub email: Option<String>,
    /// Where the patient lives: an object.
    pub address: Option<Json>,
    /// The language to speak with the patient (BCP 47).
    pub language: Option<String>,
    /// Whom to turn to about the patient: an array of objects.
    pub contacts: Json,
    /// Whether the clinic still treats the patient.
    pub active: bool,
    /// Whether the patient has died.
    pub deceased: bool,
    /// The day of death, if it is known.
    pub deceased_on: Option<Date>,
    /// Conditions, allergies, medications and notes: an object. Older rows hold one of the clinic's own making.
    pub medical_history: Option<Json>,
    /// 1 for a new patient, one more with every change.
    pub version: i64,
    /// When the patient was recorded.
    pub created_at: OffsetDateTime,
    /// When the patient was last changed.
    pub updated_at: OffsetDateTime,
    /// When the patient was deleted.
    pub deleted_at: Option<OffsetDateTime>,
    /// Why the patient was deleted.
    pub deletion_reason: Option<String>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patient")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("patient", "PATIENT_NOT_FOUND", |row| Some(row.id));
