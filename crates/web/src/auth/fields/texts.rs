//! Fields of what signing in through a provider takes beside texts: lists and records of texts, tokens, objects that may be
//! absent.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Fields, LONGEST_TEXT, LONGEST_TOKEN, kind};

impl Fields<'_> {
    /// A token or a code of a provider: a text of at most 16 Ki UTF-16 code units.
    pub(crate) fn token(&mut self, name: &str) -> String {
        self.text_of_at_most(name, LONGEST_TOKEN)
    }

    /// The same, or nothing.
    pub(crate) fn optional_token(&mut self, name: &str) -> Option<String> {
        self.has(name).then(|| self.token(name))
    }

    /// An array of texts of at most 2048 UTF-16 code units together, or nothing.
    pub(crate) fn optional_texts(&mut self, name: &str) -> Option<Vec<String>> {
        if !self.has(name) {
            return None;
        }
        let items = self.required(name, "array", Value::as_array)?;
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    let message = format!("Invalid input: expected string, received {}", kind(Some(item)));
                    self.note(&format!("{name}.{index}"), &message);
                }
            }
        }
        let length = texts
            .iter()
            .map(|text| text.encode_utf16().count())
            .sum::<usize>();
        if length > LONGEST_TEXT {
            self.note(
                name,
                &format!("Too big: expected strings to have <={LONGEST_TEXT} characters"),
            );
        }
        Some(texts)
    }

    /// An object of texts, of at most 16 KiB as JSON; `None` also where something was noted.
    pub(crate) fn optional_record_of_text(&mut self, name: &str) -> Option<BTreeMap<String, String>> {
        let noted = self.issues.len();
        let mut texts = BTreeMap::new();
        for (key, value) in self.optional_record(name)? {
            if let Value::String(text) = value {
                texts.insert(key, text);
            } else {
                let message = format!("Invalid input: expected string, received {}", kind(Some(&value)));
                self.note(&format!("{name}.{key}"), &message);
            }
        }
        (self.issues.len() == noted).then_some(texts)
    }

    /// A number that is not looked at, or nothing.
    pub(crate) fn optional_number(&mut self, name: &str) {
        if self.has(name) {
            self.required(name, "number", Value::as_f64);
        }
    }

    /// An object whose fields have a shape of their own, or nothing.
    pub(crate) fn optional_object_of<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> Option<T> {
        if self.has(name) {
            self.object(name, read)
        } else {
            None
        }
    }
}
