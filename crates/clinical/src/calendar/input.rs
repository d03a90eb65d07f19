//! The rules for times and time zones that kinds of record share.

use jiff::tz::TimeZone;
use time::macros::{date, datetime};
use time::{Date, OffsetDateTime, UtcOffset};

use super::zones;
use crate::fields::Refusals;

/// The first instant that is taken, and the first that is not any more.
pub(crate) const INSTANTS: std::ops::Range<OffsetDateTime> =
    datetime!(1970-01-01 00:00 UTC)..datetime!(2200-01-01 00:00 UTC);

/// The same for days.
const DAYS: std::ops::Range<Date> = date!(1970 - 01 - 01)..date!(2200 - 01 - 01);

const YEARS: &str = "must be from 1970 to 2199";

impl Refusals {
    /// An instant from 1970 to 2199, in UTC and whole milliseconds, as PostgreSQL and JSON then show the same one.
    pub(crate) fn instant(&mut self, field: &'static str, at: OffsetDateTime) -> OffsetDateTime {
        self.unless(INSTANTS.contains(&at), field, YEARS);
        at.checked_to_offset(UtcOffset::UTC)
            .map_or(INSTANTS.start, OffsetDateTime::truncate_to_millisecond)
    }

    /// A day from 1970 to 2199.
    pub(crate) fn day(&mut self, field: &'static str, day: Date) -> Date {
        self.unless(DAYS.contains(&day), field, YEARS);
        day
    }

    /// A time zone by its name.
    pub(crate) fn time_zone(&mut self, field: &'static str, name: &str) -> TimeZone {
        let zone = zones::zone(name);
        self.unless(
            zone.is_some(),
            field,
            "must be an IANA time zone, such as Europe/Berlin",
        );
        zone.unwrap_or(TimeZone::UTC)
    }
}
