//! Why something could not be done with appointments.

use sea_orm::DbErr;
use serde_json::{Value as Json, json};
use wardkeep_tenancy::{Fault, FaultKind, InvalidField, sqlstate, violated_constraint};

use super::slots::Clash;
use super::status::Status;
use crate::calendar::Span;
use crate::records::{RecordError, instant};
use crate::statuses::StatusNotAllowed;

/// Why something could not be done with appointments.
#[derive(Debug, thiserror::Error)]
pub enum AppointmentError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(RecordError),
    /// Something stands in the way.
    #[error(transparent)]
    SlotTaken(#[from] SlotTaken),
    /// The status cannot follow the one that the appointment has; some cannot before it has begun.
    #[error(transparent)]
    StatusNotAllowed(#[from] StatusNotAllowed),
    /// Who, when and where of an appointment that is over are history.
    #[error(
        "the appointment is {}, so that its patient, practitioner, room and time cannot be changed",
        .0.as_str()
    )]
    Closed(Status),
    /// Sessions take place in it.
    #[error(
        "sessions take place in the appointment: it cannot be deleted or given to another patient, stays fulfilled while one is \
         completed, and took place if one was begun; move or delete the sessions first"
    )]
    HasSessions,
}

/// What stands in the way, and when nothing does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time is not free; `clashes` says why, and `freeSlots` which times are")]
pub struct SlotTaken {
    /// All that stands in the way.
    pub clashes: Vec<Clash>,
    /// The next three times of the same length at which nothing would, none of them more than 28 days ahead; fewer where
    /// there are no more.
    pub free: Vec<Span>,
}

impl SlotTaken {
    fn details(&self) -> Vec<(&'static str, Json)> {
        let clashes: Vec<_> = self.clashes.iter().map(Clash::shown).collect();
        let free = self.free.iter();
        let free: Vec<_> = free
            .map(|slot| json!({ "start": instant(slot.start), "end": instant(slot.end) }))
            .collect();
        vec![("clashes", json!(clashes)), ("freeSlots", json!(free))]
    }
}

impl From<RecordError> for AppointmentError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Database(error) => error.into(),
            error => Self::Record(error),
        }
    }
}

/// A constraint of the table that is broken although somebody looked before tells less than they would have: only what
/// was taken.
impl From<DbErr> for AppointmentError {
    fn from(error: DbErr) -> Self {
        // exclusion_violation
        let broken = sqlstate(&error)
            .filter(|state| state == "23P01")
            .and_then(|_| violated_constraint(&error));
        let clash = match broken.as_deref() {
            Some("appointments_practitioner_id_excl") => Clash::SomePractitioner,
            Some("appointments_room_id_excl") => Clash::SomeRoom,
            _ => return Self::Record(error.into()),
        };
        Self::SlotTaken(SlotTaken {
            clashes: vec![clash],
            free: Vec::new(),
        })
    }
}

impl Fault for AppointmentError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
            Self::SlotTaken(_) | Self::StatusNotAllowed(_) | Self::Closed(_) | Self::HasSessions => {
                FaultKind::Conflict
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::SlotTaken(_) => "SLOT_TAKEN",
            Self::StatusNotAllowed(_) => StatusNotAllowed::CODE,
            Self::Closed(_) => "APPOINTMENT_CLOSED",
            Self::HasSessions => "APPOINTMENT_HAS_SESSIONS",
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Record(error) => error.fields(),
            _ => &[],
        }
    }

    fn details(&self) -> Vec<(&'static str, Json)> {
        match self {
            Self::Record(error) => error.details(),
            Self::SlotTaken(taken) => taken.details(),
            Self::StatusNotAllowed(refused) => refused.details(),
            Self::Closed(_) | Self::HasSessions => Vec::new(),
        }
    }
}
