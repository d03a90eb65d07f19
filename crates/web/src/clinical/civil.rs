//! Days and times of day on the wire, which have no time zone.

use serde::{Deserialize, Deserializer, Serialize, de};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Time};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MINUTE: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");

/// A day without a time: `2026-03-02`.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub(super) struct Day(#[serde(serialize_with = "day::serialize")] pub(super) Date);

/// A time of day to the minute: `09:00`.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub(super) struct Minute(#[serde(serialize_with = "minute::serialize")] pub(super) Time);

time::serde::format_description!(day, Date, "[year]-[month]-[day]");
time::serde::format_description!(minute, Time, "[hour]:[minute]");

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = Date::parse(&text, DAY).map(Self);
        day.map_err(|_| de::Error::custom("must be a day that there is, such as 2026-03-02"))
    }
}

impl<'de> Deserialize<'de> for Minute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let minute = Time::parse(&text, MINUTE).map(Self);
        minute.map_err(|_| de::Error::custom("must be a time from 00:00 to 23:59, such as 09:00"))
    }
}
