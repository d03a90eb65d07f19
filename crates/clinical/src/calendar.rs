//! Stretches of time, and when a practitioner is there.

mod input;
pub(crate) mod spans;
pub(crate) mod zones;

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder};
use time::OffsetDateTime;
use wardkeep_tenancy::{TenantTx, UserId};

use crate::absences::{Absence, entity as absences};
use crate::records::{self, RecordError};
use crate::working_hours::entity as working_hours;

pub(crate) use input::INSTANTS;

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
    tx: &TenantTx,
    practitioner: UserId,
    within: Span,
) -> Result<Presence, RecordError> {
    let absences = absences(tx, practitioner, within).await?;
    let away = absences.iter().filter_map(|absence| absence.span().clip(within));
    Ok(Presence {
        hours: hours(tx, practitioner, within).await?,
        absences: spans::union(away.collect()),
    })
}

/// The working hours within a span; none for who has no working hours at all.
pub(crate) async fn hours(
    tx: &TenantTx,
    practitioner: UserId,
    within: Span,
) -> Result<Option<Vec<Span>>, DbErr> {
    let hours = records::present::<working_hours::Entity>(tx)
        .filter(working_hours::Column::PractitionerId.eq(practitioner))
        .all(tx)
        .await?;
    let worked = hours.iter().flat_map(|hours| hours.within(within)).collect();
    Ok((!hours.is_empty()).then(|| spans::union(worked)))
}

/// The absences that have an instant within a span, as they are, in the order of their start.
pub(crate) async fn absences(
    tx: &TenantTx,
    practitioner: UserId,
    within: Span,
) -> Result<Vec<Absence>, DbErr> {
    records::present::<absences::Entity>(tx)
        .filter(absences::Column::PractitionerId.eq(practitioner))
        .filter(absences::Column::Start.lt(within.end))
        .filter(absences::Column::End.gt(within.start))
        .order_by_asc(absences::Column::Start)
        .order_by_asc(absences::Column::Id)
        .all(tx)
        .await
}
