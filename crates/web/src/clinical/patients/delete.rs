//! `DELETE /api/v1/patients/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::patients::{self, Patient};

use crate::clinical::InOrganization;
use crate::clinical::if_match::IfMatch;
use crate::clinical::named::Named;
use crate::error::{ApiResult, ProblemDetails};
use crate::{InOrder, Tenant};

/// Deletes a patient, if nobody has changed it since it was read. It is then in no list and not found; the clinic's
/// database keeps it.
#[utoipa::path(
    tag = "patients",
    operation_id = "deletePatient",
    params(
        ("id" = Uuid, Path, description = "The patient."),
        ("If-Match" = String, Header, description = "The ETag of the patient as it was read.", example = "\"1\""),
        InOrganization,
    ),
    responses(
        (status = 204, description = "The patient is deleted."),
        (status = 400, body = ProblemDetails, content_type = "application/problem+json",
            description = "`INVALID_IF_MATCH`, `NO_ACTIVE_ORGANIZATION`"),
        (status = 401, body = ProblemDetails, content_type = "application/problem+json",
            description = "`UNAUTHORIZED`"),
        (status = 403, body = ProblemDetails, content_type = "application/problem+json",
            description = "`FORBIDDEN`, `NOT_A_MEMBER`"),
        (status = 404, body = ProblemDetails, content_type = "application/problem+json",
            description = "`PATIENT_NOT_FOUND`, `ORGANIZATION_NOT_FOUND`"),
        (status = 412, body = ProblemDetails, content_type = "application/problem+json",
            description = "`STALE_VERSION`: changed since it was read"),
        (status = 428, body = ProblemDetails, content_type = "application/problem+json",
            description = "`PRECONDITION_REQUIRED`: send If-Match"),
    ),
)]
#[delete("/patients/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<Patient>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    patients::delete(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}
