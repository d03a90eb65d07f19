//! Treatment sessions: what was done when, by whom (FHIR R4 Procedure).

mod entity;
mod lock;
mod of_treatment;
mod parties;

use wardkeep_tenancy::Permission;

pub use entity::{TreatmentSession, TreatmentSessionId};
pub(crate) use lock::{lock_shared, patient_of};
pub(crate) use of_treatment::{Tally, any_of, open_of, tallies};
pub(crate) use parties::{Parties, of_patient, parties_of};

/// The right to make sessions.
pub const CREATE: Permission = Permission::new("treatmentSession", "create");
/// The right to see sessions.
pub const READ: Permission = Permission::new("treatmentSession", "read");
/// The right to change sessions.
pub const UPDATE: Permission = Permission::new("treatmentSession", "update");
/// The right to delete sessions.
pub const DELETE: Permission = Permission::new("treatmentSession", "delete");
/// The right to bring back deleted sessions.
pub const RESTORE: Permission = Permission::new("treatmentSession", "restore");
