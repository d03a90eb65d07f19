//! The statuses of a session, what may follow which, and what they ask of its treatment and of its appointment.

use crate::appointments::Status as OfAppointment;
use crate::statuses::Statuses;
use crate::treatments::Status as OfTreatment;

/// A status as FHIR R4 names it (<https://hl7.org/fhir/R4/valueset-event-status.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// It is planned.
    Preparation,
    /// It is being held.
    InProgress,
    /// It was held.
    Completed,
    /// It was not held.
    NotDone,
    /// It was begun, and not brought to its end.
    Stopped,
}

use Status::{Completed, InProgress, NotDone, Preparation, Stopped};

impl Statuses for Status {
    const OF: &'static str = "session";
    /// FHIR leaves the ways to the clinic. A slip is taken back by the step before.
    const NEXT: &'static [(Self, &'static [Self])] = &[
        (Preparation, &[InProgress, Completed, NotDone]),
        (InProgress, &[Completed, Stopped, Preparation]),
        (Completed, &[InProgress]),
        (NotDone, &[Preparation]),
        (Stopped, &[InProgress]),
    ];
    const FIRST: &'static [Self] = &[Preparation, InProgress, Completed];
    const USUAL: Self = Preparation;

    fn name(self) -> &'static str {
        match self {
            Preparation => "preparation",
            InProgress => "in-progress",
            Completed => "completed",
            NotDone => "not-done",
            Stopped => "stopped",
        }
    }
}

impl Status {
    /// Whether it is over, so that whose, where and by whom is history.
    pub(super) fn is_closed(self) -> bool {
        matches!(self, Completed | NotDone | Stopped)
    }

    /// Whether this status, after that one, begins something: a session that is begun, or opened again. What was begun can
    /// always be ended, and taken back.
    pub(super) fn begins(self, was: Self) -> bool {
        matches!(
            (was, self),
            (Preparation, InProgress | Completed)
                | (NotDone, Preparation)
                | (Completed | Stopped, InProgress)
        )
    }

    /// Whether a session comes to be so in a treatment of that status: it is held while the treatment is under way, and
    /// planned as long as it is not over.
    pub(super) fn can_begin_in(self, treatment: OfTreatment) -> bool {
        match self {
            Preparation => !treatment.is_over(),
            InProgress | Completed => treatment == OfTreatment::Active,
            NotDone | Stopped => true,
        }
    }

    /// Whether a session that was deleted is there again in a treatment of that status: nothing is open in one that is over.
    pub(super) fn can_return_to(self, treatment: OfTreatment) -> bool {
        self.is_closed() || !treatment.is_over()
    }

    /// Whether a session comes to be so in an appointment of that status, which has `begun`: none is planned where nobody
    /// comes, and to be held it needs an agreed time. One that is completed fulfils it.
    pub(super) fn can_take_place_in(self, appointment: OfAppointment, begun: bool) -> bool {
        use OfAppointment::{Arrived, Booked, Cancelled, CheckedIn, Fulfilled, NoShow};
        match self {
            Preparation => !matches!(appointment, Cancelled | NoShow),
            InProgress | Stopped => matches!(appointment, Booked | Arrived | CheckedIn | Fulfilled),
            Completed => appointment == Fulfilled || appointment.allowed(begun).contains(&Fulfilled),
            NotDone => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statuses::assert_sound;

    const OF_APPOINTMENTS: [OfAppointment; 9] = {
        use OfAppointment::{
            Arrived, Booked, Cancelled, CheckedIn, Fulfilled, NoShow, Pending, Proposed, Waitlist,
        };
        [
            Proposed, Pending, Waitlist, Booked, Arrived, CheckedIn, Fulfilled, NoShow, Cancelled,
        ]
    };

    fn places(status: Status, begun: bool) -> Vec<&'static str> {
        let places = OF_APPOINTMENTS.into_iter();
        let places = places.filter(|appointment| status.can_take_place_in(*appointment, begun));
        places.map(OfAppointment::as_str).collect()
    }

    #[test]
    fn each_status_follows_what_it_can_and_what_begins_is_not_an_end() {
        assert_sound::<Status>();
        let begins = |was: Status, is: &Status| is.begins(was);
        for (was, next) in Status::NEXT {
            let begun: Vec<_> = next.iter().filter(|is| begins(*was, is)).copied().collect();
            let expected = match was {
                Preparation => vec![InProgress, Completed],
                InProgress => vec![],
                NotDone => vec![Preparation],
                Completed | Stopped => vec![InProgress],
            };
            assert_eq!(begun, expected, "{was:?}");
        }
    }

    #[test]
    fn it_is_planned_until_the_treatment_is_over_and_held_while_it_is_active() {
        use OfTreatment::{Active, Draft, OnHold, Revoked};

        for (treatment, planned, held) in [
            (Draft, true, false),
            (Active, true, true),
            (OnHold, true, false),
            (OfTreatment::Completed, false, false),
            (Revoked, false, false),
        ] {
            assert_eq!(Preparation.can_begin_in(treatment), planned);
            assert_eq!(InProgress.can_begin_in(treatment), held);
            assert_eq!(Completed.can_begin_in(treatment), held);
            assert_eq!(InProgress.can_return_to(treatment), planned);
            assert!(Stopped.can_return_to(treatment));
        }
    }

    #[test]
    fn it_takes_place_where_somebody_comes_and_completes_what_has_begun() {
        let agreed = ["booked", "arrived", "checked-in", "fulfilled"];
        assert_eq!(places(InProgress, false), agreed);
        assert_eq!(places(Stopped, true), agreed);
        assert_eq!(places(Completed, true), agreed);
        assert_eq!(places(Completed, false), ["fulfilled"]);
        assert_eq!(places(NotDone, false).len(), 9);
        let waiting = ["proposed", "pending", "waitlist"];
        assert_eq!(places(Preparation, false), [&waiting[..], &agreed].concat());
    }
}
