//! `POST /api/v1/patients`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wardkeep_clinical::patients::{self, NewPatient};

use super::parts::{
    AdministrativeGender, MedicalHistory, PatientAddress, PatientContact, PatientIdentifier, PatientPhone,
    all,
};
use super::view::PatientView;
use crate::clinical::InOrganization;
use crate::clinical::civil::Day;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::clinical::object::Object;
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

/// A patient to record.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreatePatient {
    /// What stands before the name.
    #[schema(min_length = 1, max_length = 50, example = "Dr.")]
    name_prefix: Option<String>,
    /// Given names, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "Ana")]
    first_name: String,
    /// Middle names.
    #[schema(min_length = 1, max_length = 100, example = "Lucía")]
    middle_name: Option<String>,
    /// Family names, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "Brandt")]
    last_name: String,
    /// What stands behind the name.
    #[schema(min_length = 1, max_length = 50, example = "M.A.")]
    name_suffix: Option<String>,
    /// What the patient wants to be called.
    #[schema(min_length = 1, max_length = 100, example = "Anni")]
    preferred_name: Option<String>,
    /// The family name at birth.
    #[schema(min_length = 1, max_length = 100, example = "Ortiz")]
    birth_name: Option<String>,
    /// The clinic's own number. No other patient has it.
    #[schema(min_length = 1, max_length = 64, example = "2026-00417")]
    medical_record_number: Option<String>,
    /// Numbers that others know the patient by, none of them twice.
    #[serde(default)]
    #[schema(value_type = Vec<PatientIdentifier>, max_items = 20, example = json!([{ "system": "http://fhir.de/sid/gkv/kvid-10", "value": "A123456780" }]))]
    identifiers: Vec<Object<PatientIdentifier>>,
    /// The day of birth, from 1800 on.
    #[schema(value_type = Option<String>, format = Date, example = "1984-11-23")]
    date_of_birth: Option<Day>,
    /// The administrative gender.
    #[schema(value_type = Option<AdministrativeGender>)]
    gender: Option<String>,
    /// The number to call first; one digit at least.
    #[schema(max_length = 20, example = "+49 30 901820")]
    phone: Option<String>,
    /// Other numbers.
    #[serde(default)]
    #[schema(value_type = Vec<PatientPhone>, max_items = 10, example = json!([{ "use": "work", "number": "030 901821" }]))]
    other_phones: Vec<Object<PatientPhone>>,
    /// An address to write to.
    #[schema(max_length = 255, example = "ana.brandt@example.org")]
    email: Option<String>,
    /// Where the patient lives.
    #[schema(value_type = Option<PatientAddress>)]
    address: Option<Object<PatientAddress>>,
    /// The language to speak with the patient, as a language tag (BCP 47).
    #[schema(max_length = 35, example = "de-DE")]
    language: Option<String>,
    /// Whom to turn to about the patient.
    #[serde(default)]
    #[schema(value_type = Vec<PatientContact>, max_items = 10, example = json!([{ "relationship": "mother", "name": "Lucía Brandt", "phone": "+49 170 5550142" }]))]
    contacts: Vec<Object<PatientContact>>,
    /// Whether the clinic treats the patient; yes unless it is said.
    #[schema(default = true, example = true)]
    active: Option<bool>,
    /// Whether the patient has died. Who has a day of death has.
    #[schema(example = false)]
    deceased: Option<bool>,
    /// The day of death, not before that of birth.
    #[schema(value_type = Option<String>, format = Date, example = json!(null))]
    deceased_on: Option<Day>,
    /// Conditions, allergies, medications and notes, at most 16 KiB.
    #[schema(value_type = Option<MedicalHistory>)]
    medical_history: Option<Object<MedicalHistory>>,
}

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Warned {
    /// Whether to record the patient though the clinic likely has the same person.
    #[param(default = false, example = true)]
    allow_duplicate: Option<bool>,
}

/// Records a patient. It is refused where the clinic likely has the same person: somebody of the same birth date and a
/// similar name, or with the same phone or identifier.
#[utoipa::path(
    tag = "patients",
    operation_id = "createPatient",
    params(Warned, Repeatable, InOrganization),
    request_body = CreatePatient,
    responses(
        (status = 201, description = "The patient, as recorded.", body = PatientView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the patient."),
            )),
        (status = 409, description = "`LIKELY_DUPLICATE`: `duplicates` has up to 10 of `id`, `firstName`, `lastName`, \
            `dateOfBirth`, `medicalRecordNumber` and `reasons`, for who may read patients; send it again with \
            `allowDuplicate=true` to record both. `MEDICAL_RECORD_NUMBER_TAKEN`"),
    ),
)]
#[post("/patients")]
pub(super) async fn create(
    InOrder((tenant, warned, patient)): InOrder<(Tenant, Query<Warned>, Creation<CreatePatient>)>,
) -> ApiResult<HttpResponse> {
    let allow_duplicate = warned.0.allow_duplicate.unwrap_or_default();
    patient
        .make(&tenant, patients::CREATE, async |tx, patient| {
            let patient = NewPatient {
                allow_duplicate,
                ..patient.into()
            };
            let patient = patients::create(tx, patient).await?;
            Ok(Created {
                location: format!("/api/v1/patients/{}", patient.id),
                version: patient.version,
                view: PatientView::from(patient),
            })
        })
        .await
}

impl From<CreatePatient> for NewPatient {
    fn from(patient: CreatePatient) -> Self {
        Self {
            name_prefix: patient.name_prefix,
            first_name: patient.first_name,
            middle_name: patient.middle_name,
            last_name: patient.last_name,
            name_suffix: patient.name_suffix,
            preferred_name: patient.preferred_name,
            birth_name: patient.birth_name,
            medical_record_number: patient.medical_record_number,
            identifiers: all(patient.identifiers),
            date_of_birth: patient.date_of_birth.map(|Day(date)| date),
            gender: patient.gender,
            phone: patient.phone,
            other_phones: all(patient.other_phones),
            email: patient.email,
            address: patient.address.map(|Object(address)| address.into()),
            language: patient.language,
            contacts: all(patient.contacts),
            active: patient.active,
            deceased: patient.deceased,
            deceased_on: patient.deceased_on.map(|Day(date)| date),
            medical_history: patient.medical_history.map(|Object(history)| history.into()),
            allow_duplicate: false,
        }
    }
}
