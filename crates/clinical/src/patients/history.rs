//! What a patient has had and has: conditions, allergies, medications, and notes on them.

use serde::Serialize;
use serde_json::{Value, json};
use time::Date;

use crate::fields::{Refusals, absolute_uri};
use crate::partial_dates::days;

/// The whole of it as PostgreSQL prints it, in bytes. A page of 200 patients is then at most a few MB.
const LONGEST: usize = 16 * 1024;
/// The most entries of one kind.
const MOST: usize = 100;
const TEXT: usize = 500;
const CODE: usize = 100;
const NOTE: usize = 2000;
const NOTES: usize = 10_000;

/// The medical history of a patient, at most 16 KiB of JSON.
#[derive(Clone, Default, Serialize)]
pub struct MedicalHistory {
    /// What the patient has had or has, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<HistoryEntry>,
    /// What the patient does not tolerate, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allergies: Vec<HistoryEntry>,
    /// What the patient takes, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub medications: Vec<HistoryEntry>,
    /// What else there is to say, at most 10,000 characters on any number of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// One condition, allergy or medication.
#[derive(Clone, Default, Serialize)]
pub struct HistoryEntry {
    /// What it is, in words: 1 to 500 characters.
    pub text: String,
    /// Its code, at most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whose code it is: an absolute URI of at most 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Since when, as precisely as it is known: `2019`, `2019-05` or `2019-05-17`. Not in the future.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// At most 2000 characters on any number of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl MedicalHistory {
    /// `latest` is the day that it is, where the day begins first.
    pub(super) fn checked(self, latest: Date, refusals: &mut Refusals) -> Self {
        let mut entries = |kind: &str, entries: Vec<HistoryEntry>| -> Vec<HistoryEntry> {
            let field = format!("medical_history.{kind}");
            refusals.unless(entries.len() <= MOST, field.clone(), "must be at most 100");
            let entries = entries.into_iter().take(MOST).enumerate();
            let entries =
                entries.map(|(index, entry)| entry.checked(&format!("{field}.{index}"), latest, refusals));
            entries.collect()
        };
        let checked = Self {
            conditions: entries("conditions", self.conditions),
            allergies: entries("allergies", self.allergies),
            medications: entries("medications", self.medications),
            notes: self
                .notes
                .map(|text| refusals.lines("medical_history.notes", &text, NOTES)),
        };
        refusals.unless(
            printed_length(&json!(checked)) <= LONGEST,
            "medical_history",
            "must be at most 16 KiB long",
        );
        checked
    }
}

impl HistoryEntry {
    fn checked(self, field: &str, latest: Date, refusals: &mut Refusals) -> Self {
        let field = |name: &str| format!("{field}.{name}");
        let checked = Self {
            text: refusals.text(field("text"), &self.text, TEXT),
            code: self.code.map(|code| refusals.text(field("code"), &code, CODE)),
            system: self
                .system
                .map(|system| absolute_uri(refusals, field("system"), &system)),
            since: self.since,
            note: self.note.map(|note| refusals.lines(field("note"), &note, NOTE)),
        };
        if let Some(since) = &checked.since {
            let begins = days(since).map(|(first, _)| first);
            refusals.unless(
                begins.is_some(),
                field("since"),
                "must be a year, a month or a day: 2019, 2019-05, 2019-05-17",
            );
            refusals.unless(
                begins.is_none_or(|day| day <= latest),
                field("since"),
                "must not be in the future",
            );
        }
        checked
    }
}

/// How many bytes these objects, arrays and texts are as `jsonb` prints them: with a blank after each `:` and `,`.
fn printed_length(value: &Value) -> usize {
    // The brackets, and `, ` between each two.
    let around = |count: usize| 2 * count.max(1);
    match value {
        Value::Array(items) => around(items.len()) + items.iter().map(printed_length).sum::<usize>(),
        Value::Object(fields) => {
            let text = |key: &String| Value::from(key.as_str()).to_string().len();
            let field = |(key, value)| text(key) + ": ".len() + printed_length(value);
            around(fields.len()) + fields.iter().map(field).sum::<usize>()
        }
        value => value.to_string().len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordError;
    use time::macros::date;

    fn refused(history: MedicalHistory) -> Vec<String> {
        let mut refusals = Refusals::default();
        history.checked(date!(2026 - 03 - 02), &mut refusals);
        match refusals.none() {
            Err(RecordError::Invalid(fields)) => fields.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        }
    }

    fn entry(text: &str) -> HistoryEntry {
        HistoryEntry {
            text: text.to_owned(),
            ..HistoryEntry::default()
        }
    }

    #[test]
    fn since_is_as_precise_as_it_is_known() {
        let since = |since: &str| {
            refused(MedicalHistory {
                conditions: vec![HistoryEntry {
                    since: Some(since.to_owned()),
                    ..entry("asthma")
                }],
                ..MedicalHistory::default()
            })
        };

        for sound in ["2019", "2026", "2026-03", "2024-02-29", "2026-03-02"] {
            assert_eq!(since(sound), [""; 0], "{sound}");
        }
        for unsound in [
            "",
            "19",
            "2019-5",
            "2019-13",
            "2023-02-29",
            "2019-05-17T09",
            "+2019",
            "-019",
        ] {
            assert_eq!(since(unsound).len(), 1, "{unsound}");
        }
        assert_eq!(
            since("2026-04"),
            ["medical_history.conditions.0.since must not be in the future"]
        );
    }

    #[test]
    fn a_history_is_bounded_and_says_where_it_is_not() {
        let kind = |conditions| MedicalHistory {
            conditions,
            ..MedicalHistory::default()
        };

        assert_eq!(refused(kind(vec![entry("x"); 100])), [""; 0]);
        assert_eq!(
            refused(kind(vec![entry("x"); 101])),
            ["medical_history.conditions must be at most 100"]
        );
        assert_eq!(
            refused(kind(vec![entry(&"ü".repeat(500)); 17])),
            ["medical_history must be at most 16 KiB long"]
        );
        assert_eq!(
            refused(kind(vec![entry("asthma"), entry("a\u{0}")])),
            ["medical_history.conditions.1.text must not contain control characters"]
        );
    }
}
