//! Stretches of time, and when a practitioner is there.

mod zones;

use time::OffsetDateTime;
use wardkeep_tenancy::{TenantTx, UserId};

use crate::records::RecordError;

pub(crate) use zones::zone;

/// A stretch of time, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub start: OffsetDateTime,
    /// The first instant after it.
    pub end: OffsetDateTime,
}

/// When a practitioner is there within a span.
#[derive(Clone, Debug, Default)]
pub(crate) struct Presence {
    /// The weekly working hours, in order and apart from each other. None for who has no working hours at all: they can be
    /// booked at any time.
    pub(crate) hours: Option<Vec<Span>>,
    /// The absences, in order and apart from each other.
    pub(crate) absences: Vec<Span>,
}

/// When this practitioner is there within a span. Reads, and locks nothing: whoever books holds the lock of
/// [`practitioners::lock`](crate::practitioners::lock).
pub(crate) async fn presence(
    _tx: &TenantTx,
    _practitioner: UserId,
    _within: Span,
) -> Result<Presence, RecordError> {
    Ok(Presence::default())
}
