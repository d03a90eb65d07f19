//! `DELETE /api/v1/treatment-sessions/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::treatment_sessions::{self, TreatmentSession};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes a session as entered in error, if nobody has changed it since it was read and no signed note is about it. It is
/// then in no list but that of deleted sessions, and can be restored; its number is free again. The appointment that it
/// fulfilled has its status of before, unless another session keeps it fulfilled. One that is not held is `not-done` instead.
#[utoipa::path(
    tag = "treatment-sessions",
    operation_id = "deleteTreatmentSession",
    params(("id" = Uuid, Path, description = "The session."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The session is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`TREATMENT_SESSION_NOT_FOUND`"),
        (status = 400, description = "`INVALID_FIELD`: its appointment would be opened again, and the patient is not there; or its time is not over, and the room is not"),
        (status = 409, description = "`SESSION_HAS_SIGNED_NOTE`"),
    ),
)]
#[delete("/treatment-sessions/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<TreatmentSession>,
        IfMatch,
        JsonBody<Deletion>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let session = treatment_sessions::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(session.version))
        .finish())
}
