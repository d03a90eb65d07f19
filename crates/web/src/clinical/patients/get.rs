//! `GET /api/v1/patients/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::patients::{self, Patient};

use super::view::PatientView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one patient.
#[utoipa::path(
    tag = "patients",
    operation_id = "getPatient",
    params(("id" = Uuid, Path, description = "The patient."), InOrganization),
    responses(
        (status = 200, description = "The patient.", body = PatientView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`PATIENT_NOT_FOUND`"),
    ),
)]
#[get("/patients/{id}")]
pub(super) async fn get(InOrder((tenant, id)): InOrder<(Tenant, Named<Patient>)>) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let patient = patients::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(patient.version))
        .json(PatientView::from(patient)))
}
