//! Treatments: courses of sessions, and how far they are (FHIR R4 CarePlan).

mod entity;

use wardkeep_tenancy::Permission;

pub use entity::{Treatment, TreatmentId};

/// The right to make treatments.
pub const CREATE: Permission = Permission::new("treatment", "create");
/// The right to see treatments.
pub const READ: Permission = Permission::new("treatment", "read");
/// The right to change treatments.
pub const UPDATE: Permission = Permission::new("treatment", "update");
/// The right to delete treatments.
pub const DELETE: Permission = Permission::new("treatment", "delete");
/// The right to bring back deleted treatments.
pub const RESTORE: Permission = Permission::new("treatment", "restore");
