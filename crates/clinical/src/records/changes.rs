//! What a change changed, as the audit keeps it.

use sea_orm::{Iterable as _, ModelTrait as _, Value};
use serde_json::{Map, Value as Json, json};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use super::Record;

/// Set by the machinery or never changed: they say nothing of what the change was about.
const SILENT: [&str; 8] = [
    "organizationId",
    "id",
    "version",
    "createdAt",
    "updatedAt",
    "deletedAt",
    "fulfilledFrom",
    "effectiveAt",
];

const INSTANT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const TIME: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");

/// The fields in which two rows differ, by their names on the wire: `{"phone": {"from": "1", "to": "2"}}`. For a new row
/// those that are not empty, without `from`.
pub(crate) fn between<E: Record>(before: Option<&E::Model>, after: &E::Model) -> Json {
    let mut changes = Map::new();
    for column in E::Column::iter() {
        let name = name(&format!("{column:?}"));
        if SILENT.contains(&name.as_str()) {
            continue;
        }
        let new = plain(after.get(column));
        let Some(before) = before else {
            if !is_empty(&new) {
                changes.insert(name, json!({ "to": new }));
            }
            continue;
        };
        let old = plain(before.get(column));
        if old != new {
            changes.insert(name, json!({ "from": old, "to": new }));
        }
    }
    Json::Object(changes)
}

/// `first_name`, which as a variant is `FirstName`, is `firstName` on the wire.
fn name(variant: &str) -> String {
    let mut letters = variant.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// A value as JSON, times as the API writes them.
fn plain(value: Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::SmallInt(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::BigInt(value) => json!(value),
        Value::String(value) => json!(value),
        Value::Uuid(value) => json!(value.map(|id| id.to_string())),
        Value::Json(value) => value.map_or(Json::Null, |value| *value),
        Value::TimeDate(value) => json!(value.and_then(|day| day.format(DAY).ok())),
        Value::TimeTime(value) => json!(value.and_then(|time| time.format(TIME).ok())),
        Value::TimeDateTimeWithTimeZone(value) => json!(value.and_then(instant)),
        // No record has a column of another type; one that is added without a line here shows as unknown.
        _ => json!("?"),
    }
}

/// An instant as the API writes it.
pub(crate) fn instant(value: OffsetDateTime) -> Option<String> {
    value.to_offset(UtcOffset::UTC).format(INSTANT).ok()
}
