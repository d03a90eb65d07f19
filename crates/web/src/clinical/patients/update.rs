//! `PATCH /api/v1/patients/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::patients::{self, Patient, PatientChanges};

use super::parts::{
    AdministrativeGender, MedicalHistory, PatientAddress, PatientContact, PatientIdentifier, PatientPhone,
    all,
};
use super::view::PatientView;
use crate::clinical::civil::Day;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::object::Object;
use crate::clinical::patch::given;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of a patient. A field that is absent stays as it is; `null` clears one that may be empty. Lists, the
/// address and the medical history are replaced as a whole, not merged: this is not `application/merge-patch+json`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdatePatient {
    /// What stands before the name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "Prof. Dr.")]
    name_prefix: Option<Option<String>>,
    /// Given names, 1 to 100 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Ana")]
    first_name: Option<String>,
    /// Middle names.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Lucía")]
    middle_name: Option<Option<String>>,
    /// Family names, 1 to 100 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Brandt")]
    last_name: Option<String>,
    /// What stands behind the name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 50, example = "M.A.")]
    name_suffix: Option<Option<String>>,
    /// What the patient wants to be called.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Anni")]
    preferred_name: Option<Option<String>>,
    /// The family name at birth.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "Ortiz")]
    birth_name: Option<Option<String>>,
    /// The clinic's own number. No other patient has it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "2026-00418")]
    medical_record_number: Option<Option<String>>,
    /// Numbers that others know the patient by, none of them twice.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<PatientIdentifier>>, nullable = false, max_items = 20, example = json!([{ "system": "http://fhir.de/sid/gkv/kvid-10", "value": "A123456780" }]))]
    identifiers: Option<Vec<Object<PatientIdentifier>>>,
    /// The day of birth, from 1800 on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date, example = "1984-11-23")]
    date_of_birth: Option<Option<Day>>,
    /// The administrative gender.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<AdministrativeGender>)]
    gender: Option<Option<String>>,
    /// The number to call first; one digit at least.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 20, example = "+49 30 901821")]
    phone: Option<Option<String>>,
    /// Other numbers.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<PatientPhone>>, nullable = false, max_items = 10, example = json!([{ "use": "work", "number": "030 901821" }]))]
    other_phones: Option<Vec<Object<PatientPhone>>>,
    /// An address to write to.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 255, example = "ana.brandt@example.org")]
    email: Option<Option<String>>,
    /// Where the patient lives.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<PatientAddress>)]
    address: Option<Option<Object<PatientAddress>>>,
    /// The language to speak with the patient, as a language tag (BCP 47).
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 35, example = "de-DE")]
    language: Option<Option<String>>,
    /// Whom to turn to about the patient.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<PatientContact>>, nullable = false, max_items = 10, example = json!([{ "relationship": "mother", "name": "Lucía Brandt", "phone": "+49 170 5550142" }]))]
    contacts: Option<Vec<Object<PatientContact>>>,
    /// Whether the clinic treats the patient.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = true)]
    active: Option<bool>,
    /// Whether the patient has died. Who has a day of death has.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = false)]
    deceased: Option<bool>,
    /// The day of death, not before that of birth.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date, example = json!(null))]
    deceased_on: Option<Option<Day>>,
    /// Conditions, allergies, medications and notes, at most 16 KiB.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<MedicalHistory>)]
    medical_history: Option<Option<Object<MedicalHistory>>>,
}

/// Changes a patient, if nobody else has since it was read.
#[utoipa::path(
    tag = "patients",
    operation_id = "updatePatient",
    params(("id" = Uuid, Path, description = "The patient."), OfVersion, InOrganization),
    request_body = UpdatePatient,
    responses(
        (status = 200, description = "The patient, as changed.", body = PatientView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`PATIENT_NOT_FOUND`"),
        (status = 409, description = "`MEDICAL_RECORD_NUMBER_TAKEN`"),
    ),
)]
#[patch("/patients/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Patient>, IfMatch, JsonBody<UpdatePatient>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let patient = patients::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(patient.version))
        .json(PatientView::from(patient)))
}

impl From<UpdatePatient> for PatientChanges {
    fn from(changes: UpdatePatient) -> Self {
        Self {
            name_prefix: changes.name_prefix,
            first_name: changes.first_name,
            middle_name: changes.middle_name,
            last_name: changes.last_name,
            name_suffix: changes.name_suffix,
            preferred_name: changes.preferred_name,
            birth_name: changes.birth_name,
            medical_record_number: changes.medical_record_number,
            identifiers: changes.identifiers.map(all),
            date_of_birth: changes.date_of_birth.map(|date| date.map(|Day(date)| date)),
            gender: changes.gender,
            phone: changes.phone,
            other_phones: changes.other_phones.map(all),
            email: changes.email,
            address: changes.address.map(|part| part.map(|Object(part)| part.into())),
            language: changes.language,
            contacts: changes.contacts.map(all),
            active: changes.active,
            deceased: changes.deceased,
            deceased_on: changes.deceased_on.map(|date| date.map(|Day(date)| date)),
            medical_history: changes
                .medical_history
                .map(|part| part.map(|Object(part)| part.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<PatientChanges, String> {
        let changes: Result<UpdatePatient, _> = serde_json::from_str(body);
        changes
            .map(PatientChanges::from)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_absent_stays_and_null_clears() {
        let changes = read(r#"{"firstName":"Ana","email":null,"medicalHistory":null}"#).unwrap();

        assert_eq!(changes.first_name.as_deref(), Some("Ana"));
        assert_eq!(changes.last_name, None);
        assert_eq!((changes.email, changes.phone), (Some(None), None));
        assert!(matches!(changes.medical_history, Some(None)));
        assert_eq!(changes.date_of_birth, None);
    }

    #[test]
    fn what_is_always_there_cannot_be_cleared() {
        for field in [
            "firstName",
            "lastName",
            "active",
            "deceased",
            "contacts",
            "identifiers",
        ] {
            assert!(read(&format!(r#"{{"{field}":null}}"#)).is_err(), "{field}");
        }
    }

    #[test]
    fn what_the_server_sets_is_unknown() {
        for field in ["id", "version", "createdAt", "organizationId", "deletedAt"] {
            assert!(read(&format!(r#"{{"{field}":null}}"#)).is_err(), "{field}");
        }
    }
}
