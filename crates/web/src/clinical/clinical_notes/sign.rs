//! `POST /api/v1/clinical-notes/{id}/sign`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::clinical_notes::{self, ClinicalNote};

use super::view::{ClinicalNoteView, shown};
use crate::clinical::if_match::IfMatch;
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Signs a draft, if nobody has changed it since it was read: what was read is what is signed. From then on it is never
/// changed or deleted, and its session keeps its patient and its performer. Takes a session of less than a day.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "signClinicalNote",
    params(("id" = Uuid, Path, description = "The note."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The note, as signed.", body = ClinicalNoteView,
            headers(("ETag" = String, description = "The version that it keeps."))),
        (status = 400, description = "`INVALID_FIELD`: its session is not there"),
        (status = 403, description = "`SESSION_NOT_FRESH`: signed in more than a day ago"),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`"),
        (status = 409, description = "`NOTE_SIGNED`"),
    ),
)]
#[post("/clinical-notes/{id}/sign")]
pub(super) async fn sign(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<ClinicalNote>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let note = clinical_notes::sign(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(shown(note))
}
