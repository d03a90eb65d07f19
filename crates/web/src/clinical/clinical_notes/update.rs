//! `PATCH /api/v1/clinical-notes/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::clinical_notes::{self, ClinicalNote, NoteChanges};

use super::view::{ClinicalNoteView, shown};
use crate::clinical::if_match::IfMatch;
use crate::clinical::named::Named;
use crate::clinical::patch::given;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of a draft. A field that is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateClinicalNote {
    /// What kind of note it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "progress")]
    note_type: Option<String>,
    /// What it says, in lines.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 20_000,
        example = "Less pain, bends to 125 degrees."
    )]
    text: Option<String>,
}

/// Changes a draft, if nobody else has since it was read. Its session must be there. What it said before stays among its
/// versions. A signed note is never changed.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "updateClinicalNote",
    params(("id" = Uuid, Path, description = "The note."), OfVersion, InOrganization),
    request_body = UpdateClinicalNote,
    responses(
        (status = 200, description = "The note, as changed.", body = ClinicalNoteView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`"),
        (status = 409, description = "`NOTE_SIGNED`"),
    ),
)]
#[patch("/clinical-notes/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<ClinicalNote>,
        IfMatch,
        JsonBody<UpdateClinicalNote>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let note = clinical_notes::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(shown(note))
}

impl From<UpdateClinicalNote> for NoteChanges {
    fn from(changes: UpdateClinicalNote) -> Self {
        Self {
            note_type: changes.note_type,
            text: changes.text,
        }
    }
}
