//! What is said of a medical record: its fields and their limits.

use time::{Date, OffsetDateTime};

use super::categories::{Category, OBSERVATION};
use super::entity::MedicalRecord;
use super::file_names;
use crate::coding::Code;
use crate::fields::Refusals;
use crate::partial_dates::{PartialDate, known, past};
use crate::patients::PatientId;
use crate::quantities;

const TEXT: usize = 500;
const NOTE: usize = 2000;
const CRITICALITIES: [&str; 3] = ["low", "high", "unable-to-assess"];

/// Of these it need not be known what was found (FHIR R4, Observation.dataAbsentReason).
const WITHOUT_VALUE: [&str; 3] = ["registered", "cancelled", "unknown"];

/// A medical record to make. Which fields it may have says its category.
#[derive(Clone)]
pub struct NewMedicalRecord {
    /// Whose it is: a patient of the organization.
    pub patient: PatientId,
    /// `problem`, `allergy`, `medication`, `observation` or `document`.
    pub category: String,
    /// What it is.
    pub code: Code,
    /// All else that is said of it.
    pub details: Details,
}

/// What is said of a new medical record beside what it is.
#[derive(Clone, Default)]
pub struct Details {
    /// As the category has them; the first of them if it is not said.
    pub status: Option<String>,
    /// Of an allergy: `low`, `high` or `unable-to-assess`.
    pub criticality: Option<String>,
    /// Of an observation or a medication: a decimal. Only with a unit.
    pub value: Option<String>,
    /// A unit of UCUM. Only with a value.
    pub unit: Option<String>,
    /// Of an observation without a value: at most 500 characters.
    pub value_text: Option<String>,
    /// Of a medication: at most 500 characters.
    pub dosage: Option<String>,
    /// Since when, or when it was found: a year, a month, a day or an instant, not before the birth of the patient. Of
    /// an observation of which it is not said, now.
    pub onset: Option<String>,
    /// Until when, not before the onset. Of a problem, an allergy and a medication.
    pub end: Option<String>,
    /// At most 2000 characters, in lines.
    pub note: Option<String>,
    /// Of a document: at most 255 characters, without a path.
    pub file_name: Option<String>,
}

/// What to change of a medical record: an absent field stays as it is, `Some(None)` clears it. The limits are those of
/// [`Details`].
#[derive(Clone, Default)]
pub struct MedicalRecordChanges {
    /// Another status, one that the category has.
    pub status: Option<String>,
    /// What it is.
    pub code: Option<Code>,
    /// How bad an allergy may become, or nothing of it.
    pub criticality: Option<Option<String>>,
    /// Another value, or none.
    pub value: Option<Option<String>>,
    /// Another unit, or none.
    pub unit: Option<Option<String>>,
    /// What else was found, or nothing.
    pub value_text: Option<Option<String>>,
    /// How else a medication is taken, or nothing of it.
    pub dosage: Option<Option<String>>,
    /// Another onset, or none.
    pub onset: Option<Option<String>>,
    /// Another end, or none.
    pub end: Option<Option<String>>,
    /// Another note, or none.
    pub note: Option<Option<String>>,
    /// Another name, or none.
    pub file_name: Option<Option<String>>,
}

impl From<Details> for MedicalRecordChanges {
    fn from(details: Details) -> Self {
        Self {
            status: details.status,
            code: None,
            criticality: details.criticality.map(Some),
            value: details.value.map(Some),
            unit: details.unit.map(Some),
            value_text: details.value_text.map(Some),
            dosage: details.dosage.map(Some),
            onset: details.onset.map(Some),
            end: details.end.map(Some),
            note: details.note.map(Some),
            file_name: details.file_name.map(Some),
        }
    }
}

impl MedicalRecordChanges {
    /// Whether a date is given, so that it has to be known when the patient was born.
    pub(super) fn name_a_date(&self) -> bool {
        [&self.onset, &self.end]
            .into_iter()
            .any(|date| matches!(date, Some(Some(_))))
    }

    /// Refuses what the category has not. A field that is only cleared may be named.
    fn fit(&self, category: &Category, refusals: &mut Refusals) {
        for (field, given) in [
            ("criticality", &self.criticality),
            ("value", &self.value),
            ("unit", &self.unit),
            ("value_text", &self.value_text),
            ("dosage", &self.dosage),
            ("onset", &self.onset),
            ("end", &self.end),
            ("file_name", &self.file_name),
        ] {
            if matches!(given, Some(Some(_))) {
                category.has(refusals, field);
            }
        }
    }

    /// The record as it is to be, if nothing is refused.
    pub(super) fn applied_to(
        self,
        before: &MedicalRecord,
        category: &Category,
        (now, born): (OffsetDateTime, Option<Date>),
        refusals: &mut Refusals,
    ) -> MedicalRecord {
        self.fit(category, refusals);
        if let Some(status) = &self.status {
            category.status(refusals, status);
        }
        let mut after = MedicalRecord {
            status: self.status.unwrap_or_else(|| before.status.clone()),
            ..before.clone()
        };
        let mut set = |field: &mut Option<String>, given: Option<Option<String>>, check: Check<'_>| {
            if let Some(given) = given {
                *field = given.map(|text| check(refusals, &text));
            }
        };
        set(&mut after.criticality, self.criticality, &criticality);
        set(&mut after.value, self.value, &|refusals, text| {
            quantities::decimal(refusals, "value".to_owned(), text)
        });
        set(&mut after.unit, self.unit, &|refusals, text| {
            quantities::unit(refusals, "unit".to_owned(), text)
        });
        set(&mut after.value_text, self.value_text, &|refusals, text| {
            refusals.text("value_text", text, TEXT)
        });
        set(&mut after.dosage, self.dosage, &|refusals, text| {
            refusals.text("dosage", text, TEXT)
        });
        set(&mut after.note, self.note, &|refusals, text| {
            refusals.lines("note", text, NOTE)
        });
        set(&mut after.file_name, self.file_name, &file_names::checked);
        let date = |field: &'static str| {
            move |refusals: &mut Refusals, text: &str| {
                let date = if category.may_be_ahead {
                    known(refusals, field, text, born)
                } else {
                    past(refusals, field, text, (now, born))
                };
                date.map_or_else(String::new, |date| date.text)
            }
        };
        set(&mut after.onset, self.onset, &date("onset"));
        set(&mut after.end, self.end, &date("end"));
        if let Some(code) = self.code {
            after.code = code.checked("code", refusals);
        }
        period(&mut after, refusals);
        quantity(&after, refusals);
        after
    }
}

type Check<'a> = &'a dyn Fn(&mut Refusals, &str) -> String;

fn criticality(refusals: &mut Refusals, name: &str) -> String {
    refusals.unless(
        CRITICALITIES.contains(&name),
        "criticality",
        format!("must be one of {}", CRITICALITIES.join(", ")),
    );
    name.to_owned()
}

/// Whether it ends after it begins; and where lists have it.
fn period(after: &mut MedicalRecord, refusals: &mut Refusals) {
    let read = |date: &Option<String>| date.as_deref().and_then(PartialDate::read);
    let (onset, end) = (read(&after.onset), read(&after.end));
    if let (Some(onset), Some(end)) = (&onset, &end) {
        refusals.unless(!end.precedes(onset), "end", "must not be before the onset");
    }
    after.effective_at = onset.map_or(after.created_at, |onset| onset.first);
}

fn quantity(after: &MedicalRecord, refusals: &mut Refusals) {
    let (value, unit) = (after.value.is_some(), after.unit.is_some());
    refusals.unless(value || !unit, "value", "must be there with a unit");
    refusals.unless(unit || !value, "unit", "must be there with a value");
    refusals.unless(
        !value || after.value_text.is_none(),
        "value_text",
        "must not be there beside a value",
    );
    let known = value || after.value_text.is_some() || WITHOUT_VALUE.contains(&after.status.as_str());
    refusals.unless(
        known || after.category != OBSERVATION,
        "value",
        "must be there, or valueText, unless the status is registered, cancelled or unknown",
    );
}
