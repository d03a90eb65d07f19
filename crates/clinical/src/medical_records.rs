//! Medical records: problems, allergies, medications, observations and documents of a patient (FHIR R4 Condition,
//! AllergyIntolerance, MedicationStatement, Observation, DocumentReference).

mod entity;

use wardkeep_tenancy::Permission;

pub use entity::{MedicalRecord, MedicalRecordId};

/// The right to make medical records.
pub const CREATE: Permission = Permission::new("medicalRecord", "create");
/// The right to see medical records.
pub const READ: Permission = Permission::new("medicalRecord", "read");
/// The right to change medical records.
pub const UPDATE: Permission = Permission::new("medicalRecord", "update");
/// The right to delete medical records.
pub const DELETE: Permission = Permission::new("medicalRecord", "delete");
/// The right to bring back deleted medical records.
pub const RESTORE: Permission = Permission::new("medicalRecord", "restore");
