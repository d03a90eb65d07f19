//! The statuses of an appointment, and what may follow which.

use sea_orm::DbErr;

use super::busy::OCCUPYING;
use super::entity::Appointment;
use crate::fields::Refusals;

/// A status as FHIR R4 names it (<https://hl7.org/fhir/R4/valueset-appointmentstatus.html>). `entered-in-error` is none of
/// these: a deleted appointment shows it, and has its own status again when it is restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Somebody asks for this time; nobody has agreed.
    Proposed,
    /// The time is held, and not everybody has agreed.
    Pending,
    /// Waits for a time that becomes free.
    Waitlist,
    /// Agreed.
    Booked,
    /// The patient is there, and waits.
    Arrived,
    /// The desk is done, and the treatment can begin.
    CheckedIn,
    /// It took place.
    Fulfilled,
    /// It does not take place.
    Cancelled,
    /// The patient did not come.
    NoShow,
}

use Status::{Arrived, Booked, Cancelled, CheckedIn, Fulfilled, NoShow, Pending, Proposed, Waitlist};

/// What may follow each status. FHIR names the statuses and leaves the ways between them to the clinic; these are the
/// ones of a front desk. A slip is taken back by the step before: the patient who was marked as arrived is `booked`
/// again, the missing one who comes after all has `arrived`. What is cancelled stays so, as its time may be another's
/// by now: a new appointment is made. Two steps wait for the beginning, see [`Status::allowed`].
const NEXT: [(Status, &[Status]); 9] = [
    (Proposed, &[Pending, Booked, Waitlist, Cancelled]),
    (Pending, &[Booked, Waitlist, Cancelled]),
    (Waitlist, &[Pending, Booked, Cancelled]),
    (
        Booked,
        &[
            Pending, Waitlist, Arrived, CheckedIn, Fulfilled, NoShow, Cancelled,
        ],
    ),
    (Arrived, &[Booked, CheckedIn, Fulfilled, NoShow, Cancelled]),
    (CheckedIn, &[Arrived, Fulfilled, Cancelled]),
    (Fulfilled, &[CheckedIn]),
    (NoShow, &[Booked, Arrived]),
    (Cancelled, &[]),
];

/// Those that an appointment can be made with. Somebody who walks in has arrived.
const FIRST: [Status; 5] = [Proposed, Pending, Waitlist, Booked, Arrived];

impl Status {
    /// The name, as FHIR has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Proposed => "proposed",
            Pending => "pending",
            Waitlist => "waitlist",
            Booked => "booked",
            Arrived => "arrived",
            CheckedIn => "checked-in",
            Fulfilled => "fulfilled",
            Cancelled => "cancelled",
            NoShow => "noshow",
        }
    }

    fn read(name: &str) -> Option<Self> {
        NEXT.map(|(status, _)| status)
            .into_iter()
            .find(|status| status.as_str() == name)
    }

    /// The status of a row. A constraint of the table allows no others.
    pub(super) fn of(row: &Appointment) -> Result<Self, DbErr> {
        Self::read(&row.status)
            .ok_or_else(|| DbErr::Type(format!("{} is no status of an appointment", row.status)))
    }

    /// Whether the practitioner and the room are taken.
    #[must_use]
    pub fn occupies(self) -> bool {
        OCCUPYING.contains(&self.as_str())
    }

    /// Whether it is over, so that who, when and where are history.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Fulfilled | Cancelled | NoShow)
    }

    /// What may follow. Nobody has failed to come to, and nothing has been done at, what has not begun.
    #[must_use]
    pub fn allowed(self, begun: bool) -> Vec<Self> {
        let next = NEXT.iter().find(|(status, _)| *status == self);
        let next = next.map_or(&[][..], |(_, next)| next).iter().copied();
        next.filter(|status| begun || !matches!(status, Fulfilled | NoShow))
            .collect()
    }

    /// Any status, to look for.
    pub(super) fn any(refusals: &mut Refusals, name: &str) -> Self {
        named(refusals, name, &NEXT.map(|(status, _)| status))
    }

    /// The status to make an appointment with.
    pub(super) fn first(refusals: &mut Refusals, name: &str) -> Self {
        named(refusals, name, &FIRST)
    }

    /// The status to change an appointment to.
    pub(super) fn next(refusals: &mut Refusals, name: &str) -> Self {
        refusals.unless(
            name != "entered-in-error",
            "status",
            "is set by deleting the appointment",
        );
        Self::any(refusals, name)
    }
}

fn named(refusals: &mut Refusals, name: &str, choices: &[Status]) -> Status {
    let status = Status::read(name).filter(|status| choices.contains(status));
    let names: Vec<_> = choices.iter().map(|status| status.as_str()).collect();
    refusals.unless(
        status.is_some(),
        "status",
        format!("must be one of {}", names.join(", ")),
    );
    status.unwrap_or(Proposed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_status_follows_itself_and_none_is_missing() {
        for (status, next) in NEXT {
            assert!(!next.contains(&status), "{status:?}");
            assert_eq!(Status::read(status.as_str()), Some(status));
        }
        assert_eq!(Status::read("entered-in-error"), None);
        assert!(OCCUPYING.iter().all(|name| Status::read(name).is_some()));
    }

    #[test]
    fn before_it_has_begun_nobody_is_missing_and_nothing_is_done() {
        for (status, next) in NEXT {
            let early = status.allowed(false);
            assert!(
                !early.contains(&Fulfilled) && !early.contains(&NoShow),
                "{status:?}"
            );
            assert_eq!(status.allowed(true), next);
        }
        assert_eq!(
            Booked.allowed(false),
            [Pending, Waitlist, Arrived, CheckedIn, Cancelled]
        );
    }

    #[test]
    fn nothing_follows_a_cancellation() {
        assert_eq!(Cancelled.allowed(true), []);
    }
}
