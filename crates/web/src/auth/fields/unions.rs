//! Fields for which zod tries several shapes, and fields of a few shapes more.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Fields, LONGEST_RECORD};

/// Which of two fields was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Either<T> {
    /// The first one, whatever the other is.
    First(T),
    /// The second one.
    Second(T),
}

impl Fields<'_> {
    /// Whether there is such a field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Notes a text that is not as it should be.
    pub(crate) fn check_text(&mut self, name: &str, fits: fn(&str) -> bool, message: &str) {
        let text = self.object.get(name).and_then(Value::as_str);
        if text.is_some_and(|text| !fits(text)) {
            self.note(name, message);
        }
    }

    /// An object in which nothing is looked for, or nothing.
    pub(crate) fn optional_object(&mut self, name: &str) {
        if self.has(name) {
            self.object(name, |_| ());
        }
    }

    /// One of several words, or nothing.
    pub(crate) fn optional_choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.object.get(name)?;
        let chosen = choices.iter().find(|(word, _)| value.as_str() == Some(word));
        if chosen.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.note(
                name,
                &format!("Invalid option: expected one of {}", words.join("|")),
            );
        }
        chosen.map(|(_, choice)| *choice)
    }

    /// A text of at least one character under one of two names; the first wins.
    pub(crate) fn either_filled_text(&mut self, first: &str, second: &str) -> Either<String> {
        let given = |name| self.object.get(name).and_then(Value::as_str);
        match (given(first), given(second)) {
            (Some(text), _) if !text.is_empty() => return Either::First(self.text(first)),
            (_, Some(text)) if !text.is_empty() => return Either::Second(self.text(second)),
            // Where one of the two is a text, zod says what that one lacks.
            (Some(_), None) => return Either::First(self.non_empty_text(first)),
            (None, Some(_)) => return Either::Second(self.non_empty_text(second)),
            _ => self.note("", "Invalid input"),
        }
        Either::First(String::new())
    }

    /// An object of arrays of texts, of at most 16 KiB as JSON, under exactly one of two names. What fits under neither is
    /// not looked at.
    pub(crate) fn one_record_of_texts(
        &mut self,
        first: &str,
        second: &str,
    ) -> Either<BTreeMap<String, Vec<String>>> {
        let given = |name| self.object.get(name).and_then(record_of_texts);
        match (given(first), given(second)) {
            (Some(record), None) => return Either::First(record),
            (None, Some(record)) => return Either::Second(record),
            (Some(_), Some(_)) => self.note("", "Invalid input: more than one option matched"),
            (None, None) => self.note("", "Invalid input"),
        }
        Either::First(BTreeMap::new())
    }
}

fn record_of_texts(value: &Value) -> Option<BTreeMap<String, Vec<String>>> {
    let texts = |value: &Value| -> Option<Vec<String>> {
        let items = value.as_array()?.iter();
        items.map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let record = value.as_object()?;
    if value.to_string().len() > LONGEST_RECORD {
        return None;
    }
    record
        .iter()
        .map(|(key, value)| Some((key.clone(), texts(value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, read};
    use super::*;
    use serde_json::json;

    #[derive(Debug, PartialEq)]
    struct Chosen(Option<u8>);

    impl Shape for Chosen {
        fn read(fields: &mut Fields<'_>) -> Self {
            Self(fields.optional_choice("order", &[("asc", 1), ("desc", 2)]))
        }
    }

    #[derive(Debug, PartialEq)]
    struct Named(Either<String>);

    impl Shape for Named {
        const KINDS: &'static [&'static str] = &["object", ""];

        fn read(fields: &mut Fields<'_>) -> Self {
            Self(fields.either_filled_text("name", "id"))
        }
    }

    #[derive(Debug, PartialEq)]
    struct Asked(Either<BTreeMap<String, Vec<String>>>);

    impl Shape for Asked {
        fn read(fields: &mut Fields<'_>) -> Self {
            Self(fields.one_record_of_texts("old", "new"))
        }
    }

    fn of<T: Shape>(body: Value) -> Result<T, String> {
        read("body", Some(&body))
    }

    #[test]
    fn a_choice_is_one_of_the_words() {
        assert_eq!(of(json!({"order": "desc"})), Ok(Chosen(Some(2))));
        assert_eq!(of(json!({})), Ok(Chosen(None)));
        for wrong in [json!("DESC"), json!(""), json!(null), json!(["asc"])] {
            let refused = of::<Chosen>(json!({"order": wrong}));
            let message = r#"[body.order] Invalid option: expected one of "asc"|"desc""#;
            assert_eq!(refused, Err(message.to_owned()), "{wrong}");
        }
    }

    #[test]
    fn of_two_names_the_first_that_is_filled_counts() {
        let first = || Ok(Named(Either::First("a".to_owned())));
        let second = || Ok(Named(Either::Second("b".to_owned())));

        assert_eq!(of(json!({"name": "a"})), first());
        assert_eq!(of(json!({"name": "a", "id": 5})), first());
        assert_eq!(of(json!({"name": "a", "id": "b"})), first());
        assert_eq!(of(json!({"name": "", "id": "b"})), second());
        assert_eq!(of(json!({"name": 5, "id": "b"})), second());
    }

    #[test]
    fn of_two_names_that_do_not_fit_what_is_a_text_is_named() {
        let short = "Too small: expected string to have >=1 characters";
        let refused = |body| of::<Named>(body).unwrap_err();

        assert_eq!(refused(json!({"name": ""})), format!("[body.name] {short}"));
        assert_eq!(
            refused(json!({"name": "", "id": 5})),
            format!("[body.name] {short}")
        );
        assert_eq!(refused(json!({"id": ""})), format!("[body.id] {short}"));
        for body in [json!({}), json!({"name": 5}), json!({"name": "", "id": ""})] {
            assert_eq!(refused(body), "[body] Invalid input");
        }
        assert_eq!(
            refused(json!([])),
            "[body] Invalid input: expected object, received array; [body] Invalid input"
        );
    }

    #[test]
    fn exactly_one_record_is_taken() {
        let record = || BTreeMap::from([("team".to_owned(), vec!["create".to_owned()])]);
        let team = json!({"team": ["create"]});

        assert_eq!(of(json!({"old": team})), Ok(Asked(Either::First(record()))));
        assert_eq!(of(json!({"new": team})), Ok(Asked(Either::Second(record()))));
        assert_eq!(
            of(json!({"old": 5, "new": team})),
            Ok(Asked(Either::Second(record())))
        );
        assert_eq!(
            of::<Asked>(json!({"old": team, "new": {}})),
            Err("[body] Invalid input: more than one option matched".to_owned())
        );
        let long = json!({"team": ["x".repeat(LONGEST_RECORD)]});
        for neither in [
            json!({}),
            json!({"new": 5}),
            json!({"new": {"team": "create"}}),
            json!({"new": {"team": [1]}}),
            json!({"new": long}),
        ] {
            assert_eq!(of::<Asked>(neither), Err("[body] Invalid input".to_owned()));
        }
    }
}
