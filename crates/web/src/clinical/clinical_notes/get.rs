//! `GET /api/v1/clinical-notes/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::clinical_notes::{self, ClinicalNote};

use super::view::{ClinicalNoteView, shown};
use crate::clinical::InOrganization;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one note with its addenda.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "getClinicalNote",
    params(("id" = Uuid, Path, description = "The note."), InOrganization),
    responses(
        (status = 200, description = "The note.", body = ClinicalNoteView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`"),
    ),
)]
#[get("/clinical-notes/{id}")]
pub(super) async fn get(
    InOrder((tenant, id)): InOrder<(Tenant, Named<ClinicalNote>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let note = clinical_notes::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(shown(note))
}
