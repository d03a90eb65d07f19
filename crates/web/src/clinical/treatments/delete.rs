//! `DELETE /api/v1/treatments/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::treatments::{self, Treatment};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes a treatment as entered in error, if nobody has changed it since it was read and no session belongs to it. It is
/// then in no list but that of deleted treatments, and can be restored. One that was given up is revoked instead.
#[utoipa::path(
    tag = "treatments",
    operation_id = "deleteTreatment",
    params(("id" = Uuid, Path, description = "The treatment."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The treatment is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`TREATMENT_NOT_FOUND`"),
        (status = 409, description = "`TREATMENT_HAS_SESSIONS`"),
    ),
)]
#[delete("/treatments/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Treatment>, IfMatch, JsonBody<Deletion>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let treatment = treatments::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(treatment.version))
        .finish())
}
