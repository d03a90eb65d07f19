//! `GET /api/v1/clinical-notes/{id}/verification`.

use actix_web::get;
use actix_web::web::Json;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::clinical_notes::{self, ClinicalNote, ClinicalNoteId, Verification, Verified};

use crate::clinical::InOrganization;
use crate::clinical::author::AuthorView;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant, time_format};

/// Whether a signature holds.
#[derive(Serialize, ToSchema)]
#[schema(as = ClinicalNoteSignature)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerifiedView {
    /// The note that is signed.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: ClinicalNoteId,
    /// Whether the note is what was signed: the two hashes are the same.
    #[schema(example = true)]
    holds: bool,
    /// The SHA-256 that was stored when it was signed, in hexadecimal digits.
    #[schema(example = "6a77bfd280ae2474fe967efd96fc0b201294851089d266e8057be179ecc7a2e4")]
    sha256: String,
    /// The SHA-256 of what is stored now.
    #[schema(example = "6a77bfd280ae2474fe967efd96fc0b201294851089d266e8057be179ecc7a2e4")]
    recomputed: String,
    /// Who signed it.
    signed_by: AuthorView,
    /// When it was signed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    signed_at: OffsetDateTime,
}

/// Whether the signature of a note holds, and those of its addenda.
#[derive(Serialize, ToSchema)]
#[schema(as = ClinicalNoteVerification)]
#[serde(rename_all = "camelCase")]
pub(super) struct VerificationView {
    #[serde(flatten)]
    note: VerifiedView,
    /// Its signed addenda, the oldest first; each holds or not for itself.
    addenda: Vec<VerifiedView>,
}

/// Recomputes the SHA-256 of a signed note and of its signed addenda, and says whether they are those that were stored.
#[utoipa::path(
    tag = "clinical-notes",
    operation_id = "verifyClinicalNote",
    params(("id" = Uuid, Path, description = "The note."), InOrganization),
    responses(
        (status = 200, description = "What was found.", body = VerificationView),
        (status = 404, description = "`CLINICAL_NOTE_NOT_FOUND`"),
        (status = 409, description = "`NOTE_NOT_SIGNED`"),
    ),
)]
#[get("/clinical-notes/{id}/verification")]
pub(super) async fn verify(
    InOrder((tenant, id)): InOrder<(Tenant, Named<ClinicalNote>)>,
) -> ApiResult<Json<VerificationView>> {
    let tx = tenant.begin().await?;
    let verification = clinical_notes::verify(&tx, id.0).await?;
    tx.commit().await?;
    Ok(Json(verification.into()))
}

impl From<Verification> for VerificationView {
    fn from(verification: Verification) -> Self {
        Self {
            note: verification.note.into(),
            addenda: verification.addenda.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Verified> for VerifiedView {
    fn from(verified: Verified) -> Self {
        Self {
            id: verified.id,
            holds: verified.holds(),
            sha256: verified.sha256,
            recomputed: verified.recomputed,
            signed_by: AuthorView {
                id: verified.signed_by,
                name: verified.signed_by_name,
            },
            signed_at: verified.signed_at,
        }
    }
}
