//! `DELETE /api/v1/absences/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::absences::{self, Absence};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes an absence as entered in error, if nobody has changed it since it was read. It is then in no list but that of
/// deleted absences, and can be restored.
#[utoipa::path(
    tag = "absences",
    operation_id = "deleteAbsence",
    params(("id" = Uuid, Path, description = "The absence."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The absence is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`ABSENCE_NOT_FOUND`"),
    ),
)]
#[delete("/absences/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Absence>, IfMatch, JsonBody<Deletion>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let absence = absences::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(absence.version))
        .finish())
}
