//! Reads the keys of one provider, and collects all that is wrong with them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use url::Url;

use super::check_url;
use crate::presets::Preset;

/// How alike a key and what it is meant to be are at least, of 1.
const CLOSE: f64 = 0.85;

/// The keys of one provider. A complaint names the provider, the key, the reason and the remedy, never a value that could
/// be a secret.
pub(super) struct Fields<'a> {
    provider: &'a str,
    fields: Map<String, Value>,
    complaints: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(provider: &'a str, fields: Map<String, Value>) -> Self {
        Self {
            provider,
            fields,
            complaints: Vec::new(),
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    pub(super) fn is_list(&self, key: &str) -> bool {
        self.fields.get(key).is_some_and(Value::is_array)
    }

    pub(super) fn complain(&mut self, key: &str, why: &str) {
        let provider = self.provider;
        self.complaints
            .push(format!("provider {provider:?}: {key} {why}"));
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.fields.remove(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            Value::String(_) => {
                self.complain(key, "is empty: give it a value, or leave it out");
                None
            }
            _ => {
                self.complain(key, "is no text: put its value in quotation marks");
                None
            }
        }
    }

    /// A text that must be there, and where to find it.
    pub(super) fn required(&mut self, key: &str, remedy: &str) -> Option<String> {
        if !self.has(key) {
            self.complain(key, &format!("is missing: {remedy}"));
        }
        self.text(key)
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        match self.fields.remove(key) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.complain(key, "is neither true nor false (without quotation marks)");
                false
            }
        }
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let Some(value) = self.fields.remove(key) else {
            return Vec::new();
        };
        let texts = value.as_array().map(|texts| {
            texts
                .iter()
                .map(|text| Some(text.as_str()?.to_owned()).filter(|text| !text.is_empty()))
                .collect()
        });
        texts.flatten().unwrap_or_else(|| {
            self.complain(key, "is no list of texts: write [\"one\", \"another\"]");
            Vec::new()
        })
    }

    pub(super) fn pairs(&mut self, key: &str) -> BTreeMap<String, String> {
        let Some(value) = self.fields.remove(key) else {
            return BTreeMap::new();
        };
        let pairs = value.as_object().map(|pairs| {
            pairs
                .iter()
                .map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect()
        });
        pairs.flatten().unwrap_or_else(|| {
            self.complain(key, "is no object of texts: write {\"name\": \"value\"}");
            BTreeMap::new()
        })
    }

    /// An address that a provider is asked at.
    pub(super) fn checked_url(&mut self, key: &str, text: &str, allows_private: bool) -> Option<Url> {
        match check_url(text, allows_private) {
            Ok(url) => Some(url),
            Err(why) => {
                self.complain(key, &why);
                None
            }
        }
    }

    /// All that was complained of, what is left over too.
    pub(super) fn finish(mut self, known: &[&str]) -> Vec<String> {
        let left: Vec<String> = self
            .fields
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
            .cloned()
            .collect();
        for key in left {
            let why = match (Preset::with_key(&key), nearest(&key, known)) {
                (Some(kinds), _) => format!("is for {kinds} alone: leave it out"),
                (None, Some(near)) => {
                    format!("is no key of such a provider: is {near} meant? Else leave it out")
                }
                (None, None) => "is no key of such a provider: leave it out".to_owned(),
            };
            self.complain(&key, &why);
        }
        self.complaints
    }
}

/// Which of these a text is meant to be, if it is close to one.
pub(super) fn nearest<'a>(text: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known
        .iter()
        .map(|known| (strsim::jaro_winkler(known, text), *known));
    let close = distances.filter(|(similarity, _)| *similarity > CLOSE);
    close.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, known)| known)
}
