//! The statuses of a treatment, and what may follow which.

use crate::statuses::Statuses;

/// A status as FHIR R4 names it (<https://hl7.org/fhir/R4/valueset-request-status.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It is planned, and has not begun.
    Draft,
    /// It is under way.
    Active,
    /// It rests.
    OnHold,
    /// It has reached its end.
    Completed,
    /// It was given up.
    Revoked,
}

use Status::{Active, Completed, Draft, OnHold, Revoked};

impl Statuses for Status {
    const OF: &'static str = "treatment";
    /// FHIR leaves the ways to the clinic. What is over is opened again by going on.
    const NEXT: &'static [(Self, &'static [Self])] = &[
        (Draft, &[Active, Revoked]),
        (Active, &[OnHold, Completed, Revoked]),
        (OnHold, &[Active, Completed, Revoked]),
        (Completed, &[Active]),
        (Revoked, &[Active]),
    ];
    const FIRST: &'static [Self] = &[Draft, Active];
    const USUAL: Self = Active;

    fn name(self) -> &'static str {
        match self {
            Draft => "draft",
            Active => "active",
            OnHold => "on-hold",
            Completed => "completed",
            Revoked => "revoked",
        }
    }
}

impl Status {
    /// Whether nothing more is done.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Completed | Revoked)
    }

    /// Whether this status, after that one, is a completion.
    pub(super) fn completes(self, was: Self) -> bool {
        self == Completed && was != Completed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statuses::assert_sound;

    #[test]
    fn what_is_over_goes_on_and_nothing_else() {
        assert_sound::<Status>();
        assert_eq!(Completed.following(), [Active]);
        assert_eq!(Revoked.following(), [Active]);
        assert!(Draft.becomes(Completed).is_err());
    }
}
