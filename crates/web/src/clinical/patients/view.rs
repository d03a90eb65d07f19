//! A patient on the wire.

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::patients::{Patient, PatientId};

use super::parts::{AdministrativeGender, PatientAddress, PatientContact, PatientIdentifier, PatientPhone};
use crate::clinical::civil::Day;
use crate::clinical::deleted::DeletedView;
use crate::time_format;

/// A patient.
#[derive(Serialize, ToSchema)]
#[schema(as = Patient)]
#[serde(rename_all = "camelCase")]
pub(super) struct PatientView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: PatientId,
    /// What stands before the name.
    #[schema(required, example = "Dr.")]
    name_prefix: Option<String>,
    /// Given names.
    #[schema(example = "Ana")]
    first_name: String,
    /// Middle names.
    #[schema(required, example = "Lucía")]
    middle_name: Option<String>,
    /// Family names.
    #[schema(example = "Brandt")]
    last_name: String,
    /// What stands behind the name.
    #[schema(required, example = "M.A.")]
    name_suffix: Option<String>,
    /// What the patient wants to be called.
    #[schema(required, example = "Anni")]
    preferred_name: Option<String>,
    /// The family name at birth.
    #[schema(required, example = "Ortiz")]
    birth_name: Option<String>,
    /// The clinic's own number.
    #[schema(required, example = "2026-00417")]
    medical_record_number: Option<String>,
    /// Numbers that others know the patient by.
    #[schema(value_type = Vec<PatientIdentifier>, example = json!([{ "system": "http://fhir.de/sid/gkv/kvid-10", "value": "A123456780" }]))]
    identifiers: Value,
    /// The day of birth.
    #[schema(required, value_type = Option<String>, format = Date, example = "1984-11-23")]
    date_of_birth: Option<Day>,
    /// The administrative gender.
    #[schema(required, value_type = Option<AdministrativeGender>)]
    gender: Option<String>,
    /// The number to call first.
    #[schema(required, example = "+49 30 901820")]
    phone: Option<String>,
    /// Other numbers.
    #[schema(value_type = Vec<PatientPhone>, example = json!([{ "use": "work", "number": "030 901821" }]))]
    other_phones: Value,
    /// An address to write to. Nobody has proved that it is the patient's.
    #[schema(required, example = "ana.brandt@example.org")]
    email: Option<String>,
    /// Where the patient lives.
    #[schema(required, value_type = Option<PatientAddress>)]
    address: Option<Value>,
    /// The language to speak with the patient, as a language tag (BCP 47).
    #[schema(required, example = "de-DE")]
    language: Option<String>,
    /// Whom to turn to about the patient.
    #[schema(value_type = Vec<PatientContact>, example = json!([{ "relationship": "mother", "name": "Lucía Brandt", "phone": "+49 170 5550142" }]))]
    contacts: Value,
    /// Whether the clinic treats the patient.
    #[schema(example = true)]
    active: bool,
    /// Whether the patient has died.
    #[schema(example = false)]
    deceased: bool,
    /// The day of death, if it is known.
    #[schema(required, value_type = Option<String>, format = Date, example = json!(null))]
    deceased_on: Option<Day>,
    /// Conditions, allergies, medications and notes, as of a create. Patients of older versions may have any JSON object here.
    #[schema(required, value_type = Option<std::collections::BTreeMap<String, Value>>, example = json!({ "conditions": [{ "text": "asthma", "since": "2019-05" }], "allergies": [{ "text": "penicillin" }] }))]
    medical_history: Option<Value>,
    /// 1 for a new patient, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 1)]
    version: i64,
    /// When the patient was recorded.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When the patient was last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
    #[serde(flatten)]
    deleted: DeletedView,
}

impl From<Patient> for PatientView {
    fn from(patient: Patient) -> Self {
        Self {
            id: patient.id,
            name_prefix: patient.name_prefix,
            first_name: patient.first_name,
            middle_name: patient.middle_name,
            last_name: patient.last_name,
            name_suffix: patient.name_suffix,
            preferred_name: patient.preferred_name,
            birth_name: patient.birth_name,
            medical_record_number: patient.medical_record_number,
            identifiers: patient.identifiers,
            date_of_birth: patient.date_of_birth.map(Day),
            gender: patient.gender,
            phone: patient.phone,
            other_phones: patient.other_phones,
            email: patient.email,
            address: patient.address,
            language: patient.language,
            contacts: patient.contacts,
            active: patient.active,
            deceased: patient.deceased,
            deceased_on: patient.deceased_on.map(Day),
            medical_history: patient.medical_history,
            version: patient.version,
            created_at: patient.created_at,
            updated_at: patient.updated_at,
            deleted: DeletedView::of(patient.deleted_at, patient.deletion_reason),
        }
    }
}
