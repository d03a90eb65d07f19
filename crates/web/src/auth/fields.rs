//! Bodies and queries in the shape that an endpoint asks for, with the messages of zod 4 for what does not fit.

mod texts;
mod unions;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde_json::{Map, Value};
use wardkeep_auth::emails::Email;

pub(crate) use unions::Either;

use crate::error::{AuthError, AuthResult};

/// The longest text, in UTF-16 code units, which is what JavaScript counts. Addresses of pages are the longest that
/// anybody sends.
const LONGEST_TEXT: usize = 2048;
/// The longest picture: some send it whole, as a `data:` URL.
const LONGEST_PICTURE: usize = 64 * 1024;
/// The longest token or code of a provider: those that list a user's groups have some kilobytes.
const LONGEST_TOKEN: usize = 16 * 1024;
/// The longest record, in bytes of its JSON text.
const LONGEST_RECORD: usize = 16 * 1024;

/// A type that can be read from the fields of a body or a query.
///
/// Read the fields in the order in which the protocol declares them: the messages come in that order. A field that
/// does not fit is noted, and reads as some value of its type; what was read is used only if nothing was noted.
pub trait Shape: Sized {
    /// Whether a form (`application/x-www-form-urlencoded`) is taken beside JSON.
    const FORM: bool = false;
    /// Whether it signs its sender in, so that a page of another site may not send it, with cookies or without.
    const SIGNS_IN: bool = false;
    /// What zod calls the whole, once for each schema that it is checked against, an empty text for one that it does not name;
    /// nothing where it tries several.
    const KINDS: &'static [&'static str] = &["object"];

    /// Reads the fields. Unknown ones are left out.
    fn read(fields: &mut Fields<'_>) -> Self;

    /// What an absent body reads as; `None` where one is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Where a query says that its answer leads, for an endpoint that redirects.
    fn callback(&self) -> Option<&str> {
        None
    }
}

/// The fields of one object, and what was found wrong.
pub struct Fields<'a> {
    /// `body` or `query`, with the path of this object.
    path: String,
    object: &'a Map<String, Value>,
    issues: Vec<String>,
}

impl<'a> Fields<'a> {
    /// A text of at most 2048 UTF-16 code units; a picture has 64 Ki, and a password that is too long is told so in words
    /// of its own.
    pub fn text(&mut self, name: &str) -> String {
        self.text_of_at_most(name, longest(name))
    }

    fn text_of_at_most(&mut self, name: &str, longest: usize) -> String {
        let text = self.required(name, "string", Value::as_str).unwrap_or_default();
        if text.encode_utf16().count() > longest {
            self.note(
                name,
                &format!("Too big: expected string to have <={longest} characters"),
            );
        }
        text.to_owned()
    }

    /// A text of at least one character.
    pub fn non_empty_text(&mut self, name: &str) -> String {
        let text = self.text(name);
        match self.object.get(name) {
            Some(Value::String(_)) if text.is_empty() => {
                self.note(name, "Too small: expected string to have >=1 characters");
            }
            // zod asks anything that has a length.
            Some(Value::Array(items)) if items.is_empty() => {
                self.note(name, "Too small: expected array to have >=1 items");
            }
            _ => {}
        }
        text
    }

    /// The same, or nothing.
    pub fn optional_non_empty_text(&mut self, name: &str) -> Option<String> {
        self.object.contains_key(name).then(|| self.non_empty_text(name))
    }

    /// A well-formed e-mail address, as it was typed.
    pub fn email(&mut self, name: &str) -> String {
        let text = self.text(name);
        if matches!(self.object.get(name), Some(Value::String(_))) && Email::parse(&text).is_none() {
            self.note(name, "Invalid email address");
        }
        text
    }

    /// A well-formed e-mail address in its stored form; `None` only where that was noted.
    pub fn address(&mut self, name: &str) -> Option<Email> {
        Email::parse(&self.email(name))
    }

    /// A text where zod tries several kinds of text, and does not say which.
    pub(crate) fn text_of_a_union(&mut self, name: &str) -> String {
        if self.object.get(name).is_some_and(Value::is_string) {
            return self.text(name);
        }
        self.note(name, "Invalid input");
        String::new()
    }

    /// Exactly one of a text and a true under another name, beside a text `userId` and nothing else: zod tries two strict
    /// objects.
    pub(super) fn either_text_or_true(&mut self, text: &str, flag: &str) -> Option<String> {
        let user = self.object.get("userId").is_none_or(Value::is_string);
        let named = user && self.object.get(text).is_some_and(Value::is_string);
        let flagged = user && self.object.get(flag) == Some(&Value::Bool(true));
        match (self.besides(&[text, "userId"]), self.besides(&[flag, "userId"])) {
            (unknown, _) if named && unknown.is_empty() => return Some(self.text(text)),
            (_, unknown) if flagged && unknown.is_empty() => {}
            (unknown, _) if named && !flagged => self.note_unknown(&unknown),
            (_, unknown) if flagged && !named => self.note_unknown(&unknown),
            _ => self.note("", "Invalid input"),
        }
        None
    }

    /// The names of all other fields, in quotes.
    fn besides(&self, known: &[&str]) -> Vec<String> {
        let keys = self.object.keys();
        let unknown = keys.filter(|key| !known.contains(&key.as_str()));
        unknown.map(|key| format!("\"{key}\"")).collect()
    }

    fn note_unknown(&mut self, names: &[String]) {
        let s = if names.len() == 1 { "" } else { "s" };
        self.note("", &format!("Unrecognized key{s}: {}", names.join(", ")));
    }

    /// A text, or nothing. `null` is not nothing.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        self.object.contains_key(name).then(|| self.text(name))
    }

    /// A text, `null`, or nothing.
    pub fn nullable_text(&mut self, name: &str) -> Option<Option<String>> {
        match self.object.get(name) {
            None => None,
            Some(Value::Null) => Some(None),
            Some(_) => Some(Some(self.text(name))),
        }
    }

    /// Whether a field is there and not what JavaScript takes for false.
    pub fn is_truthy(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(is_truthy)
    }

    /// A text, or several in an array. zod tries both, and does not say which fits less.
    pub fn text_or_texts(&mut self, name: &str) -> Vec<String> {
        let texts: Option<Vec<&str>> = match self.object.get(name) {
            Some(Value::String(text)) => Some(vec![text]),
            Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let Some(texts) = texts else {
            self.note(name, "Invalid input");
            return Vec::new();
        };
        if texts
            .iter()
            .map(|text| text.encode_utf16().count())
            .sum::<usize>()
            > LONGEST_TEXT
        {
            self.note(
                name,
                &format!("Too big: expected strings to have <={LONGEST_TEXT} characters"),
            );
        }
        texts.into_iter().map(str::to_owned).collect()
    }

    /// The same, or nothing.
    pub fn optional_text_or_texts(&mut self, name: &str) -> Option<Vec<String>> {
        self.object.contains_key(name).then(|| self.text_or_texts(name))
    }

    /// Any value but an absent one as the text that JavaScript makes of it (`String(value)`).
    pub fn coerced_text(&mut self, name: &str) -> String {
        match self.object.get(name) {
            None => {
                self.note(name, "Invalid input: expected nonoptional, received undefined");
                String::new()
            }
            Some(Value::String(_)) => self.text(name),
            Some(Value::Null) => "null".to_owned(),
            Some(Value::Bool(value)) => value.to_string(),
            Some(Value::Number(number)) => number.to_string(),
            // Nothing is named by those.
            Some(Value::Array(_)) => String::new(),
            Some(Value::Object(_)) => "[object Object]".to_owned(),
        }
    }

    /// An object of arrays of texts, of at most 16 KiB as JSON: the actions on each resource.
    pub fn record_of_texts(&mut self, name: &str) -> BTreeMap<String, Vec<String>> {
        let Some(record) = self.required(name, "record", Value::as_object) else {
            return BTreeMap::new();
        };
        if Value::Object(record.clone()).to_string().len() > LONGEST_RECORD {
            self.note(
                name,
                &format!("Too big: expected record to have <={LONGEST_RECORD} bytes as JSON"),
            );
        }
        let mut texts = BTreeMap::new();
        for (key, value) in record {
            let Some(items) = value.as_array() else {
                let message = format!("Invalid input: expected array, received {}", kind(Some(value)));
                self.note(&format!("{name}.{key}"), &message);
                continue;
            };
            for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.is_string()) {
                let message = format!("Invalid input: expected string, received {}", kind(Some(item)));
                self.note(&format!("{name}.{key}.{index}"), &message);
            }
            let items = items.iter().filter_map(Value::as_str).map(str::to_owned);
            texts.insert(key.clone(), items.collect());
        }
        texts
    }

    /// The same, or nothing.
    pub fn optional_record_of_texts(&mut self, name: &str) -> Option<BTreeMap<String, Vec<String>>> {
        self.object.contains_key(name).then(|| self.record_of_texts(name))
    }

    /// True, false, or nothing.
    pub fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        self.object
            .contains_key(name)
            .then(|| self.required(name, "boolean", Value::as_bool).unwrap_or_default())
    }

    /// An object with any keys and of at most 16 KiB as JSON, or nothing.
    pub fn optional_record(&mut self, name: &str) -> Option<Map<String, Value>> {
        let value = self.object.get(name)?;
        let record = self.required(name, "record", Value::as_object);
        if record.is_some() && value.to_string().len() > LONGEST_RECORD {
            self.note(
                name,
                &format!("Too big: expected record to have <={LONGEST_RECORD} bytes as JSON"),
            );
        }
        Some(record.cloned().unwrap_or_default())
    }

    /// An object whose fields have a shape of their own.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let object = self.required(name, "object", Value::as_object)?;
        let mut fields = Fields {
            path: format!("{}.{name}", self.path),
            object,
            issues: Vec::new(),
        };
        let value = read(&mut fields);
        self.issues.append(&mut fields.issues);
        Some(value)
    }

    /// Notes that a field does not fit. An empty name is the object itself.
    pub fn note(&mut self, name: &str, message: &str) {
        let dot = if name.is_empty() { "" } else { "." };
        self.issues.push(format!("[{}{dot}{name}] {message}", self.path));
    }

    fn required<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.object.get(name);
        let read = value.and_then(read);
        if read.is_none() {
            self.note(
                name,
                &format!("Invalid input: expected {expected}, received {}", kind(value)),
            );
        }
        read
    }
}

/// Reads a shape, or answers with the text of a validation error. `place` is `body` or `query`.
pub(crate) fn read<T: Shape>(place: &str, value: Option<&Value>) -> Result<T, String> {
    let object = match value {
        Some(Value::Object(object)) => object,
        None if T::absent().is_some() => return T::absent().ok_or_else(String::new),
        other => {
            let issue = |expected: &&str| match *expected {
                "" => format!("[{place}] Invalid input"),
                expected => format!(
                    "[{place}] Invalid input: expected {expected}, received {}",
                    kind(other)
                ),
            };
            return Err(if T::KINDS.is_empty() {
                format!("[{place}] Invalid input")
            } else {
                T::KINDS.iter().map(issue).collect::<Vec<_>>().join("; ")
            });
        }
    };
    let mut fields = Fields {
        path: place.to_owned(),
        object,
        issues: Vec::new(),
    };
    let shape = T::read(&mut fields);
    if fields.issues.is_empty() {
        Ok(shape)
    } else {
        Err(fields.issues.join("; "))
    }
}

fn longest(name: &str) -> usize {
    match name {
        "image" | "logo" => LONGEST_PICTURE,
        "password" | "newPassword" | "currentPassword" => usize::MAX,
        _ => LONGEST_TEXT,
    }
}

/// JavaScript takes an empty text for an absent one.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The address that [`Fields::address`] read. It is there in every shape that was handed on.
pub(super) fn well_formed(email: Option<Email>) -> AuthResult<Email> {
    email.ok_or_else(|| AuthError::new(StatusCode::BAD_REQUEST, "INVALID_EMAIL"))
}

/// What JavaScript takes for true.
pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

fn kind(value: Option<&Value>) -> &'static str {
    match value {
        None => "undefined",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "string",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Default, PartialEq)]
    struct Person {
        name: String,
        email: String,
        password: String,
        remember: Option<bool>,
        logo: Option<Option<String>>,
        city: Option<String>,
    }

    impl Shape for Person {
        const KINDS: &'static [&'static str] = &["object", "record"];

        fn read(fields: &mut Fields<'_>) -> Self {
            Self {
                name: fields.text("name"),
                email: fields.email("email"),
                password: fields.non_empty_text("password"),
                remember: fields.optional_boolean("remember"),
                logo: fields.nullable_text("logo"),
                city: fields
                    .object("address", |address| address.optional_text("city"))
                    .flatten(),
            }
        }
    }

    fn issues(value: Value) -> String {
        read::<Person>("body", Some(&value)).unwrap_err()
    }

    #[test]
    fn fields_that_fit_are_read_and_unknown_ones_left_out() {
        let body = json!({
            "name": "", "email": "Ana@Example.Test", "password": "x", "logo": null, "address": {"city": "Porto"},
            "unknown": 1,
        });

        let person: Person = read("body", Some(&body)).unwrap();

        let expected = Person {
            name: String::new(),
            email: "Ana@Example.Test".to_owned(),
            password: "x".to_owned(),
            remember: None,
            logo: Some(None),
            city: Some("Porto".to_owned()),
        };
        assert_eq!(person, expected);
    }

    #[test]
    fn what_does_not_fit_is_said_in_the_words_of_zod() {
        assert_eq!(
            issues(
                json!({"name": 1, "email": "bad", "password": [], "remember": "x", "logo": 2, "address": {"city": null}})
            ),
            "[body.name] Invalid input: expected string, received number; \
             [body.email] Invalid email address; \
             [body.password] Invalid input: expected string, received array; \
             [body.password] Too small: expected array to have >=1 items; \
             [body.remember] Invalid input: expected boolean, received string; \
             [body.logo] Invalid input: expected string, received number; \
             [body.address.city] Invalid input: expected string, received null"
        );
        assert_eq!(
            issues(json!({"email": null, "password": ""})),
            "[body.name] Invalid input: expected string, received undefined; \
             [body.email] Invalid input: expected string, received null; \
             [body.password] Too small: expected string to have >=1 characters; \
             [body.address] Invalid input: expected object, received undefined"
        );
    }

    #[test]
    fn a_text_has_at_most_2048_utf_16_units() {
        // A beetle is two of them, and four bytes.
        let beetles = "\u{1fab2}".repeat(1024);
        let body =
            |name: String| json!({"name": name, "email": "ana@example.test", "password": "x", "address": {}});

        assert!(read::<Person>("body", Some(&body(beetles.clone()))).is_ok());
        assert_eq!(
            issues(body(beetles + "a")),
            "[body.name] Too big: expected string to have <=2048 characters"
        );
    }

    #[test]
    fn a_picture_has_64_ki_units_and_a_password_is_judged_elsewhere() {
        #[derive(Debug)]
        struct Pictured;
        impl Shape for Pictured {
            fn read(fields: &mut Fields<'_>) -> Self {
                fields.nullable_text("image");
                fields.optional_text("newPassword");
                Self
            }
        }
        let body = |length| json!({"image": "x".repeat(length), "newPassword": "x".repeat(length)});

        assert!(read::<Pictured>("body", Some(&body(64 * 1024))).is_ok());
        assert_eq!(
            read::<Pictured>("body", Some(&body(64 * 1024 + 1))).unwrap_err(),
            "[body.image] Too big: expected string to have <=65536 characters"
        );
    }

    #[test]
    fn a_record_has_at_most_16_kib() {
        #[derive(Debug)]
        struct Noted;
        impl Shape for Noted {
            fn read(fields: &mut Fields<'_>) -> Self {
                fields.optional_record("metadata");
                Self
            }
        }
        // The braces, quotes and colon of {"a":"…"} are eight bytes.
        let body = |length: usize| json!({"metadata": {"a": "x".repeat(length - 8)}});

        assert!(read::<Noted>("body", Some(&body(16 * 1024))).is_ok());
        assert_eq!(
            read::<Noted>("body", Some(&body(16 * 1024 + 1))).unwrap_err(),
            "[body.metadata] Too big: expected record to have <=16384 bytes as JSON"
        );
    }

    #[test]
    fn unions_records_and_coerced_texts_are_read_as_zod_reads_them() {
        #[derive(Debug, PartialEq)]
        struct Asked {
            role: Vec<String>,
            team: Option<Vec<String>>,
            user: String,
            permission: BTreeMap<String, Vec<String>>,
        }
        impl Shape for Asked {
            fn read(fields: &mut Fields<'_>) -> Self {
                Self {
                    role: fields.text_or_texts("role"),
                    team: fields.optional_text_or_texts("team"),
                    user: fields.coerced_text("user"),
                    permission: fields.record_of_texts("permission"),
                }
            }
        }
        let fits = json!({"role": ["a", "b"], "team": "t", "user": 5, "permission": {"patient": ["read"], "audit": []}});
        let empty = json!({"role": "", "user": null, "permission": {}});
        let wrong =
            json!({"role": ["a", 1], "team": null, "permission": {"patient": ["read", 2], "audit": "read"}});

        let asked: Asked = read("body", Some(&fits)).unwrap();
        assert_eq!(asked.role, ["a", "b"]);
        assert_eq!(asked.team, Some(vec!["t".to_owned()]));
        assert_eq!(asked.user, "5");
        assert_eq!(asked.permission["patient"], ["read"]);
        assert!(asked.permission["audit"].is_empty());
        let asked: Asked = read("body", Some(&empty)).unwrap();
        assert_eq!(
            (asked.role, asked.team, &*asked.user),
            (vec![String::new()], None, "null")
        );
        assert_eq!(
            read::<Asked>("body", Some(&wrong)).unwrap_err(),
            "[body.role] Invalid input; [body.team] Invalid input; \
             [body.user] Invalid input: expected nonoptional, received undefined; \
             [body.permission.audit] Invalid input: expected array, received string; \
             [body.permission.patient.1] Invalid input: expected string, received number"
        );
        let long = json!({"role": ["a".repeat(2048), "b"], "user": 1, "permission": {}});
        assert_eq!(
            read::<Asked>("body", Some(&long)).unwrap_err(),
            "[body.role] Too big: expected strings to have <=2048 characters"
        );
    }

    #[test]
    fn what_is_no_object_is_no_body() {
        for (value, received) in [
            (json!([]), "array"),
            (json!(null), "null"),
            (json!(1), "number"),
            (json!("x"), "string"),
            (json!(true), "boolean"),
        ] {
            assert_eq!(
                issues(value),
                format!(
                    "[body] Invalid input: expected object, received {received}; \
                     [body] Invalid input: expected record, received {received}"
                )
            );
        }
        assert!(
            read::<Person>("body", None)
                .unwrap_err()
                .contains("received undefined")
        );
    }
}
