//! Times in JSON: ISO 8601 in UTC with milliseconds and `Z`, as JavaScript's `toISOString` writes them. Use it as
//! `#[serde(with = "wardkeep_web::time_format")]`.

use serde::{Deserialize as _, Deserializer, Serializer, de, ser};
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

const FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

const MINUTE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]");

/// Writes a time.
pub fn serialize<S: Serializer>(time: &OffsetDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*time).map_err(ser::Error::custom)?)
}

/// The same outside of JSON.
pub(crate) fn text(time: OffsetDateTime) -> Result<String, time::error::Format> {
    time.to_offset(UtcOffset::UTC).format(FORMAT)
}

/// A time in UTC for a person, to the minute.
pub(crate) fn minute(time: OffsetDateTime) -> String {
    time.to_offset(UtcOffset::UTC).format(MINUTE).unwrap_or_default()
}

/// Reads a time in any form of RFC 3339.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
    parse(&String::deserialize(deserializer)?)
}

fn parse<E: de::Error>(text: &str) -> Result<OffsetDateTime, E> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        E::custom("must be an instant such as 2026-03-02T09:00:00Z; in a query, + is written %2B")
    })
}

/// The same for a time that may be absent: `#[serde(with = "wardkeep_web::time_format::option")]`.
pub mod option {
    use super::{Deserializer, OffsetDateTime, Serializer};
    use serde::Deserialize as _;

    /// Writes a time, or `null`.
    pub fn serialize<S: Serializer>(time: &Option<OffsetDateTime>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a time in any form of RFC 3339, or `null`.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<OffsetDateTime>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| super::parse(&text)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};
    use time::macros::datetime;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Times {
        #[serde(with = "super")]
        at: OffsetDateTime,
        #[serde(with = "super::option")]
        until: Option<OffsetDateTime>,
    }

    #[test]
    fn a_time_is_written_as_javascript_writes_it() {
        let times = Times {
            at: datetime!(2026-03-02 11:00:00.0409 +2),
            until: None,
        };
        let text = serde_json::to_string(&times).unwrap();
        assert_eq!(text, r#"{"at":"2026-03-02T09:00:00.040Z","until":null}"#);
    }

    #[test]
    fn a_time_is_read_in_any_offset() {
        let times: Times =
            serde_json::from_str(r#"{"at":"2026-03-02T11:00:00+02:00","until":"2026-03-02T09:00:00.5Z"}"#)
                .unwrap();
        let expected = Times {
            at: datetime!(2026-03-02 09:00 UTC),
            until: Some(datetime!(2026-03-02 09:00:00.5 UTC)),
        };
        assert_eq!(times, expected);
    }
}
