//! `POST /api/v1/patients`.

use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use wardkeep_clinical::patients::{self, NewPatient};

use super::view::{Day, PatientView};
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::error::{ApiResult, ProblemDetails};
use crate::{InOrder, JsonBody, Tenant};

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
    params(InOrganization),
    request_body = CreatePatient,
    responses(
        (status = 201, description = "The patient, as recorded.", body = PatientView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the patient."),
            )),
        (status = 400, body = ProblemDetails, content_type = "application/problem+json",
            description = "`INVALID_FIELD`, `MALFORMED_JSON`, `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = ProblemDetails, content_type = "application/problem+json",
            description = "`UNAUTHORIZED`"),
        (status = 403, body = ProblemDetails, content_type = "application/problem+json",
            description = "`FORBIDDEN`, `NOT_A_MEMBER`"),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json",
            description = "`ORGANIZATION_NOT_FOUND`"),
        (status = 408, body = ProblemDetails, content_type = "application/problem+json",
            description = "`REQUEST_TIMEOUT`"),
        (status = 413, body = ProblemDetails, content_type = "application/problem+json",
            description = "`BODY_TOO_LARGE`"),
        (status = 415, body = ProblemDetails, content_type = "application/problem+json",
            description = "`UNSUPPORTED_MEDIA_TYPE`"),
    ),
)]
#[post("/patients")]
pub(super) async fn create(
    InOrder((tenant, body)): InOrder<(Tenant, JsonBody<CreatePatient>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let patient = patients::create(&tx, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/v1/patients/{}", patient.id)))
        .insert_header(etag(patient.version))
        .json(PatientView::from(patient)))
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
