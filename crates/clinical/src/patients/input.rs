//! What a caller may say about a patient, and what of it is refused.

use serde_json::Value;
use time::macros::{date, offset};
use time::{Date, OffsetDateTime};
use wardkeep_tenancy::InvalidField;

use crate::records::RecordError;

const NAME: usize = 100;
const EMAIL: usize = 255;
const PHONE: usize = 20;
const EARLIEST_BIRTH: Date = date!(1800 - 01 - 01);
/// The medical history as PostgreSQL prints it, in bytes. A page of 200 patients is then at most a few MB.
const HISTORY: usize = 16 * 1024;
/// How deep objects and arrays of the medical history may lie in each other, itself included.
const HISTORY_DEPTH: usize = 16;

/// A patient to record.
#[derive(Clone, Default)]
pub struct NewPatient {
    /// 1 to 100 characters once the blanks around it are dropped.
    pub first_name: String,
    /// 1 to 100 characters once the blanks around it are dropped.
    pub last_name: String,
    /// At most 255 characters, with an `@` between a name and a domain.
    pub email: Option<String>,
    /// At most 20 characters, one of them a digit.
    pub phone: Option<String>,
    /// From 1800 on, and not in the future anywhere on earth.
    pub date_of_birth: Option<Date>,
    /// A JSON object of at most 16 KiB, 16 levels deep.
    pub medical_history: Option<Value>,
}

/// What to change of a patient: an absent field stays as it is, `Some(None)` clears it. The limits are those of [`NewPatient`].
#[derive(Clone, Default)]
pub struct PatientChanges {
    /// The new given names.
    pub first_name: Option<String>,
    /// The new family names.
    pub last_name: Option<String>,
    /// The new address, or none.
    pub email: Option<Option<String>>,
    /// The new number, or none.
    pub phone: Option<Option<String>>,
    /// The new day of birth, or none.
    pub date_of_birth: Option<Option<Date>>,
    /// The new medical history as a whole, or none.
    pub medical_history: Option<Option<Value>>,
}

impl NewPatient {
    /// Drops the blanks around each text and checks every field; the error names all that were refused.
    pub(super) fn checked(self, now: OffsetDateTime) -> Result<Self, RecordError> {
        let mut refusals = Refusals::default();
        let checked = Self {
            first_name: refusals.name("first_name", &self.first_name),
            last_name: refusals.name("last_name", &self.last_name),
            email: self.email.map(|email| refusals.email(&email)),
            phone: self.phone.map(|phone| refusals.phone(&phone)),
            date_of_birth: self.date_of_birth.map(|date| refusals.date_of_birth(date, now)),
            medical_history: self.medical_history.map(|history| refusals.history(history)),
        };
        refusals.or(checked)
    }
}

impl PatientChanges {
    /// As [`NewPatient::checked`], for the fields that are there.
    pub(super) fn checked(self, now: OffsetDateTime) -> Result<Self, RecordError> {
        let mut refusals = Refusals::default();
        let checked = Self {
            first_name: self.first_name.map(|name| refusals.name("first_name", &name)),
            last_name: self.last_name.map(|name| refusals.name("last_name", &name)),
            email: self.email.map(|email| email.map(|email| refusals.email(&email))),
            phone: self.phone.map(|phone| phone.map(|phone| refusals.phone(&phone))),
            date_of_birth: self
                .date_of_birth
                .map(|date| date.map(|date| refusals.date_of_birth(date, now))),
            medical_history: self
                .medical_history
                .map(|history| history.map(|history| refusals.history(history))),
        };
        refusals.or(checked)
    }
}

/// Collects what was refused, so that a form can show all of it at once.
#[derive(Default)]
struct Refusals(Vec<InvalidField>);

impl Refusals {
    fn or<T>(self, checked: T) -> Result<T, RecordError> {
        if self.0.is_empty() {
            Ok(checked)
        } else {
            Err(RecordError::Invalid(self.0))
        }
    }

    fn unless(&mut self, holds: bool, field: &'static str, problem: &'static str) {
        if !holds && self.0.last().is_none_or(|last| last.field != field) {
            self.0.push(InvalidField::new(field, problem));
        }
    }

    fn name(&mut self, field: &'static str, text: &str) -> String {
        let text = text.trim();
        self.unless(!text.is_empty(), field, "must not be empty");
        self.unless(
            text.chars().count() <= NAME,
            field,
            "must be at most 100 characters long",
        );
        self.unless(
            !text.contains(char::is_control),
            field,
            "must not contain control characters",
        );
        text.to_owned()
    }

    fn email(&mut self, text: &str) -> String {
        let text = text.trim();
        self.unless(
            text.chars().count() <= EMAIL,
            "email",
            "must be at most 255 characters long",
        );
        self.unless(is_plausible_email(text), "email", "must be an e-mail address");
        text.to_owned()
    }

    fn phone(&mut self, text: &str) -> String {
        let text = text.trim();
        self.unless(
            text.chars().count() <= PHONE,
            "phone",
            "must be at most 20 characters long",
        );
        self.unless(
            !text.contains(char::is_control),
            "phone",
            "must not contain control characters",
        );
        self.unless(text.contains(char::is_numeric), "phone", "must contain a digit");
        text.to_owned()
    }

    fn date_of_birth(&mut self, date: Date, now: OffsetDateTime) -> Date {
        // A clinic on Kiritimati writes down a newborn up to 14 hours before the date begins in UTC.
        let latest = now.to_offset(offset!(+14)).date();
        self.unless(date <= latest, "date_of_birth", "must not be in the future");
        self.unless(
            date >= EARLIEST_BIRTH,
            "date_of_birth",
            "must not be before 1800-01-01",
        );
        date
    }

    fn history(&mut self, history: Value) -> Value {
        let field = "medical_history";
        self.unless(history.is_object(), field, "must be a JSON object");
        self.unless(
            depth(&history) <= HISTORY_DEPTH,
            field,
            "must be at most 16 levels deep",
        );
        self.unless(
            printed_length(&history) <= HISTORY,
            field,
            "must be at most 16 KiB long",
        );
        self.unless(
            !holds_nul(&history),
            field,
            "must not contain the character U+0000",
        );
        history
    }
}

/// Whether someone could have meant an e-mail address: a slip of the hand is caught, nothing is proved.
fn is_plausible_email(text: &str) -> bool {
    let sound = !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    let Some((name, domain)) = text.split_once('@') else {
        return false;
    };
    let labels = || domain.split('.');
    sound
        && !name.is_empty()
        && !domain.contains('@')
        && labels().count() > 1
        && labels().all(|label| !label.is_empty())
}

fn depth(value: &Value) -> usize {
    let below = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(fields) => fields.values().map(depth).max(),
        _ => return 0,
    };
    1 + below.unwrap_or(0)
}

/// How many bytes `jsonb` is as text, at most. It prints blanks after `:` and `,`, and numbers in plain decimal: 309
/// digits for `1e308`.
fn printed_length(value: &Value) -> usize {
    // The brackets, and `, ` between each two.
    let around = |count: usize| 2 * count.max(1);
    match value {
        Value::Array(items) => around(items.len()) + items.iter().map(printed_length).sum::<usize>(),
        Value::Object(fields) => {
            let text = |key: &String| Value::String(key.clone()).to_string().len();
            let field = |(key, value)| text(key) + ": ".len() + printed_length(value);
            around(fields.len()) + fields.iter().map(field).sum::<usize>()
        }
        Value::Number(number) => {
            let plain = number.as_f64().filter(|_| number.is_f64());
            let plain = plain.map_or(0, |number| number.to_string().len());
            plain.max(number.to_string().len())
        }
        Value::String(_) | Value::Bool(_) | Value::Null => value.to_string().len(),
    }
}

/// `jsonb` cannot hold U+0000, neither in a key nor in a text.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| key.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

    fn ana() -> NewPatient {
        NewPatient {
            first_name: "Ana".to_owned(),
            last_name: "Brandt".to_owned(),
            ..NewPatient::default()
        }
    }

    /// The fields refused, each with its reason.
    fn refused(patient: NewPatient) -> Vec<String> {
        match patient.checked(NOW) {
            Ok(_) => Vec::new(),
            Err(RecordError::Invalid(refusals)) => refusals.iter().map(ToString::to_string).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn blanks_around_a_text_are_dropped() {
        let patient = NewPatient {
            first_name: " Ana Lucía\u{a0}".to_owned(),
            email: Some(" ana@example.org ".to_owned()),
            phone: Some("\t+49 30 1234 ".to_owned()),
            ..ana()
        };

        let patient = patient.checked(NOW).unwrap();

        assert_eq!(patient.first_name, "Ana Lucía");
        assert_eq!(patient.email.as_deref(), Some("ana@example.org"));
        assert_eq!(patient.phone.as_deref(), Some("+49 30 1234"));
    }

    #[test]
    fn every_refused_field_is_named_once() {
        let patient = NewPatient {
            first_name: "  ".to_owned(),
            last_name: format!("{}\0", "ü".repeat(100)),
            email: Some("ana".to_owned()),
            phone: Some("call me".to_owned()),
            date_of_birth: Some(date!(2026 - 03 - 03)),
            medical_history: Some(json!(["none"])),
        };

        assert_eq!(
            refused(patient),
            [
                "first_name must not be empty",
                "last_name must be at most 100 characters long",
                "email must be an e-mail address",
                "phone must contain a digit",
                "date_of_birth must not be in the future",
                "medical_history must be a JSON object",
            ]
        );
    }

    #[test]
    fn a_name_has_1_to_100_characters_and_no_control_character() {
        let named = |name: &str| {
            refused(NewPatient {
                last_name: name.to_owned(),
                ..ana()
            })
        };

        assert_eq!(named(&"ü".repeat(100)), [] as [&str; 0]);
        assert_eq!(
            named(&"ü".repeat(101)),
            ["last_name must be at most 100 characters long"]
        );
        assert_eq!(
            named("Bra\u{7}ndt"),
            ["last_name must not contain control characters"]
        );
    }

    #[test]
    fn an_email_address_is_plausible() {
        let sound = ["ana@example.org", "a.b+c@sub.example.org", "ána@exämple.org"];
        let unsound = [
            "",
            "@",
            "ana",
            "ana@",
            "@example.org",
            "ana@example",
            "ana@.org",
            "a@b@c.org",
            "a na@b.org",
        ];

        assert!(sound.into_iter().all(is_plausible_email));
        assert_eq!(unsound.into_iter().find(|text| is_plausible_email(text)), None);
    }

    #[test]
    fn a_date_of_birth_is_possible_somewhere_on_earth() {
        let born = |date| {
            refused(NewPatient {
                date_of_birth: Some(date),
                ..ana()
            })
        };
        let evening = datetime!(2026-03-02 10:00 UTC);

        assert_eq!(born(date!(2026 - 03 - 02)), [] as [&str; 0]);
        assert_eq!(
            born(date!(2026 - 03 - 03)),
            ["date_of_birth must not be in the future"]
        );
        assert_eq!(
            born(date!(1799 - 12 - 31)),
            ["date_of_birth must not be before 1800-01-01"]
        );
        let tomorrow = NewPatient {
            date_of_birth: Some(date!(2026 - 03 - 03)),
            ..ana()
        };
        assert!(tomorrow.checked(evening).is_ok());
    }

    #[test]
    fn a_medical_history_is_bounded() {
        let history = |history| {
            refused(NewPatient {
                medical_history: Some(history),
                ..ana()
            })
        };
        let deep = |levels| (1..levels).fold(json!({}), |inner, _| json!({ "in": inner }));

        assert_eq!(history(deep(16)), [] as [&str; 0]);
        assert_eq!(
            history(deep(17)),
            ["medical_history must be at most 16 levels deep"]
        );
        assert_eq!(
            history(json!({ "note": "x".repeat(16 * 1024) })),
            ["medical_history must be at most 16 KiB long"]
        );
        let nul = ["medical_history must not contain the character U+0000"];
        assert_eq!(history(json!({ "note": ["\0"] })), nul);
        assert_eq!(history(json!({ "\0": 1 })), nul);
    }

    #[test]
    fn a_number_counts_as_it_is_printed() {
        for (value, printed) in [
            (json!({}), 2),
            (json!({ "a": [] }), r#"{"a": []}"#.len()),
            (
                json!({ "a": [1, -2.5], "b": "\n" }),
                r#"{"a": [1, -2.5], "b": "\n"}"#.len(),
            ),
            (json!(1.0), 3),
            (json!(1e308), 309),
            (json!(-1e-300), "-0.".len() + 300),
        ] {
            assert_eq!(printed_length(&value), printed, "{value}");
        }
    }

    #[test]
    fn a_change_says_nothing_of_absent_fields() {
        let changes = PatientChanges {
            email: Some(None),
            phone: Some(Some("-".to_owned())),
            ..PatientChanges::default()
        };

        let refusals = match changes.checked(NOW) {
            Err(RecordError::Invalid(refusals)) => refusals,
            _ => panic!("a phone number without digits was accepted"),
        };

        assert_eq!(refusals, [InvalidField::new("phone", "must contain a digit")]);
    }
}
