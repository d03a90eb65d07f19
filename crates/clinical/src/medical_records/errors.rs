//! Why something could not be done with medical records.

use std::io;

use sea_orm::DbErr;
use serde_json::Value as Json;
use wardkeep_tenancy::{Fault, FaultKind, InvalidField};

use crate::records::RecordError;
use crate::statuses::StatusNotAllowed;

/// Why something could not be done with medical records.
#[derive(Debug, thiserror::Error)]
pub enum MedicalRecordError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The status cannot follow the one that the observation has.
    #[error(transparent)]
    StatusNotAllowed(#[from] StatusNotAllowed),
    /// Only a document has a content.
    #[error("only a record of the category document has a content")]
    NotADocument,
    /// The document has a content, which is never replaced.
    #[error("the document has its content, which stays; make a new record, and set this one to superseded")]
    ContentExists,
    /// There is no content.
    #[error("there is no content")]
    NoContent,
    /// The bytes of a content are not there, or not those that they must be.
    #[error("the content could not be read")]
    Unreadable(#[source] io::Error),
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
            Self::StatusNotAllowed(_) | Self::NotADocument | Self::ContentExists => FaultKind::Conflict,
            Self::NoContent => FaultKind::NotFound,
            Self::Unreadable(_) => FaultKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::StatusNotAllowed(_) => StatusNotAllowed::CODE,
            Self::NotADocument => "NOT_A_DOCUMENT",
            Self::ContentExists => "CONTENT_EXISTS",
            Self::NoContent => "CONTENT_NOT_FOUND",
            Self::Unreadable(_) => "INTERNAL_ERROR",
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
            Self::StatusNotAllowed(refused) => refused.details(),
            _ => Vec::new(),
        }
    }
}
