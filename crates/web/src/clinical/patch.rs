//! Changes in which what is absent stays as it is, and `null` clears.

use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;

use crate::time_format;

/// Tells a `null` that was given from a field that was not: for the type inside it is a value, or a mistake. For fields with
/// `#[serde(default, deserialize_with = "given")]`.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The same for a time: `#[serde(default, deserialize_with = "given_time")]`.
pub(crate) fn given_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    time_format::deserialize(deserializer).map(Some)
}

/// The same for a time that may be cleared: `#[serde(default, deserialize_with = "given_time_or_null")]`.
pub(crate) fn given_time_or_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<OffsetDateTime>>, D::Error> {
    time_format::option::deserialize(deserializer).map(Some)
}
