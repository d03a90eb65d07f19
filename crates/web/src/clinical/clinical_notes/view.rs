//! A note on the wire.

use actix_web::HttpResponse;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::clinical_notes::{ClinicalNote, ClinicalNoteId, Note, Status};
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::treatment_sessions::TreatmentSessionId;

use crate::clinical::author::AuthorView;
use crate::clinical::creation::Created;
use crate::clinical::deleted::DeletedView;
use crate::clinical::if_match::etag;
use crate::time_format;

/// A note with its addenda.
#[derive(Serialize, ToSchema)]
#[schema(as = ClinicalNote)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClinicalNoteView {
    #[serde(flatten)]
    note: WrittenView,
    /// What was added to it, the oldest first, drafts too. None of an addendum.
    addenda: Vec<WrittenView>,
    #[serde(flatten)]
    deleted: DeletedView,
}

/// A note by itself; so an addendum is shown with the note that it adds to.
#[derive(Serialize, ToSchema)]
#[schema(as = WrittenNote)]
#[serde(rename_all = "camelCase")]
struct WrittenView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: ClinicalNoteId,
    /// The session that it is about.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c50")]
    treatment_session_id: TreatmentSessionId,
    /// Whom it is about: the patient of the session.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// Who wrote it.
    author: AuthorView,
    /// What kind of note it is.
    #[schema(example = "progress")]
    note_type: String,
    /// What it says.
    #[schema(example = "Less pain in the left knee, bends to 120 degrees.")]
    text: String,
    /// `draft`; `final` once it is signed, `amended` once an addendum is, `entered-in-error` once an addendum that retracts
    /// is (FHIR R4 Composition.status); of a deleted one `entered-in-error`.
    #[schema(example = "final")]
    status: &'static str,
    /// The note that it adds to.
    #[schema(required, value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4c")]
    addendum_to: Option<ClinicalNoteId>,
    /// Whether it marks that note as entered in error.
    #[schema(example = false)]
    retracts: bool,
    /// Who signed it, when, and what; null for a draft.
    #[schema(required)]
    signature: Option<SignatureView>,
    /// 1 for a new note, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 2)]
    version: i64,
    /// When it was made.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
}

/// The signature of a note.
#[derive(Serialize, ToSchema)]
#[schema(as = Signature)]
#[serde(rename_all = "camelCase")]
struct SignatureView {
    /// Who signed it, by the name that they had.
    signed_by: AuthorView,
    /// When it was signed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    signed_at: OffsetDateTime,
    /// The SHA-256 of the canonical note, in hexadecimal digits.
    #[schema(example = "6a77bfd280ae2474fe967efd96fc0b201294851089d266e8057be179ecc7a2e4")]
    sha256: String,
}

impl From<Note> for ClinicalNoteView {
    fn from(note: Note) -> Self {
        let status = note.status();
        let Note {
            mut row,
            patient,
            addenda,
        } = note;
        let deleted = DeletedView::of(row.deleted_at, row.deletion_reason.take());
        let addenda = addenda.into_iter().map(|addendum| {
            let status = Status::of(&addendum, &[]);
            WrittenView::of(addendum, patient, status)
        });
        Self {
            addenda: addenda.collect(),
            note: WrittenView::of(row, patient, status),
            deleted,
        }
    }
}

impl WrittenView {
    fn of(row: ClinicalNote, patient: PatientId, status: Status) -> Self {
        let signature = signature(&row);
        Self {
            id: row.id,
            treatment_session_id: row.treatment_session_id,
            patient_id: patient,
            author: AuthorView {
                id: row.author_id,
                name: row.author_name,
            },
            note_type: row.note_type,
            text: row.text,
            status: status.as_str(),
            addendum_to: row.addendum_to,
            retracts: row.retracts,
            signature,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// All of it, or nothing.
fn signature(row: &ClinicalNote) -> Option<SignatureView> {
    Some(SignatureView {
        signed_by: AuthorView {
            id: row.signed_by?,
            name: row.signed_by_name.clone()?,
        },
        signed_at: row.signed_at?,
        sha256: row.sha256.clone()?,
    })
}

/// The answer that is this note.
pub(super) fn shown(note: Note) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(etag(note.row.version))
        .json(ClinicalNoteView::from(note))
}

/// What a create answers.
pub(super) fn created(note: Note) -> Created<ClinicalNoteView> {
    Created {
        location: format!("/api/v1/clinical-notes/{}", note.row.id),
        version: note.row.version,
        view: ClinicalNoteView::from(note),
    }
}
