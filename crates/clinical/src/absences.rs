//! Absences: when practitioners are away (FHIR R4 PractitionerRole.notAvailable).

pub(crate) mod entity;

pub use entity::{Absence, AbsenceId};
