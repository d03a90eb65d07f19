//! What is said of working hours: their fields and limits.

use time::{Date, Time};
use wardkeep_tenancy::UserId;

use super::days::{DayOfWeek, DaysOfWeek};
use super::entity::{ActiveModel, WorkingHours};
use crate::calendar::zones;
use crate::fields::Refusals;
use crate::records::{RecordError, given};

/// Working hours to add.
#[derive(Clone, Debug)]
pub struct NewWorkingHours {
    /// Who works: a member of the organization.
    pub practitioner: UserId,
    /// On which days they begin, 1 to 7, each once.
    pub days_of_week: Vec<DayOfWeek>,
    /// When they begin, in whole minutes of the clock in the time zone.
    pub opens_at: Time,
    /// When they end; on the next day, if that is not later than they begin.
    pub closes_at: Time,
    /// An IANA time zone.
    pub time_zone: String,
    /// The first day on which they begin, from 1970 to 2199; none if there always were.
    pub valid_from: Option<Date>,
    /// The last one, not before the first; none if they go on.
    pub valid_to: Option<Date>,
}

/// What to change of working hours: an absent field stays as it is, `Some(None)` clears it. The limits are those of
/// [`NewWorkingHours`].
#[derive(Clone, Debug, Default)]
pub struct WorkingHoursChanges {
    /// Other days.
    pub days_of_week: Option<Vec<DayOfWeek>>,
    /// Another beginning.
    pub opens_at: Option<Time>,
    /// Another end.
    pub closes_at: Option<Time>,
    /// Another time zone.
    pub time_zone: Option<String>,
    /// Another first day, or none.
    pub valid_from: Option<Option<Date>>,
    /// Another last day, or none.
    pub valid_to: Option<Option<Date>>,
}

impl NewWorkingHours {
    /// The columns that are written of them.
    pub(super) fn checked(&self) -> Result<ActiveModel, RecordError> {
        let all = WorkingHoursChanges {
            days_of_week: Some(self.days_of_week.clone()),
            opens_at: Some(self.opens_at),
            closes_at: Some(self.closes_at),
            time_zone: Some(self.time_zone.clone()),
            valid_from: Some(self.valid_from),
            valid_to: Some(self.valid_to),
        };
        all.checked(self.valid_from, self.valid_to)
    }
}

impl WorkingHoursChanges {
    /// The columns that are written when these hours are changed.
    pub(super) fn applied_to(self, hours: &WorkingHours) -> Result<ActiveModel, RecordError> {
        let valid_from = self.valid_from.unwrap_or(hours.valid_from);
        let valid_to = self.valid_to.unwrap_or(hours.valid_to);
        self.checked(valid_from, valid_to)
    }

    fn checked(self, valid_from: Option<Date>, valid_to: Option<Date>) -> Result<ActiveModel, RecordError> {
        let mut refusals = Refusals::default();
        let days_of_week = self.days_of_week.map(|days| in_order(&mut refusals, days));
        for (field, time) in [("opens_at", self.opens_at), ("closes_at", self.closes_at)] {
            let whole = time.is_none_or(|time| time == time.truncate_to_minute());
            refusals.unless(whole, field, "must be in whole minutes");
        }
        let time_zone = self
            .time_zone
            .map(|name| zones::name(&refusals.time_zone("time_zone", &name)));
        if let Some(Some(day)) = self.valid_from {
            refusals.day("valid_from", day);
        }
        if let Some(Some(day)) = self.valid_to {
            refusals.day("valid_to", day);
        }
        let follows = valid_from.zip(valid_to).is_none_or(|(from, to)| from <= to);
        refusals.unless(follows, "valid_to", "must not be before the first day");
        refusals.none()?;
        Ok(ActiveModel {
            days_of_week: given(days_of_week),
            opens_at: given(self.opens_at),
            closes_at: given(self.closes_at),
            time_zone: given(time_zone),
            valid_from: given(self.valid_from),
            valid_to: given(self.valid_to),
            ..Default::default()
        })
    }
}

fn in_order(refusals: &mut Refusals, mut days: Vec<DayOfWeek>) -> DaysOfWeek {
    const FIELD: &str = "days_of_week";
    let named = days.len();
    days.sort_unstable();
    days.dedup();
    refusals.unless(named > 0, FIELD, "must not be empty");
    refusals.unless(days.len() == named, FIELD, "must name each day once");
    DaysOfWeek(days)
}
