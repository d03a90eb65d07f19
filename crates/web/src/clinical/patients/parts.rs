//! What a patient consists of, on the wire.

use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::patients::{
    Address, Contact, HistoryEntry, Identifier, MedicalHistory as History, OtherPhone,
};

use crate::clinical::object::Object;

/// FHIR R4 AdministrativeGender.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase", example = "female")]
#[expect(dead_code, reason = "it only describes a field, which is read as a text")]
pub(super) enum AdministrativeGender {
    Male,
    Female,
    Other,
    Unknown,
}

/// What a phone number is for (FHIR R4 ContactPoint.use).
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes a field, which is read as a text")]
pub(super) enum PhoneUse {
    Home,
    Work,
    Mobile,
    Temp,
    Old,
}

/// A number that somebody else knows the patient by.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PatientIdentifier {
    /// Whose numbers these are: an absolute URI.
    #[schema(max_length = 200, example = "http://fhir.de/sid/gkv/kvid-10")]
    system: String,
    /// The number.
    #[schema(min_length = 1, max_length = 100, example = "A123456780")]
    value: String,
}

/// A number beside the one to call first.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PatientPhone {
    /// What it is for.
    #[schema(value_type = PhoneUse, example = "work")]
    r#use: String,
    /// The number, as the clinic writes it; one digit at least.
    #[schema(max_length = 20, example = "030 901821")]
    number: String,
}

/// Where a patient lives. One field is there at least; one that was not given is absent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "lines": ["Salzgasse 4"], "city": "Berlin", "postalCode": "10115", "country": "DE" }))]
pub(super) struct PatientAddress {
    /// Street, number and the like: each line 1 to 200 characters.
    #[serde(default)]
    #[schema(max_items = 5, example = json!(["Salzgasse 4", "2nd floor"]))]
    lines: Vec<String>,
    /// The place.
    #[schema(min_length = 1, max_length = 100, example = "Berlin")]
    city: Option<String>,
    /// The county or quarter.
    #[schema(min_length = 1, max_length = 100, example = "Mitte")]
    district: Option<String>,
    /// The state or province.
    #[schema(min_length = 1, max_length = 100, example = "Berlin")]
    state: Option<String>,
    /// The postal code.
    #[schema(min_length = 1, max_length = 20, example = "10115")]
    postal_code: Option<String>,
    /// A code of ISO 3166-1 alpha-2.
    #[schema(min_length = 2, max_length = 2, example = "DE")]
    country: Option<String>,
}

/// Somebody to turn to about the patient. A field that was not given is absent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PatientContact {
    /// What they are to the patient.
    #[schema(min_length = 1, max_length = 100, example = "mother")]
    relationship: Option<String>,
    /// Who it is.
    #[schema(min_length = 1, max_length = 200, example = "Lucía Brandt")]
    name: String,
    /// A number to call; one digit at least.
    #[schema(max_length = 20, example = "+49 170 5550142")]
    phone: Option<String>,
    /// An address to write to.
    #[schema(max_length = 255, example = "lucia.brandt@example.org")]
    email: Option<String>,
}

/// What a patient has had and has, at most 16 KiB. What was not given is absent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "conditions": [{ "text": "asthma", "since": "2019-05" }],
    "allergies": [{ "text": "penicillin" }],
}))]
pub(super) struct MedicalHistory {
    /// What the patient has had or has.
    #[serde(default)]
    #[schema(value_type = Vec<MedicalHistoryEntry>, max_items = 100, example = json!([{ "text": "asthma", "since": "2019-05" }]))]
    conditions: Vec<Object<MedicalHistoryEntry>>,
    /// What the patient does not tolerate.
    #[serde(default)]
    #[schema(value_type = Vec<MedicalHistoryEntry>, max_items = 100, example = json!([{ "text": "penicillin" }]))]
    allergies: Vec<Object<MedicalHistoryEntry>>,
    /// What the patient takes.
    #[serde(default)]
    #[schema(value_type = Vec<MedicalHistoryEntry>, max_items = 100, example = json!([{ "text": "salbutamol" }]))]
    medications: Vec<Object<MedicalHistoryEntry>>,
    /// What else there is to say, on any number of lines.
    #[schema(min_length = 1, max_length = 10_000, example = "afraid of needles")]
    notes: Option<String>,
}

/// One condition, allergy or medication.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct MedicalHistoryEntry {
    /// What it is, in words.
    #[schema(min_length = 1, max_length = 500, example = "asthma")]
    text: String,
    /// Its code.
    #[schema(min_length = 1, max_length = 100, example = "195967001")]
    code: Option<String>,
    /// Whose code it is: an absolute URI.
    #[schema(max_length = 200, example = "http://snomed.info/sct")]
    system: Option<String>,
    /// Since when, as precisely as it is known: a year, a month or a day. Not in the future.
    #[schema(pattern = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$", example = "2019-05")]
    since: Option<String>,
    /// What else there is to say of it, on any number of lines.
    #[schema(min_length = 1, max_length = 2000, example = "worse in spring")]
    note: Option<String>,
}

/// All of a list, each as the domain has it.
pub(super) fn all<T: Into<U>, U>(list: Vec<Object<T>>) -> Vec<U> {
    list.into_iter().map(|Object(item)| item.into()).collect()
}

impl From<PatientIdentifier> for Identifier {
    fn from(identifier: PatientIdentifier) -> Self {
        Self {
            system: identifier.system,
            value: identifier.value,
        }
    }
}

impl From<PatientPhone> for OtherPhone {
    fn from(phone: PatientPhone) -> Self {
        Self {
            r#use: phone.r#use,
            number: phone.number,
        }
    }
}

impl From<PatientAddress> for Address {
    fn from(address: PatientAddress) -> Self {
        Self {
            lines: address.lines,
            city: address.city,
            district: address.district,
            state: address.state,
            postal_code: address.postal_code,
            country: address.country,
        }
    }
}

impl From<PatientContact> for Contact {
    fn from(contact: PatientContact) -> Self {
        Self {
            name: contact.name,
            relationship: contact.relationship,
            phone: contact.phone,
            email: contact.email,
        }
    }
}

impl From<MedicalHistory> for History {
    fn from(history: MedicalHistory) -> Self {
        Self {
            conditions: all(history.conditions),
            allergies: all(history.allergies),
            medications: all(history.medications),
            notes: history.notes,
        }
    }
}

impl From<MedicalHistoryEntry> for HistoryEntry {
    fn from(entry: MedicalHistoryEntry) -> Self {
        Self {
            text: entry.text,
            code: entry.code,
            system: entry.system,
            since: entry.since,
            note: entry.note,
        }
    }
}
