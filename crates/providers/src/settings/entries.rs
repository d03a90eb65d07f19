//! Reads the JSON of all providers, one entry by each id.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::SettingsError;

/// The entries in their order, an id as often as it is there.
pub(super) fn read(json: &str) -> Result<Vec<(String, Value)>, SettingsError> {
    let entries: Entries =
        serde_json::from_str(json).map_err(|error| SettingsError(unreadable(json, &error)))?;
    Ok(entries.0)
}

/// Why the text is no document. serde's own words may quote what it has read.
fn unreadable(text: &str, error: &serde_json::Error) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "the providers are an empty text: write {} for none".to_owned();
    }
    let is_path = text.starts_with(['/', '.', '~']) || text.ends_with(".json");
    if is_path && !text.contains(['{', '\n']) {
        return "the providers are the path of a file, not JSON: is PROVIDERS_FILE meant?".to_owned();
    }
    if error.is_data() {
        return "the providers are no object: write {\"google\": {\"clientId\": ...}}, with an entry by each id".to_owned();
    }
    format!(
        "the providers are not valid JSON at line {}, column {}: look there for a comma, a bracket or a quotation mark \
         that is missing or too many",
        error.line(),
        error.column()
    )
}

/// An object whose keys may come twice, so that it can be said.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Entries;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Each)
    }
}
