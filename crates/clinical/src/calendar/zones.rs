//! Wall clocks: what they show in an IANA time zone, and when they show it.

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase, db};
use time::{Date, Month, OffsetDateTime, Time};

use super::Span;

/// The time zone of this name, in upper or lower case; [`TimeZone::iana_name`] is then the name as IANA writes it. Nothing
/// else is a name: no POSIX rule, no path, nothing that only the operating system keeps beside the zones (`localtime`,
/// `right/…`). The rules are the operating system's where it has the zone, as they may be newer than those built in.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    let known = TimeZoneDatabase::bundled().get(name).ok()?;
    let name = known
        .iana_name()
        .filter(|name| *name != UNKNOWN && *name != FACTORY)?;
    Some(db().get(name).unwrap_or_else(|_| known.clone()))
}

/// What jiff calls a zone that nobody knows.
const UNKNOWN: &str = "Etc/Unknown";
/// What tzdata calls a clock that nobody has set.
const FACTORY: &str = "Factory";

/// The name of a time zone that was read by [`zone`], as IANA writes it.
pub(crate) fn name(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or_default().to_owned()
}

/// When a wall clock first shows this time. An hour that is skipped is passed in no time: for one within, the instant at
/// which the clock is put forward. Nothing for times some ten thousand years from now.
pub(crate) fn first(zone: &TimeZone, date: Date, time: Time) -> Option<OffsetDateTime> {
    shows(zone, date, time, Showing::First)
}

/// When a wall clock shows this time for the last time: an hour that comes twice is over when it has come twice.
pub(crate) fn last(zone: &TimeZone, date: Date, time: Time) -> Option<OffsetDateTime> {
    shows(zone, date, time, Showing::Last)
}

/// A day of the calendar there: mostly 24 hours, 23 or 25 when the clock is changed, and none at all where a day was left
/// out of the calendar.
pub(crate) fn day(zone: &TimeZone, date: Date) -> Option<Span> {
    Some(Span {
        start: first(zone, date, Time::MIDNIGHT)?,
        end: first(zone, date.next_day()?, Time::MIDNIGHT)?,
    })
}

/// The date that a calendar shows there.
pub(crate) fn date(zone: &TimeZone, at: OffsetDateTime) -> Option<Date> {
    let at = Timestamp::from_nanosecond(at.unix_timestamp_nanos()).ok()?;
    let date = zone.to_datetime(at).date();
    let month = Month::try_from(u8::try_from(date.month()).ok()?).ok()?;
    Date::from_calendar_date(i32::from(date.year()), month, u8::try_from(date.day()).ok()?).ok()
}

enum Showing {
    First,
    Last,
}

fn shows(zone: &TimeZone, date: Date, time: Time, which: Showing) -> Option<OffsetDateTime> {
    let (hour, minute, second) = time.as_hms();
    let local = civil::Date::new(
        i16::try_from(date.year()).ok()?,
        i8::try_from(u8::from(date.month())).ok()?,
        i8::try_from(date.day()).ok()?,
    )
    .ok()?
    .at(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        0,
    );
    let shown = zone.to_ambiguous_timestamp(local);
    let at = match (shown.offset(), which) {
        // Read with the offset from after the change it lies before it, and nothing lies in between.
        (AmbiguousOffset::Gap { .. }, _) => zone.following(shown.earlier().ok()?).next()?.timestamp(),
        (_, Showing::First) => shown.earlier().ok()?,
        (_, Showing::Last) => shown.later().ok()?,
    };
    OffsetDateTime::from_unix_timestamp_nanos(at.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;
    use time::macros::{date, datetime, time};

    fn named(name: &str) -> TimeZone {
        zone(name).unwrap()
    }

    fn hours(name: &str, date: Date) -> f64 {
        let day = day(&named(name), date).unwrap();
        (day.end - day.start).as_seconds_f64() / 3600.0
    }

    #[test]
    fn a_name_is_one_of_ianas() {
        let canonical = |name| zone(name).and_then(|zone| zone.iana_name().map(str::to_owned));
        assert_eq!(canonical("europe/BERLIN").as_deref(), Some("Europe/Berlin"));
        assert_eq!(canonical("utc").as_deref(), Some("UTC"));
        assert_eq!(canonical("US/Eastern").as_deref(), Some("US/Eastern"));
        assert_eq!(canonical("Etc/GMT+5").as_deref(), Some("Etc/GMT+5"));

        let others = [
            "",
            " Europe/Berlin",
            "Europe/Berlin\0",
            "Europe",
            "Europe/",
            "/Europe/Berlin",
            "Europe/../Europe/Berlin",
            "../zoneinfo/Europe/Berlin",
            "/usr/share/zoneinfo/Europe/Berlin",
            "posix/Europe/Berlin",
            "right/Europe/Berlin",
            "localtime",
            "posixrules",
            "Factory",
            "Etc/Unknown",
            "CET-1CEST,M3.5.0,M10.5.0/3",
            "+02:00",
            "Z",
            "Europe/Atlantis",
            "tzdata.zi",
            "zone.tab",
        ];
        for name in others {
            assert_eq!(canonical(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_day_is_as_long_as_the_clocks_make_it() {
        assert_eq!(hours("Europe/Berlin", date!(2026 - 03 - 28)), 24.0);
        assert_eq!(hours("Europe/Berlin", date!(2026 - 03 - 29)), 23.0);
        assert_eq!(hours("Europe/Berlin", date!(2026 - 10 - 25)), 25.0);
        assert_eq!(hours("America/New_York", date!(2026 - 03 - 08)), 23.0);
        assert_eq!(hours("America/New_York", date!(2026 - 11 - 01)), 25.0);
        assert_eq!(hours("Australia/Lord_Howe", date!(2026 - 10 - 04)), 23.5);
        assert_eq!(hours("Australia/Lord_Howe", date!(2026 - 04 - 05)), 24.5);
        assert_eq!(hours("Pacific/Apia", date!(2011 - 12 - 29)), 24.0);
        assert_eq!(hours("Pacific/Apia", date!(2011 - 12 - 30)), 0.0);
        assert_eq!(hours("Pacific/Apia", date!(2011 - 12 - 31)), 24.0);
        assert_eq!(hours("Europe/Berlin", date!(2028 - 02 - 29)), 24.0);
        // The clock is changed at midnight: forward here, and in Havana back.
        assert_eq!(hours("America/Santiago", date!(2026 - 09 - 06)), 23.0);
        assert_eq!(hours("America/Havana", date!(2026 - 11 - 01)), 25.0);
        // From half past eleven to half past twelve: the day begins half an hour late.
        assert_eq!(hours("America/Toronto", date!(1919 - 03 - 30)), 23.5);
        assert_eq!(hours("America/Toronto", date!(1919 - 03 - 31)), 23.5);
    }

    #[test]
    fn days_follow_each_other_without_a_gap() {
        for name in [
            "Europe/Berlin",
            "America/Havana",
            "Australia/Lord_Howe",
            "Pacific/Apia",
        ] {
            let zone = named(name);
            let mut date = date!(2011 - 01 - 01);
            while date < date!(2013 - 01 - 01) {
                let (today, tomorrow) = (
                    day(&zone, date).unwrap(),
                    day(&zone, date.next_day().unwrap()).unwrap(),
                );
                assert_eq!(today.end, tomorrow.start, "{name} {date}");
                if today.start < today.end {
                    let last = today.end - Duration::NANOSECOND;
                    assert_eq!(super::date(&zone, today.start), Some(date), "{name}");
                    assert_eq!(super::date(&zone, last), Some(date), "{name}");
                }
                date = date.next_day().unwrap();
            }
        }
    }

    #[test]
    fn a_time_that_is_skipped_is_when_the_clock_is_put_forward() {
        let berlin = named("Europe/Berlin");
        let forward = datetime!(2026-03-29 01:00 UTC);

        for time in [time!(02:00), time!(02:30), time!(02:59), time!(03:00)] {
            assert_eq!(
                first(&berlin, date!(2026 - 03 - 29), time),
                Some(forward),
                "{time}"
            );
            assert_eq!(
                last(&berlin, date!(2026 - 03 - 29), time),
                Some(forward),
                "{time}"
            );
        }
        assert_eq!(
            first(&named("Pacific/Apia"), date!(2011 - 12 - 30), time!(09:00)),
            Some(datetime!(2011-12-30 10:00 UTC))
        );
    }

    #[test]
    fn a_time_that_comes_twice_has_a_first_and_a_last() {
        let berlin = named("Europe/Berlin");
        let day = date!(2026 - 10 - 25);

        assert_eq!(
            first(&berlin, day, time!(02:30)),
            Some(datetime!(2026-10-25 00:30 UTC))
        );
        assert_eq!(
            last(&berlin, day, time!(02:30)),
            Some(datetime!(2026-10-25 01:30 UTC))
        );
        assert_eq!(
            first(&berlin, day, time!(03:00)),
            last(&berlin, day, time!(03:00))
        );
    }
}
