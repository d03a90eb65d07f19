//! `PATCH /api/v1/patients/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use wardkeep_clinical::patients::{self, Patient, PatientChanges};

use super::view::{Day, PatientView};
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::patch::given;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of a patient. A field that is absent stays as it is; `null` clears one that may be empty. The medical
/// history is replaced as a whole, not merged: this is not `application/merge-patch+json`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdatePatient {
    /// Given names, 1 to 100 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Ana")]
    first_name: Option<String>,
    /// Family names, 1 to 100 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Brandt")]
    last_name: Option<String>,
    /// An address to write to.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 255, example = "ana.brandt@example.org")]
    email: Option<Option<String>>,
    /// A number to call.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 20, example = "+49 30 901821")]
    phone: Option<Option<String>>,
    /// The day of birth, from 1800 on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date, example = "1984-11-23")]
    date_of_birth: Option<Option<Day>>,
    /// A JSON object of at most 16 KiB, 16 levels deep.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>, example = json!({ "allergies": [] }))]
    medical_history: Option<Option<Value>>,
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
            first_name: changes.first_name,
            last_name: changes.last_name,
            email: changes.email,
            phone: changes.phone,
            date_of_birth: changes.date_of_birth.map(|date| date.map(|Day(date)| date)),
            medical_history: changes.medical_history,
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
        assert_eq!(
            (changes.medical_history, changes.date_of_birth),
            (Some(None), None)
        );
    }

    #[test]
    fn a_name_cannot_be_cleared() {
        assert!(read(r#"{"firstName":null}"#).is_err());
    }

    #[test]
    fn what_the_server_sets_is_unknown() {
        for field in ["id", "version", "createdAt", "organizationId", "deletedAt"] {
            assert!(read(&format!(r#"{{"{field}":null}}"#)).is_err(), "{field}");
        }
    }
}
