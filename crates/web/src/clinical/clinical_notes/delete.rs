//! `DELETE /api/v1/clinical-notes/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::clinical_notes::{self, ClinicalNote};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes a draft as entered in error, if nobody has changed it since it was read. It is then in no list but that of
/// deleted notes, and can be restored. A signed note is never deleted: an addendum that retracts marks it as entered in
/// error.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "deleteClinicalNote",
    params(("id" = Uuid, Path, description = "The note."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The note is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`"),
        (status = 409, description = "`NOTE_SIGNED`"),
    ),
)]
#[delete("/clinical-notes/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<ClinicalNote>, IfMatch, JsonBody<Deletion>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let note = clinical_notes::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(note.version))
        .finish())
}
