//! Times that are as precise as they are known (FHIR R4, type dateTime): `2019`, `2019-05`, `2019-05-17`, or an instant.

use time::format_description::well_known::Rfc3339;
use time::macros::offset;
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

use crate::fields::Refusals;
use crate::records::instant;

/// A time as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartialDate {
    /// As the API writes it: an instant in UTC, to the millisecond.
    pub(crate) text: String,
    /// The first instant that it can mean: of a day, where it begins in UTC.
    pub(crate) first: OffsetDateTime,
    /// The first one that it cannot mean any more.
    after: OffsetDateTime,
    is_instant: bool,
}

impl PartialDate {
    /// Reads one; none, if it is none, or not between the years 1000 and 9998.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (first, after, is_instant) = match OffsetDateTime::parse(text, &Rfc3339) {
            Ok(at) => {
                let at = at.checked_to_offset(UtcOffset::UTC)?.truncate_to_millisecond();
                (at, at + Duration::MILLISECOND, true)
            }
            Err(_) => {
                let (first, after) = days(text)?;
                let begins = |day: Date| day.with_time(Time::MIDNIGHT).assume_utc();
                (begins(first), begins(after), false)
            }
        };
        if !(1000..=9998).contains(&first.year()) {
            return None;
        }
        let text = if is_instant {
            instant(first)?
        } else {
            text.to_owned()
        };
        Some(Self {
            text,
            first,
            after,
            is_instant,
        })
    }

    /// Whether it is over, or may be somewhere on earth: a day has begun where days begin first.
    pub(crate) fn is_past(&self, now: OffsetDateTime) -> bool {
        let ahead = if self.is_instant {
            Duration::ZERO
        } else {
            Duration::hours(14)
        };
        self.first <= now + ahead
    }

    /// Whether all that it can mean is before this day, wherever that begins first.
    pub(crate) fn is_before(&self, day: Date) -> bool {
        if self.is_instant {
            is_before(self.first, day)
        } else {
            self.after <= day.with_time(Time::MIDNIGHT).assume_utc()
        }
    }

    /// Whether all that it can mean is before all that the other can.
    pub(crate) fn precedes(&self, other: &Self) -> bool {
        self.after <= other.first
    }
}

/// Whether an instant is before this day, wherever that begins first.
pub(crate) fn is_before(at: OffsetDateTime, day: Date) -> bool {
    at < day.with_time(Time::MIDNIGHT).assume_offset(offset!(+14))
}

/// Reads a field that holds one: it has begun, and not before somebody was born.
pub(crate) fn past(
    refusals: &mut Refusals,
    field: &'static str,
    text: &str,
    (now, born): (OffsetDateTime, Option<Date>),
) -> Option<PartialDate> {
    let date = known(refusals, field, text, born)?;
    refusals.unless(date.is_past(now), field, "must not be in the future");
    Some(date)
}

/// Reads a field that holds one, which may be ahead: it is not before somebody was born.
pub(crate) fn known(
    refusals: &mut Refusals,
    field: &'static str,
    text: &str,
    born: Option<Date>,
) -> Option<PartialDate> {
    let Some(date) = PartialDate::read(text) else {
        refusals.unless(
            false,
            field,
            "must be a year, a month, a day or an instant: 2019, 2019-05, 2019-05-17, 2019-05-17T09:30:00+02:00",
        );
        return None;
    };
    refusals.unless(
        born.is_none_or(|born| !date.is_before(born)),
        field,
        "must not be before the patient was born",
    );
    Some(date)
}

/// The first day of a year, a month or a day, and the first one behind it.
pub(crate) fn days(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        let sound = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        sound.then(|| part.parse::<u16>().ok()).flatten()
    };
    let month = |part: &str| Month::try_from(u8::try_from(number(part, 2)?).ok()?).ok();
    match parts.as_slice() {
        [year] => {
            let year = i32::from(number(year, 4)?);
            let first = |year| Date::from_calendar_date(year, Month::January, 1).ok();
            Some((first(year)?, first(year + 1)?))
        }
        [year, part] => {
            let (year, month) = (i32::from(number(year, 4)?), month(part)?);
            let first = Date::from_calendar_date(year, month, 1).ok()?;
            let last = Date::from_calendar_date(year, month, month.length(year)).ok()?;
            Some((first, last.next_day()?))
        }
        [year, part, day] => {
            let (year, month) = (i32::from(number(year, 4)?), month(part)?);
            let day = u8::try_from(number(day, 2)?).ok()?;
            let first = Date::from_calendar_date(year, month, day).ok()?;
            Some((first, first.next_day()?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::problems;
    use time::macros::{date, datetime};

    #[test]
    fn it_is_as_precise_as_it_was_written() {
        for (text, first, after) in [
            (
                "2019",
                datetime!(2019-01-01 00:00 UTC),
                datetime!(2020-01-01 00:00 UTC),
            ),
            (
                "2019-12",
                datetime!(2019-12-01 00:00 UTC),
                datetime!(2020-01-01 00:00 UTC),
            ),
            (
                "2020-02",
                datetime!(2020-02-01 00:00 UTC),
                datetime!(2020-03-01 00:00 UTC),
            ),
            (
                "2020-02-29",
                datetime!(2020-02-29 00:00 UTC),
                datetime!(2020-03-01 00:00 UTC),
            ),
        ] {
            let read = PartialDate::read(text).unwrap();
            assert_eq!((read.text.as_str(), read.first, read.after), (text, first, after));
        }
        let read = PartialDate::read("2019-05-17T09:30:00.1239+02:00").unwrap();
        assert_eq!(read.text, "2019-05-17T07:30:00.123Z");
        for text in [
            "",
            "19",
            "2019-13",
            "2019-02-29",
            "2019-5",
            "2019-05-17T09:30",
            "0999",
            "9999",
            "２０１９",
            "2019-05-17 09:30",
            "9999-12-31T23:59:59-14:00",
            "2019-05-17-01",
        ] {
            assert_eq!(PartialDate::read(text), None, "{text}");
        }
    }

    #[test]
    fn it_has_begun_and_not_before_birth() {
        let now = datetime!(2026-03-02 09:00 UTC);
        let told = |text: &str| {
            problems(|refusals| _ = past(refusals, "onset", text, (now, Some(date!(1990 - 05 - 14)))))
        };

        for text in [
            "1990",
            "1990-05",
            "1990-05-14",
            "1990-05-14T01:00:00+02:00",
            "2026",
            "2026-03-02T09:00:00Z",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
        for text in ["1989", "1990-04", "1990-05-13", "1990-05-13T09:59:59Z"] {
            assert_eq!(
                told(text),
                ["onset must not be before the patient was born"],
                "{text}"
            );
        }
        for text in ["2027", "2026-03-03", "2026-03-02T09:00:00.001Z"] {
            assert_eq!(told(text), ["onset must not be in the future"], "{text}");
        }
        // Where the day begins first it is the third already.
        let late = datetime!(2026-03-02 10:00 UTC);
        assert!(PartialDate::read("2026-03-03").unwrap().is_past(late));
    }

    #[test]
    fn one_precedes_another_if_it_does_whatever_they_mean() {
        let read = |text| PartialDate::read(text).unwrap();

        assert!(read("2018").precedes(&read("2019-01-01")));
        assert!(!read("2019").precedes(&read("2019-05")));
        assert!(!read("2019-05-17").precedes(&read("2019-05-17T09:00:00Z")));
    }
}
