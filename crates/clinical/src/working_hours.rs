//! Working hours: when practitioners can be booked, every week (FHIR R4 PractitionerRole.availableTime).

mod days;
pub(crate) mod entity;
mod weeks;

pub use days::{DayOfWeek, DaysOfWeek};
pub use entity::{WorkingHours, WorkingHoursId};
