//! Days and times of day on the wire, which have no time zone.

use serde::{Deserialize, Serialize};
use time::{Date, Time};

/// A day without a time: `2026-03-02`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Day(#[serde(with = "day")] pub(super) Date);

/// A time of day to the minute: `09:00`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Minute(#[serde(with = "minute")] pub(super) Time);

time::serde::format_description!(day, Date, "[year]-[month]-[day]");
time::serde::format_description!(minute, Time, "[hour]:[minute]");
