//! Appointments: who comes when, to whom, and into which room (FHIR R4 Appointment).

pub(crate) mod busy;
mod entity;
pub(crate) mod open;

pub use entity::{Appointment, AppointmentId};
