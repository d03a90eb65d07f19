//! `POST /api/v1/patients/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::patients::{self, Patient};

use super::view::PatientView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted patient back as it was.
#[utoipa::path(
    tag = "patients",
    operation_id = "restorePatient",
    params(("id" = Uuid, Path, description = "The deleted patient."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The patient is back.", body = PatientView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`PATIENT_NOT_FOUND`: no deleted patient has this id"),
        (status = 409, description = "`MEDICAL_RECORD_NUMBER_TAKEN`"),
    ),
)]
#[post("/patients/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<Patient>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let patient = patients::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(patient.version))
        .json(PatientView::from(patient)))
}
