//! Why something could not be done with treatments.

use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value as Json, json};
use wardkeep_tenancy::{Fault, FaultKind, InvalidField};

use crate::records::RecordError;
use crate::statuses::StatusNotAllowed;
use crate::treatment_sessions::TreatmentSessionId;

/// Why something could not be done with treatments.
#[derive(Debug, thiserror::Error)]
pub enum TreatmentError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The status cannot follow the one that the treatment has.
    #[error(transparent)]
    StatusNotAllowed(#[from] StatusNotAllowed),
    /// It would be completed while sessions are open: at most 20 of them, if the caller may see any.
    #[error(
        "sessions of the treatment are open; end them first, or send it again with a completionReason to complete it all \
         the same"
    )]
    HasOpenSessions(Vec<OpenSession>),
    /// Sessions belong to it.
    #[error("the treatment has sessions: delete them first, or revoke it")]
    HasSessions,
}

/// A session that is planned or under way.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct OpenSession {
    /// Which one.
    pub id: TreatmentSessionId,
    /// Its number in the treatment.
    pub number: i32,
    /// `preparation` or `in-progress`.
    pub status: String,
}

impl From<DbErr> for TreatmentError {
    fn from(error: DbErr) -> Self {
        Self::Record(error.into())
    }
}

impl Fault for TreatmentError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
            Self::StatusNotAllowed(_) | Self::HasOpenSessions(_) | Self::HasSessions => FaultKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::StatusNotAllowed(_) => StatusNotAllowed::CODE,
            Self::HasOpenSessions(_) => "TREATMENT_HAS_OPEN_SESSIONS",
            Self::HasSessions => "TREATMENT_HAS_SESSIONS",
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
            Self::HasOpenSessions(open) => {
                let shown = open.iter();
                let shown: Vec<_> = shown
                    .map(|session| json!({ "id": session.id, "number": session.number, "status": session.status }))
                    .collect();
                vec![("openSessions", json!(shown))]
            }
            Self::HasSessions => Vec::new(),
        }
    }
}
