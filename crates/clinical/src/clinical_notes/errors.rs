//! Why something could not be done with notes.

use sea_orm::DbErr;
use wardkeep_tenancy::{Fault, FaultKind, InvalidField};

use super::addenda::MOST_ADDENDA;
use crate::records::RecordError;

/// Why something could not be done with notes.
#[derive(Debug, thiserror::Error)]
pub enum NoteError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The note is signed.
    #[error("the note is signed and stays as it is; write an addendum")]
    Signed,
    /// The note is a draft.
    #[error("the note is a draft; it can still be changed, and must be signed first")]
    NotSigned,
    /// The note is an addendum itself.
    #[error("the note is an addendum; add to the note that it is about")]
    IsAddendum,
    /// The note has as many addenda as one may have.
    #[error("the note has {MOST_ADDENDA} addenda, deleted ones too, and takes no more; write another note")]
    TooManyAddenda,
    /// The caller has signed in too long ago to sign anything.
    #[error("you have signed in too long ago to sign a note; sign in again")]
    NotFresh,
}

impl From<DbErr> for NoteError {
    fn from(error: DbErr) -> Self {
        Self::Record(error.into())
    }
}

impl Fault for NoteError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
            Self::Signed | Self::NotSigned | Self::IsAddendum | Self::TooManyAddenda => FaultKind::Conflict,
            Self::NotFresh => FaultKind::Forbidden,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::Signed => "NOTE_SIGNED",
            Self::NotSigned => "NOTE_NOT_SIGNED",
            Self::IsAddendum => "NOTE_IS_ADDENDUM",
            Self::TooManyAddenda => "TOO_MANY_ADDENDA",
            Self::NotFresh => "SESSION_NOT_FRESH",
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Record(error) => error.fields(),
            _ => &[],
        }
    }
}
