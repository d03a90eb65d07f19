//! `DELETE /api/v1/patients/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::patients::{self, Patient};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes a patient as entered in error, if nobody has changed it since it was read. It is then in no list but that of
/// deleted patients, and can be restored.
#[utoipa::path(
    tag = "patients",
    operation_id = "deletePatient",
    params(("id" = Uuid, Path, description = "The patient."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The patient is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`PATIENT_NOT_FOUND`"),
        (status = 409, description = "`PATIENT_HAS_APPOINTMENTS`: one is proposed, pending, waitlist, booked, arrived or checked-in; `PATIENT_HAS_TREATMENTS`: one is draft, active or on-hold"),
    ),
)]
#[delete("/patients/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Patient>, IfMatch, JsonBody<Deletion>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let patient = patients::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(patient.version))
        .finish())
}
