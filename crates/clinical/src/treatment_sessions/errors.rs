//! Why something could not be done with sessions.

use std::borrow::Cow;

use sea_orm::DbErr;
use serde_json::{Value as Json, json};
use wardkeep_tenancy::{Fault, FaultKind, InvalidField, violated_constraint};

use crate::records::RecordError;
use crate::statuses::StatusNotAllowed;

/// Which field it is that another one has already.
static NUMBER_TAKEN: [InvalidField; 1] = [InvalidField {
    field: Cow::Borrowed("number"),
    problem: Cow::Borrowed("is the number of another session of the treatment"),
}];

/// Why something could not be done with sessions.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(RecordError),
    /// The status cannot follow the one that the session has.
    #[error(transparent)]
    StatusNotAllowed(#[from] StatusNotAllowed),
    /// Another session of the treatment has the number.
    #[error("another session of the treatment has this number")]
    NumberTaken,
    /// Treatment, appointment, performer and number of a session that is over are history; this is its status.
    #[error(
        "the session is {0}, so that its treatment, appointment, performer and number cannot be changed: open it again first"
    )]
    Closed(&'static str),
    /// A signed note is about the session as it is.
    #[error(
        "a signed note is about the session, so that it stays, with its treatment, appointment, performer and number, and \
         was begun"
    )]
    HasSignedNote,
    /// A note is about the session, and so about its patient.
    #[error(
        "a note is about the session, be it a draft or a deleted one, so that it stays that of its patient"
    )]
    HasNotes,
    /// The treatment does not take the session; this is its status.
    #[error(
        "the treatment is {0}: sessions are held while it is active, and planned while it is draft, active or on-hold"
    )]
    TreatmentNotActive(&'static str),
    /// The appointment does not take the session; this is its status.
    #[error(
        "the appointment is {0}{more}: a session is held in one that is booked, arrived, checked-in or fulfilled, completed \
         in one that has begun, and planned in none that is cancelled or noshow",
        more = if *.1 { "" } else { " and has not begun" }
    )]
    AppointmentNotOpen(&'static str, bool),
}

impl From<RecordError> for SessionError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Database(error) => error.into(),
            error => Self::Record(error),
        }
    }
}

impl From<DbErr> for SessionError {
    fn from(error: DbErr) -> Self {
        if violated_constraint(&error).as_deref() == Some("treatment_sessions_number_key") {
            Self::NumberTaken
        } else {
            Self::Record(error.into())
        }
    }
}

impl Fault for SessionError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
            _ => FaultKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::StatusNotAllowed(_) => StatusNotAllowed::CODE,
            Self::NumberTaken => "SESSION_NUMBER_TAKEN",
            Self::Closed(_) => "SESSION_CLOSED",
            Self::HasSignedNote => "SESSION_HAS_SIGNED_NOTE",
            Self::HasNotes => "SESSION_HAS_NOTES",
            Self::TreatmentNotActive(_) => "TREATMENT_NOT_ACTIVE",
            Self::AppointmentNotOpen(..) => "APPOINTMENT_NOT_OPEN",
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Record(error) => error.fields(),
            Self::NumberTaken => &NUMBER_TAKEN,
            _ => &[],
        }
    }

    fn details(&self) -> Vec<(&'static str, Json)> {
        match self {
            Self::Record(error) => error.details(),
            Self::StatusNotAllowed(refused) => refused.details(),
            Self::TreatmentNotActive(status) => vec![("treatmentStatus", json!(status))],
            Self::AppointmentNotOpen(status, _) => vec![("appointmentStatus", json!(status))],
            _ => Vec::new(),
        }
    }
}
