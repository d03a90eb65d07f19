//! What a caller may say about a patient, and what of it is refused.

use oxilangtag::LanguageTag;
use serde_json::json;
use time::macros::{date, offset};
use time::{Date, OffsetDateTime};

use super::addresses::Address;
use super::contacts::{self, Contact};
use super::entity::{ActiveModel, Patient};
use super::history::MedicalHistory;
use super::identifiers::{self, Identifier};
use super::phones::{self, OtherPhone};
use crate::fields::Refusals;
use crate::records::{RecordError, given};

const AFFIX: usize = 50;
const NAME: usize = 100;
pub(super) const NUMBER: usize = 64;
const LANGUAGE: usize = 35;
const EARLIEST_BIRTH: Date = date!(1800 - 01 - 01);
/// FHIR R4 AdministrativeGender.
const GENDERS: [&str; 4] = ["male", "female", "other", "unknown"];

/// A patient to record. Of every text the blanks around it are dropped; texts are of one line unless it is said.
#[derive(Clone, Default)]
pub struct NewPatient {
    /// What stands before the name, at most 50 characters.
    pub name_prefix: Option<String>,
    /// Given names, 1 to 100 characters.
    pub first_name: String,
    /// At most 100 characters.
    pub middle_name: Option<String>,
    /// Family names, 1 to 100 characters.
    pub last_name: String,
    /// What stands behind the name, at most 50 characters.
    pub name_suffix: Option<String>,
    /// What the patient wants to be called, at most 100 characters.
    pub preferred_name: Option<String>,
    /// The family name at birth, at most 100 characters.
    pub birth_name: Option<String>,
    /// The clinic's own number, at most 64 characters. No other patient has it.
    pub medical_record_number: Option<String>,
    /// Numbers that others know the patient by: at most 20, none of them twice.
    pub identifiers: Vec<Identifier>,
    /// From 1800 on, and not in the future anywhere on earth.
    pub date_of_birth: Option<Date>,
    /// `male`, `female`, `other` or `unknown`.
    pub gender: Option<String>,
    /// The number to call first: at most 20 characters, one of them a digit.
    pub phone: Option<String>,
    /// Other numbers, at most 10.
    pub other_phones: Vec<OtherPhone>,
    /// At most 255 characters, with an `@` between a name and a domain.
    pub email: Option<String>,
    /// Where the patient lives.
    pub address: Option<Address>,
    /// A language tag (BCP 47) of at most 35 characters.
    pub language: Option<String>,
    /// Whom to turn to, at most 10.
    pub contacts: Vec<Contact>,
    /// Whether the clinic treats the patient; none for yes.
    pub active: Option<bool>,
    /// Whether the patient has died; none for what follows from `deceased_on`.
    pub deceased: Option<bool>,
    /// The day of death: not in the future, and not before the day of birth.
    pub deceased_on: Option<Date>,
    /// At most 16 KiB as JSON.
    pub medical_history: Option<MedicalHistory>,
    /// Whether to record the patient though it is likely that the clinic has the same person.
    pub allow_duplicate: bool,
}

/// What to change of a patient: an absent field stays as it is, `Some(None)` clears it, and a list is replaced as a whole. The
/// limits are those of [`NewPatient`].
#[derive(Clone, Default)]
pub struct PatientChanges {
    /// What stands before the name, or none.
    pub name_prefix: Option<Option<String>>,
    /// The new given names.
    pub first_name: Option<String>,
    /// The new middle names, or none.
    pub middle_name: Option<Option<String>>,
    /// The new family names.
    pub last_name: Option<String>,
    /// What stands behind the name, or none.
    pub name_suffix: Option<Option<String>>,
    /// The new name to be called by, or none.
    pub preferred_name: Option<Option<String>>,
    /// The new family name at birth, or none.
    pub birth_name: Option<Option<String>>,
    /// The new number of the clinic, or none.
    pub medical_record_number: Option<Option<String>>,
    /// The new numbers of others.
    pub identifiers: Option<Vec<Identifier>>,
    /// The new day of birth, or none.
    pub date_of_birth: Option<Option<Date>>,
    /// The new gender, or none.
    pub gender: Option<Option<String>>,
    /// The new number to call first, or none.
    pub phone: Option<Option<String>>,
    /// The new other numbers.
    pub other_phones: Option<Vec<OtherPhone>>,
    /// The new address for mails, or none.
    pub email: Option<Option<String>>,
    /// The new place to live, or none.
    pub address: Option<Option<Address>>,
    /// The new language, or none.
    pub language: Option<Option<String>>,
    /// The new contacts.
    pub contacts: Option<Vec<Contact>>,
    /// Whether the clinic treats the patient.
    pub active: Option<bool>,
    /// Whether the patient has died; who has a day of death has.
    pub deceased: Option<bool>,
    /// The new day of death, or none.
    pub deceased_on: Option<Option<Date>>,
    /// The new medical history as a whole, or none.
    pub medical_history: Option<Option<MedicalHistory>>,
}

impl NewPatient {
    /// What to write, if every field is valid; the error names all that were refused.
    pub(super) fn checked(self, now: OffsetDateTime) -> Result<ActiveModel, RecordError> {
        let mut refusals = Refusals::default();
        let patient = PatientChanges::from(self).checked(now, &mut refusals);
        let patient = patient.settled(None, &mut refusals);
        refusals.none()?;
        Ok(patient.into())
    }
}

impl PatientChanges {
    /// Checks each field by itself.
    pub(super) fn checked(self, now: OffsetDateTime, refusals: &mut Refusals) -> Self {
        let latest = latest(now);
        Self {
            name_prefix: text("name_prefix", self.name_prefix, AFFIX, refusals),
            first_name: self
                .first_name
                .map(|name| refusals.text("first_name", &name, NAME)),
            middle_name: text("middle_name", self.middle_name, NAME, refusals),
            last_name: self.last_name.map(|name| refusals.text("last_name", &name, NAME)),
            name_suffix: text("name_suffix", self.name_suffix, AFFIX, refusals),
            preferred_name: text("preferred_name", self.preferred_name, NAME, refusals),
            birth_name: text("birth_name", self.birth_name, NAME, refusals),
            medical_record_number: text(
                "medical_record_number",
                self.medical_record_number,
                NUMBER,
                refusals,
            ),
            identifiers: self.identifiers.map(|list| identifiers::checked(list, refusals)),
            date_of_birth: inside(self.date_of_birth, |date| {
                past("date_of_birth", date, latest, refusals)
            }),
            gender: inside(self.gender, |gender| known_gender(gender, refusals)),
            phone: inside(self.phone, |phone| refusals.phone("phone", &phone)),
            other_phones: self.other_phones.map(|list| phones::checked(list, refusals)),
            email: inside(self.email, |email| refusals.email("email", &email)),
            address: inside(self.address, |address| address.checked(refusals)),
            language: inside(self.language, |tag| language(&tag, refusals)),
            contacts: self.contacts.map(|list| contacts::checked(list, refusals)),
            deceased_on: inside(self.deceased_on, |date| {
                past("deceased_on", date, latest, refusals)
            }),
            medical_history: inside(self.medical_history, |history| history.checked(latest, refusals)),
            ..self
        }
    }

    /// Checks what the fields say together with those that stay. Who has a day of death has died.
    pub(super) fn settled(self, before: Option<&Patient>, refusals: &mut Refusals) -> Self {
        let born = self
            .date_of_birth
            .unwrap_or_else(|| before.and_then(|before| before.date_of_birth));
        let died_on = self
            .deceased_on
            .unwrap_or_else(|| before.and_then(|before| before.deceased_on));
        let deceased = self
            .deceased
            .unwrap_or_else(|| died_on.is_some() || before.is_some_and(|before| before.deceased));
        refusals.unless(
            deceased || died_on.is_none(),
            "deceased",
            "must be true where deceasedOn says when",
        );
        let in_order = born.is_none_or(|born| died_on.is_none_or(|died_on| born <= died_on));
        if self.deceased_on.is_some() {
            refusals.unless(in_order, "deceased_on", "must not be before dateOfBirth");
        } else {
            refusals.unless(in_order, "date_of_birth", "must not be after deceasedOn");
        }
        Self {
            deceased: Some(deceased),
            ..self
        }
    }
}

/// A clinic on Kiritimati writes down a newborn up to 14 hours before the date begins in UTC.
pub(super) fn latest(now: OffsetDateTime) -> Date {
    now.to_offset(offset!(+14)).date()
}

fn text(
    field: &'static str,
    text: Option<Option<String>>,
    most: usize,
    refusals: &mut Refusals,
) -> Option<Option<String>> {
    inside(text, |text| refusals.text(field, &text, most))
}

fn inside<T, U>(field: Option<Option<T>>, check: impl FnOnce(T) -> U) -> Option<Option<U>> {
    field.map(|value| value.map(check))
}

fn past(field: &'static str, date: Date, latest: Date, refusals: &mut Refusals) -> Date {
    refusals.unless(date <= latest, field, "must not be in the future");
    refusals.unless(date >= EARLIEST_BIRTH, field, "must not be before 1800-01-01");
    date
}

pub(super) fn known_gender(gender: String, refusals: &mut Refusals) -> String {
    refusals.unless(
        GENDERS.contains(&gender.as_str()),
        "gender",
        "must be one of male, female, other, unknown",
    );
    gender
}

/// Answers the tag in its usual spelling: `de-CH`.
fn language(tag: &str, refusals: &mut Refusals) -> String {
    let tag = refusals.text("language", tag, LANGUAGE);
    let read = LanguageTag::parse_and_normalize(&tag);
    refusals.unless(
        read.is_ok(),
        "language",
        "must be a language tag (BCP 47), such as de-CH",
    );
    read.map(LanguageTag::into_inner).unwrap_or(tag)
}

impl From<NewPatient> for PatientChanges {
    fn from(patient: NewPatient) -> Self {
        Self {
            name_prefix: Some(patient.name_prefix),
            first_name: Some(patient.first_name),
            middle_name: Some(patient.middle_name),
            last_name: Some(patient.last_name),
            name_suffix: Some(patient.name_suffix),
            preferred_name: Some(patient.preferred_name),
            birth_name: Some(patient.birth_name),
            medical_record_number: Some(patient.medical_record_number),
            identifiers: Some(patient.identifiers),
            date_of_birth: Some(patient.date_of_birth),
            gender: Some(patient.gender),
            phone: Some(patient.phone),
            other_phones: Some(patient.other_phones),
            email: Some(patient.email),
            address: Some(patient.address),
            language: Some(patient.language),
            contacts: Some(patient.contacts),
            active: Some(patient.active.unwrap_or(true)),
            deceased: patient.deceased,
            deceased_on: Some(patient.deceased_on),
            medical_history: Some(patient.medical_history),
        }
    }
}

impl From<PatientChanges> for ActiveModel {
    fn from(changes: PatientChanges) -> Self {
        Self {
            name_prefix: given(changes.name_prefix),
            first_name: given(changes.first_name),
            middle_name: given(changes.middle_name),
            last_name: given(changes.last_name),
            name_suffix: given(changes.name_suffix),
            preferred_name: given(changes.preferred_name),
            birth_name: given(changes.birth_name),
            medical_record_number: given(changes.medical_record_number),
            identifiers: given(changes.identifiers.map(|list| json!(list))),
            date_of_birth: given(changes.date_of_birth),
            gender: given(changes.gender),
            phone: given(changes.phone),
            other_phones: given(changes.other_phones.map(|list| json!(list))),
            email: given(changes.email),
            address: given(inside(changes.address, |address| json!(address))),
            language: given(changes.language),
            contacts: given(changes.contacts.map(|list| json!(list))),
            active: given(changes.active),
            deceased: given(changes.deceased),
            deceased_on: given(changes.deceased_on),
            medical_history: given(inside(changes.medical_history, |history| json!(history))),
            ..Default::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        problems(patient.checked(NOW))
    }

    fn problems<T>(checked: Result<T, RecordError>) -> Vec<String> {
        match checked {
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
            language: Some(" DE-ch ".to_owned()),
            ..ana()
        };

        let patient = patient.checked(NOW).unwrap();

        assert_eq!(patient.first_name.unwrap(), "Ana Lucía");
        assert_eq!(patient.email.unwrap().as_deref(), Some("ana@example.org"));
        assert_eq!(patient.phone.unwrap().as_deref(), Some("+49 30 1234"));
        assert_eq!(patient.language.unwrap().as_deref(), Some("de-CH"));
    }

    #[test]
    fn every_refused_field_is_named_once() {
        let phone = |r#use: &str, number: &str| OtherPhone {
            r#use: r#use.to_owned(),
            number: number.to_owned(),
        };
        let insurer = Identifier {
            system: "urn:x".to_owned(),
            value: "1".to_owned(),
        };
        let patient = NewPatient {
            first_name: "  ".to_owned(),
            last_name: format!("{}\0", "ü".repeat(100)),
            identifiers: vec![insurer.clone(), insurer],
            date_of_birth: Some(date!(2026 - 03 - 03)),
            gender: Some("woman".to_owned()),
            phone: Some("call me".to_owned()),
            other_phones: vec![phone("home", "1"), phone("fax", "none")],
            email: Some("ana".to_owned()),
            address: Some(Address {
                lines: vec![String::new()],
                country: Some("XX".to_owned()),
                ..Address::default()
            }),
            language: Some("german?".to_owned()),
            contacts: vec![Contact {
                name: "Ben".to_owned(),
                phone: Some("?".to_owned()),
                email: Some("?".to_owned()),
                ..Contact::default()
            }],
            deceased: Some(false),
            deceased_on: Some(date!(2026 - 03 - 02)),
            ..NewPatient::default()
        };

        assert_eq!(
            refused(patient),
            [
                "first_name must not be empty",
                "last_name must be at most 100 characters long",
                "identifiers.1 must not be there twice",
                "date_of_birth must not be in the future",
                "gender must be one of male, female, other, unknown",
                "phone must contain a digit",
                "other_phones.1.use must be one of home, work, mobile, temp, old",
                "other_phones.1.number must contain a digit",
                "email must be an e-mail address",
                "address.lines.0 must not be empty",
                "address.country must be a country code of ISO 3166-1 alpha-2, such as DE",
                "language must be a language tag (BCP 47), such as de-CH",
                "contacts.0.phone must contain a digit",
                "contacts.0.email must be an e-mail address",
                "deceased must be true where deceasedOn says when",
                "deceased_on must not be before dateOfBirth",
            ]
        );
    }

    #[test]
    fn a_date_of_birth_is_possible_somewhere_on_earth() {
        let born = |date, now| {
            let patient = NewPatient {
                date_of_birth: Some(date),
                ..ana()
            };
            problems(patient.checked(now))
        };
        let evening = datetime!(2026-03-02 10:00 UTC);

        assert_eq!(born(date!(2026 - 03 - 02), NOW), [""; 0]);
        assert_eq!(born(date!(2024 - 02 - 29), NOW), [""; 0]);
        assert_eq!(
            born(date!(2026 - 03 - 03), NOW),
            ["date_of_birth must not be in the future"]
        );
        assert_eq!(
            born(date!(1799 - 12 - 31), NOW),
            ["date_of_birth must not be before 1800-01-01"]
        );
        assert_eq!(born(date!(2026 - 03 - 03), evening), [""; 0]);
    }

    #[test]
    fn who_has_a_day_of_death_has_died() {
        let died = |deceased, deceased_on| NewPatient {
            deceased,
            deceased_on,
            ..ana()
        };
        let day = Some(date!(2026 - 03 - 01));

        for (deceased, deceased_on, expected) in [
            (None, None, false),
            (Some(true), None, true),
            (None, day, true),
            (Some(true), day, true),
        ] {
            let checked = died(deceased, deceased_on).checked(NOW).unwrap();
            assert_eq!(checked.deceased.unwrap(), expected);
        }
    }

    #[test]
    fn a_change_says_nothing_of_absent_fields() {
        let changes = PatientChanges {
            email: Some(None),
            phone: Some(Some("-".to_owned())),
            ..PatientChanges::default()
        };
        let mut refusals = Refusals::default();

        changes.checked(NOW, &mut refusals);

        assert_eq!(problems(refusals.none()), ["phone must contain a digit"]);
    }
}
