//! When weekly hours are, as instants.

use time::{Date, Duration};

use super::entity::WorkingHours;
use crate::calendar::{Span, zones};

/// Hours go on past midnight, and where a clock is put back across it, a night may end a day later than it should.
const BEFORE: Duration = Duration::days(2);

impl WorkingHours {
    /// The times that these hours have within a span, in order. A time that the clock skips is when it is put forward; one
    /// that it shows twice begins the first time and ends the second: the hour is worked twice.
    pub(crate) fn within(&self, within: Span) -> Vec<Span> {
        let Some(zone) = zones::zone(&self.time_zone) else {
            return Vec::new();
        };
        let (Some(first), Some(last)) = (zones::date(&zone, within.start), zones::date(&zone, within.end))
        else {
            return Vec::new();
        };
        let first = first
            .saturating_sub(BEFORE)
            .max(self.valid_from.unwrap_or(Date::MIN));
        let last = last.min(self.valid_to.unwrap_or(Date::MAX));
        let days = std::iter::successors(Some(first), |day| day.next_day()).take_while(|day| *day <= last);
        days.filter(|day| self.days_of_week.0.contains(&day.weekday().into()))
            .filter_map(|day| {
                let until = if self.closes_at > self.opens_at {
                    day
                } else {
                    day.next_day()?
                };
                let hours = Span {
                    start: zones::first(&zone, day, self.opens_at)?,
                    end: zones::last(&zone, until, self.closes_at)?,
                };
                hours.clip(within)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::working_hours::{DayOfWeek, DaysOfWeek};
    use time::macros::{date, datetime, time};
    use time::{OffsetDateTime, Time};
    use uuid::Uuid;
    use wardkeep_tenancy::Id;

    const WEEK: [DayOfWeek; 7] = [
        DayOfWeek::Mon,
        DayOfWeek::Tue,
        DayOfWeek::Wed,
        DayOfWeek::Thu,
        DayOfWeek::Fri,
        DayOfWeek::Sat,
        DayOfWeek::Sun,
    ];

    fn hours(zone: &str, opens_at: Time, closes_at: Time) -> WorkingHours {
        WorkingHours {
            organization_id: Id::from_uuid(Uuid::nil()),
            id: Id::from_uuid(Uuid::nil()),
            practitioner_id: Id::from_uuid(Uuid::nil()),
            practitioner_name: "Ada".to_owned(),
            days_of_week: DaysOfWeek(WEEK.to_vec()),
            opens_at,
            closes_at,
            time_zone: zone.to_owned(),
            valid_from: None,
            valid_to: None,
            version: 1,
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: OffsetDateTime::UNIX_EPOCH,
            deleted_at: None,
            deletion_reason: None,
        }
    }

    /// The hours that lie in a local day, from midnight to midnight, as hours and minutes of UTC.
    fn on(hours: &WorkingHours, date: Date) -> Vec<String> {
        let zone = zones::zone(&hours.time_zone).unwrap();
        let day = zones::day(&zone, date).unwrap();
        let shown = |at: OffsetDateTime| format!("{:02}:{:02}", at.hour(), at.minute());
        let spans = hours.within(day).into_iter();
        spans
            .map(|span| format!("{}-{}", shown(span.start), shown(span.end)))
            .collect()
    }

    #[test]
    fn hours_keep_to_the_clock_when_summer_begins_and_ends() {
        let berlin = hours("Europe/Berlin", time!(09:00), time!(17:00));
        assert_eq!(on(&berlin, date!(2026 - 03 - 28)), ["08:00-16:00"]);
        assert_eq!(on(&berlin, date!(2026 - 03 - 29)), ["07:00-15:00"]);
        assert_eq!(on(&berlin, date!(2026 - 10 - 24)), ["07:00-15:00"]);
        assert_eq!(on(&berlin, date!(2026 - 10 - 25)), ["08:00-16:00"]);
        let new_york = hours("America/New_York", time!(09:00), time!(17:00));
        assert_eq!(on(&new_york, date!(2026 - 03 - 07)), ["14:00-22:00"]);
        assert_eq!(on(&new_york, date!(2026 - 03 - 08)), ["13:00-21:00"]);
        let lord_howe = hours("Australia/Lord_Howe", time!(09:00), time!(17:00));
        assert_eq!(on(&lord_howe, date!(2026 - 04 - 04)), ["22:00-06:00"]);
        assert_eq!(on(&lord_howe, date!(2026 - 04 - 05)), ["22:30-06:30"]);
    }

    #[test]
    fn an_hour_that_is_skipped_is_not_worked_and_one_that_comes_twice_is_worked_twice() {
        let night = hours("Europe/Berlin", time!(01:00), time!(04:00));
        assert_eq!(on(&night, date!(2026 - 03 - 29)), ["00:00-02:00"]);
        assert_eq!(on(&night, date!(2026 - 10 - 25)), ["23:00-03:00"]);
        let skipped = hours("Europe/Berlin", time!(02:00), time!(03:00));
        assert_eq!(on(&skipped, date!(2026 - 03 - 29)), [""; 0]);
        assert_eq!(on(&skipped, date!(2026 - 10 - 25)), ["00:00-02:00"]);
        let half = hours("Europe/Berlin", time!(02:30), time!(03:15));
        assert_eq!(on(&half, date!(2026 - 03 - 29)), ["01:00-01:15"]);
        let lord_howe = hours("Australia/Lord_Howe", time!(01:00), time!(03:00));
        assert_eq!(on(&lord_howe, date!(2026 - 10 - 04)), ["14:30-16:00"]);
        assert_eq!(on(&lord_howe, date!(2026 - 04 - 05)), ["14:00-16:30"]);
    }

    #[test]
    fn hours_that_close_before_they_open_go_on_past_midnight() {
        let night = hours("Europe/Berlin", time!(22:00), time!(06:00));
        assert_eq!(on(&night, date!(2026 - 03 - 02)), ["23:00-05:00", "21:00-23:00"]);
        // 22:00 to 06:00 is seven hours in the one night and nine in the other.
        assert_eq!(on(&night, date!(2026 - 03 - 29)), ["23:00-04:00", "20:00-22:00"]);
        assert_eq!(on(&night, date!(2026 - 10 - 25)), ["22:00-05:00", "21:00-23:00"]);
        let always = hours("Europe/Berlin", time!(00:00), time!(00:00));
        assert_eq!(on(&always, date!(2026 - 03 - 29)), ["23:00-22:00"]);
        let by_day = WorkingHours {
            days_of_week: DaysOfWeek(vec![DayOfWeek::Sun]),
            ..night
        };
        assert_eq!(on(&by_day, date!(2026 - 03 - 01)), ["21:00-23:00"]);
        assert_eq!(on(&by_day, date!(2026 - 03 - 02)), ["23:00-05:00"]);
        assert_eq!(on(&by_day, date!(2026 - 03 - 03)), [""; 0]);
    }

    #[test]
    fn hours_are_valid_on_the_days_on_which_they_begin() {
        let night = WorkingHours {
            valid_from: Some(date!(2028 - 02 - 29)),
            valid_to: Some(date!(2028 - 02 - 29)),
            ..hours("Europe/Berlin", time!(22:00), time!(06:00))
        };

        assert_eq!(on(&night, date!(2028 - 02 - 28)), [""; 0]);
        assert_eq!(on(&night, date!(2028 - 02 - 29)), ["21:00-23:00"]);
        assert_eq!(on(&night, date!(2028 - 03 - 01)), ["23:00-05:00"]);
        assert_eq!(on(&night, date!(2028 - 03 - 02)), [""; 0]);
    }

    #[test]
    fn on_a_day_that_is_not_in_the_calendar_nobody_works() {
        let apia = hours("Pacific/Apia", time!(09:00), time!(17:00));
        let year = Span {
            start: datetime!(2011-12-29 00:00 UTC),
            end: datetime!(2012-01-01 00:00 UTC),
        };

        let worked: Vec<_> = apia.within(year).iter().map(|span| span.start.date()).collect();

        // The 28th begins before the span, and the 30th is left out: from the 29th (UTC-10) follows the 31st (UTC+14).
        assert_eq!(
            worked,
            [
                date!(2011 - 12 - 29),
                date!(2011 - 12 - 29),
                date!(2011 - 12 - 30),
                date!(2011 - 12 - 31)
            ]
        );
    }

    #[test]
    fn at_the_end_of_time_there_are_no_hours() {
        let span = Span {
            start: datetime!(9999-12-31 23:00 UTC),
            end: datetime!(9999-12-31 23:59 UTC),
        };

        assert_eq!(hours("UTC", time!(09:00), time!(17:00)).within(span), []);
        assert_eq!(hours("Nowhere", time!(09:00), time!(17:00)).within(span), []);
    }
}
