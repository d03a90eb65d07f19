//! The rules for single fields that kinds of record share.

use std::borrow::Cow;

use wardkeep_tenancy::InvalidField;

use crate::records::RecordError;

const EMAIL: usize = 255;
const PHONE: usize = 20;
const URI: usize = 200;

/// The name of a field in Rust, with dots where it lies in another: `contacts.0.phone`.
type Name = Cow<'static, str>;

/// Collects what was refused, so that a form can show all of it at once. Of several things wrong with one field the first
/// is told. Each rule gives back the text without the blanks around it.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Vec<InvalidField>);

impl Refusals {
    /// An error if anything was refused.
    pub(crate) fn none(self) -> Result<(), RecordError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into())
        }
    }

    pub(crate) fn unless(
        &mut self,
        holds: bool,
        field: impl Into<Name>,
        problem: impl Into<Cow<'static, str>>,
    ) {
        let field = field.into();
        if !holds && self.0.iter().all(|refused| refused.field != field) {
            self.0.push(InvalidField::new(field, problem));
        }
    }

    /// A text of one line, 1 to `most` characters.
    pub(crate) fn text(&mut self, field: impl Into<Name>, text: &str, most: usize) -> String {
        self.written(field.into(), text, most, char::is_control)
    }

    /// A text of any number of lines, 1 to `most` characters.
    pub(crate) fn lines(&mut self, field: impl Into<Name>, text: &str, most: usize) -> String {
        self.written(field.into(), text, most, |letter| {
            letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
        })
    }

    fn written(&mut self, field: Name, text: &str, most: usize, is_foreign: fn(char) -> bool) -> String {
        let text = text.trim();
        self.unless(!text.chars().all(is_unseen), field.clone(), "must not be empty");
        self.unless(
            text.chars().count() <= most,
            field.clone(),
            format!("must be at most {most} characters long"),
        );
        self.unless(
            !text.contains(is_foreign),
            field,
            "must not contain control characters",
        );
        text.to_owned()
    }

    pub(crate) fn email(&mut self, field: impl Into<Name>, text: &str) -> String {
        let (field, text) = (field.into(), text.trim());
        self.unless(
            text.chars().count() <= EMAIL,
            field.clone(),
            "must be at most 255 characters long",
        );
        self.unless(is_plausible_email(text), field, "must be an e-mail address");
        text.to_owned()
    }

    pub(crate) fn phone(&mut self, field: impl Into<Name>, text: &str) -> String {
        let (field, text) = (field.into(), text.trim());
        self.unless(
            text.chars().count() <= PHONE,
            field.clone(),
            "must be at most 20 characters long",
        );
        self.unless(
            !text.contains(char::is_control),
            field.clone(),
            "must not contain control characters",
        );
        self.unless(
            text.contains(|letter: char| letter.is_ascii_digit()),
            field,
            "must contain a digit",
        );
        text.to_owned()
    }
}

/// For what cannot go on without the field that was refused.
impl From<Refusals> for RecordError {
    fn from(refusals: Refusals) -> Self {
        Self::Invalid(refusals.0)
    }
}

/// A URI that begins with its scheme (RFC 3986, section 4.3, and sections 2 and 3.1 for its letters).
pub(crate) fn absolute_uri(refusals: &mut Refusals, field: String, text: &str) -> String {
    let text = refusals.text(field.clone(), text, URI);
    let is_uri = text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
            && !rest.is_empty()
            && rest
                .chars()
                .all(|letter| letter.is_ascii_graphic() && !r#""<>\^`{|}"#.contains(letter))
    });
    refusals.unless(is_uri, field, "must be an absolute URI, such as urn:oid:1.2.3");
    text
}

/// Whether a letter leaves no trace on paper: a text of such letters alone is an empty one.
fn is_unseen(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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

/// What a check refuses.
#[cfg(test)]
pub(crate) fn problems(check: impl FnOnce(&mut Refusals)) -> Vec<String> {
    let mut refusals = Refusals::default();
    check(&mut refusals);
    match refusals.none() {
        Err(RecordError::Invalid(fields)) => fields.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn of_one_field_the_first_problem_is_told() {
        let told = problems(|refusals| {
            refusals.text("name", &format!("{}\0", "ü".repeat(100)), 100);
            refusals.text("contacts.0.name", " \u{200b}\u{feff}", 100);
            refusals.phone("phone", "call me");
            refusals.unless(false, "name", "must not be that of the dog");
        });

        assert_eq!(
            told,
            [
                "name must be at most 100 characters long",
                "contacts.0.name must not be empty",
                "phone must contain a digit",
            ]
        );
    }

    #[test]
    fn only_a_text_of_lines_has_more_than_one() {
        assert_eq!(
            problems(|refusals| _ = refusals.lines("comment", "one\r\n\ttwo", 100)),
            [""; 0]
        );
        let foreign = |refusals: &mut Refusals| {
            refusals.text("reason", "one\ntwo", 100);
            refusals.lines("comment", "\u{1b}[31m", 100);
        };
        assert_eq!(
            problems(foreign),
            [
                "reason must not contain control characters",
                "comment must not contain control characters"
            ]
        );
    }
}
