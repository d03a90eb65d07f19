//! `POST /api/v1/clinical-notes/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::clinical_notes::{self, ClinicalNote};

use super::view::{ClinicalNoteView, shown};
use crate::clinical::if_match::IfMatch;
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted draft back as it was.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "restoreClinicalNote",
    params(("id" = Uuid, Path, description = "The deleted note."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The note is back.", body = ClinicalNoteView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 400, description = "`INVALID_FIELD`: its session is not there"),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`: no deleted note has this id"),
    ),
)]
#[post("/clinical-notes/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<ClinicalNote>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let note = clinical_notes::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(shown(note))
}
