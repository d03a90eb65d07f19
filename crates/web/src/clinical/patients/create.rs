//! `POST /api/v1/patients`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use wardkeep_clinical::patients::{self, NewPatient};

use super::view::{Day, PatientView};
use crate::clinical::InOrganization;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// A patient to record.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreatePatient {
    /// Given names, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "Ana")]
    first_name: String,
    /// Family names, 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "Brandt")]
    last_name: String,
    /// An address to write to.
    #[schema(max_length = 255, example = "ana.brandt@example.org")]
    email: Option<String>,
    /// A number to call.
    #[schema(max_length = 20, example = "+49 30 901820")]
    phone: Option<String>,
    /// The day of birth, from 1800 on.
    #[schema(value_type = Option<String>, format = Date, example = "1984-11-23")]
    date_of_birth: Option<Day>,
    /// A JSON object of at most 16 KiB, 16 levels deep.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>, example = json!({ "allergies": ["penicillin"] }))]
    medical_history: Option<Value>,
}

/// Records a patient.
#[utoipa::path(
    tag = "patients",
    operation_id = "createPatient",
    params(Repeatable, InOrganization),
    request_body = CreatePatient,
    responses(
        (status = 201, description = "The patient, as recorded.", body = PatientView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the patient."),
            )),
    ),
)]
#[post("/patients")]
pub(super) async fn create(
    InOrder((tenant, patient)): InOrder<(Tenant, Creation<CreatePatient>)>,
) -> ApiResult<HttpResponse> {
    patient
        .make(&tenant, patients::CREATE, async |tx, patient| {
            let patient = patients::create(tx, patient.into()).await?;
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
            first_name: patient.first_name,
            last_name: patient.last_name,
            email: patient.email,
            phone: patient.phone,
            date_of_birth: patient.date_of_birth.map(|Day(date)| date),
            medical_history: patient.medical_history,
        }
    }
}
