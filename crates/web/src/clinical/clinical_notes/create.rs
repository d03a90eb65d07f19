//! `POST /api/v1/clinical-notes`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::clinical_notes::{self, NewNote};
use wardkeep_clinical::treatment_sessions::TreatmentSessionId;

use super::view::{ClinicalNoteView, created};
use crate::clinical::InOrganization;
use crate::clinical::creation::{Creation, Repeatable};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// A note to write.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateClinicalNote {
    /// The session that it is about, and with it whose note it is.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c50")]
    treatment_session_id: TreatmentSessionId,
    /// What kind of note it is, in the clinic's words.
    #[schema(min_length = 1, max_length = 100, example = "progress")]
    note_type: String,
    /// What it says, in lines.
    #[schema(
        min_length = 1,
        max_length = 20_000,
        example = "Less pain in the left knee, bends to 120 degrees."
    )]
    text: String,
}

/// Writes a note about a session, as a draft. The caller is its author.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "createClinicalNote",
    params(Repeatable, InOrganization),
    request_body = CreateClinicalNote,
    responses(
        (status = 201, description = "The note, as written.", body = ClinicalNoteView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the note."),
            )),
    ),
)]
#[post("/clinical-notes")]
pub(super) async fn create(
    InOrder((tenant, note)): InOrder<(Tenant, Creation<CreateClinicalNote>)>,
) -> ApiResult<HttpResponse> {
    note.make(&tenant, clinical_notes::CREATE, async |tx, note| {
        Ok(created(clinical_notes::create(tx, note.into()).await?))
    })
    .await
}

impl From<CreateClinicalNote> for NewNote {
    fn from(note: CreateClinicalNote) -> Self {
        Self {
            treatment_session: note.treatment_session_id,
            note_type: note.note_type,
            text: note.text,
        }
    }
}
