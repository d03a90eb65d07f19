//! What is said of an absence: its fields and limits.

use time::{Duration, OffsetDateTime};
use wardkeep_tenancy::UserId;

use super::entity::{Absence, ActiveModel};
use crate::calendar::Span;
use crate::fields::Refusals;
use crate::records::{RecordError, given};

/// The longest absence: a year, in a leap year too.
pub(super) const LONGEST: Duration = Duration::days(366);
const REASON: usize = 500;

/// An absence to add. Instants are cut to milliseconds.
#[derive(Clone)]
pub struct NewAbsence {
    /// Who is away: a member of the organization.
    pub practitioner: UserId,
    /// From when on, from 1970 to 2199.
    pub start: OffsetDateTime,
    /// Until when, after the start and at most 366 days later.
    pub end: OffsetDateTime,
    /// Why, at most 500 characters.
    pub reason: Option<String>,
}

/// What to change of an absence: an absent field stays as it is, `Some(None)` clears it. The limits are those of
/// [`NewAbsence`].
#[derive(Clone, Default)]
pub struct AbsenceChanges {
    /// Another beginning.
    pub start: Option<OffsetDateTime>,
    /// Another end.
    pub end: Option<OffsetDateTime>,
    /// Another reason, or none.
    pub reason: Option<Option<String>>,
}

impl NewAbsence {
    /// The columns that are written of it.
    pub(super) fn checked(&self) -> Result<ActiveModel, RecordError> {
        let all = AbsenceChanges {
            start: Some(self.start),
            end: Some(self.end),
            reason: Some(self.reason.clone()),
        };
        all.checked(Span {
            start: self.start,
            end: self.end,
        })
    }
}

impl AbsenceChanges {
    /// The columns that are written when this absence is changed.
    pub(super) fn applied_to(self, absence: &Absence) -> Result<ActiveModel, RecordError> {
        let before = absence.span();
        self.checked(before)
    }

    /// What is not given is as in `else_at`.
    fn checked(self, else_at: Span) -> Result<ActiveModel, RecordError> {
        let mut refusals = Refusals::default();
        let start = self.start.map(|start| refusals.instant("start", start));
        let end = self.end.map(|end| refusals.instant("end", end));
        let length = end.unwrap_or(else_at.end) - start.unwrap_or(else_at.start);
        refusals.unless(length > Duration::ZERO, "end", "must be after the start");
        refusals.unless(
            length <= LONGEST,
            "end",
            "must be at most 366 days after the start",
        );
        let reason = self
            .reason
            .map(|text| text.map(|text| refusals.text("reason", &text, REASON)));
        refusals.none()?;
        Ok(ActiveModel {
            start: given(start),
            end: given(end),
            reason: given(reason),
            ..Default::default()
        })
    }
}
