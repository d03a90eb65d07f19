//! The statuses of an appointment, and what may follow which.

use super::busy::OCCUPYING;
use crate::statuses::Statuses;

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

impl Statuses for Status {
    const OF: &'static str = "appointment";
    const NEXT: &'static [(Self, &'static [Self])] = &NEXT;
    /// Somebody who walks in has arrived.
    const FIRST: &'static [Self] = &[Proposed, Pending, Waitlist, Booked, Arrived];
    const USUAL: Self = Booked;

    fn name(self) -> &'static str {
        self.as_str()
    }
}

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
        let next = self.following().iter().copied();
        next.filter(|status| begun || !matches!(status, Fulfilled | NoShow))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statuses::assert_sound;

    #[test]
    fn no_status_follows_itself_and_none_is_missing() {
        assert_sound::<Status>();
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
