//! `POST /api/v1/clinical-notes/{id}/addenda`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::clinical_notes::{self, ClinicalNote, NewAddendum};

use super::view::{ClinicalNoteView, created};
use crate::clinical::InOrganization;
use crate::clinical::creation::{Creation, Repeatable};
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// An addendum to write.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateAddendum {
    /// What kind of note it is; without it, that of the note.
    #[schema(min_length = 1, max_length = 100, example = "correction")]
    note_type: Option<String>,
    /// What it says, in lines.
    #[schema(min_length = 1, max_length = 20_000, example = "It is the right knee.")]
    text: String,
    /// Whether the note is entered in error, once this is signed.
    #[serde(default)]
    #[schema(default = false, example = false)]
    retracts: bool,
}

/// Writes an addendum to a signed note, as a draft: a note of its own about the same session, which is changed and signed
/// like any. The caller is its author. Addenda have none themselves.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "createAddendum",
    params(("id" = Uuid, Path, description = "The note to add to."), Repeatable, InOrganization),
    request_body = CreateAddendum,
    responses(
        (status = 201, description = "The addendum, as written.", body = ClinicalNoteView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the addendum."),
            )),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`"),
        (status = 409, description = "`NOTE_NOT_SIGNED`, `NOTE_IS_ADDENDUM`, `TOO_MANY_ADDENDA`"),
    ),
)]
#[post("/clinical-notes/{id}/addenda")]
pub(super) async fn add(
    InOrder((tenant, to, addendum)): InOrder<(Tenant, Named<ClinicalNote>, Creation<CreateAddendum>)>,
) -> ApiResult<HttpResponse> {
    addendum
        .make(&tenant, clinical_notes::CREATE, async |tx, addendum| {
            Ok(created(clinical_notes::add(tx, to.0, addendum.into()).await?))
        })
        .await
}

impl From<CreateAddendum> for NewAddendum {
    fn from(addendum: CreateAddendum) -> Self {
        Self {
            note_type: addendum.note_type,
            text: addendum.text,
            retracts: addendum.retracts,
        }
    }
}
