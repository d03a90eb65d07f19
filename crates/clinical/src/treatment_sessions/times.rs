//! When a session began and ended.

use time::{Date, OffsetDateTime};

use super::entity::TreatmentSession;
use super::status::Status;
use crate::fields::Refusals;
use crate::partial_dates::is_before;

/// Completes the times of a session that comes to be `is`, and is so now: one in progress has begun and goes on, one that is
/// completed began with its appointment and has ended, and one that was stopped has ended.
pub(super) fn complete(
    session: &mut TreatmentSession,
    is: Status,
    now: OffsetDateTime,
    of_appointment: Option<OffsetDateTime>,
) {
    let now = now.truncate_to_millisecond();
    let begun = match is {
        Status::InProgress | Status::Stopped => now,
        Status::Completed => of_appointment.map_or(now, |start| start.min(now)),
        _ => return,
    };
    let latest = session.end.unwrap_or(now);
    let start = *session.start.get_or_insert(begun.min(latest));
    if is != Status::InProgress {
        session.end.get_or_insert(now.max(start));
    }
}

/// That the times of a session have come, in their order, and not before the patient was born.
pub(super) fn check(
    refusals: &mut Refusals,
    session: &TreatmentSession,
    now: OffsetDateTime,
    born: Option<Date>,
) {
    for (field, at) in [("start", session.start), ("end", session.end)] {
        let Some(at) = at else { continue };
        refusals.unless(at <= now, field, "must not be in the future");
        refusals.unless(
            born.is_none_or(|born| !is_before(at, born)),
            field,
            "must not be before the patient was born",
        );
    }
    let backwards = session
        .start
        .zip(session.end)
        .is_some_and(|(start, end)| end < start);
    refusals.unless(!backwards, "end", "must not be before the start");
}
