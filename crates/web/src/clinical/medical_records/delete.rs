//! `DELETE /api/v1/medical-records/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::medical_records::{self, MedicalRecord};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes a medical record as entered in error, if nobody has changed it since it was read. It is then in no list but that
/// of deleted records, and can be restored. The content of a document stays with it, and cannot be read meanwhile. What was
/// true once is given another status instead.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "deleteMedicalRecord",
    params(("id" = Uuid, Path, description = "The record."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The record is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`MEDICAL_RECORD_NOT_FOUND`"),
    ),
)]
#[delete("/medical-records/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<MedicalRecord>,
        IfMatch,
        JsonBody<Deletion>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let record = medical_records::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(record.version))
        .finish())
}
