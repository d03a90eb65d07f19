//! Why something could not be done with medical records.

use sea_orm::DbErr;
use serde_json::{Value as Json, json};
use wardkeep_tenancy::{Fault, FaultKind, InvalidField};

use crate::records::RecordError;

/// Why something could not be done with medical records.
#[derive(Debug, thiserror::Error)]
pub enum MedicalRecordError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The status cannot follow the one that the observation has.
    #[error("an observation that is {status} cannot become that; `allowed` says what it can")]
    StatusNotAllowed {
        /// The one that it has.
        status: String,
        /// Those that can follow.
        allowed: Vec<&'static str>,
    },
}

impl From<DbErr> for MedicalRecordError {
    fn from(error: DbErr) -> Self {
        Self::Record(error.into())
    }
}

impl Fault for MedicalRecordError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
            Self::StatusNotAllowed { .. } => FaultKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::StatusNotAllowed { .. } => "STATUS_NOT_ALLOWED",
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Record(error) => error.fields(),
            Self::StatusNotAllowed { .. } => &[],
        }
    }

    fn details(&self) -> Vec<(&'static str, Json)> {
        match self {
            Self::Record(error) => error.details(),
            Self::StatusNotAllowed { status, allowed } => {
                vec![("currentStatus", json!(status)), ("allowed", json!(allowed))]
            }
        }
    }
}
