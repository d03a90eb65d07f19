//! Signing: who answers for a note, and what it says from then on.

use sea_orm::ActiveValue;
use wardkeep_tenancy::TenantTx;

use super::canonical::CanonicalNote;
use super::entity::{ActiveModel, ClinicalNote, ClinicalNoteId, Entity};
use super::{Note, NoteError, SIGN, Status, lock_draft, lock_session, require_authorship};
use crate::records::{self, RecordError};
use crate::treatment_sessions::Parties;

/// Signs a draft whose version is still `version`: what was read is what is signed. Of several who sign it one does. A draft
/// of somebody else takes the right to [cosign](super::COSIGN), and everybody a recent sign-in, of which
/// [`RequestContext::with_recent_sign_in`](wardkeep_tenancy::RequestContext::with_recent_sign_in) tells. The session stays as it is meanwhile, as its patient and its performer are signed with it, and from then on keeps both.
///
/// # Errors
///
/// When the caller may not, or has signed in too long ago; there is no such note, it has another version, it is signed, its
/// session is not there, or the database fails.
pub async fn sign(tx: &TenantTx, id: ClinicalNoteId, version: i64) -> Result<Note, NoteError> {
    tx.require(SIGN).map_err(RecordError::from)?;
    if !tx.context().signed_in_recently() {
        return Err(NoteError::NotFresh);
    }
    let draft = lock_draft(tx, id, version).await?;
    require_authorship(tx, &draft)?;
    let session = lock_session(tx, draft.treatment_session_id).await?;
    let mut signed = ClinicalNote {
        status: Status::Final.as_str().to_owned(),
        signed_by: Some(tx.user()),
        signed_by_name: Some(tx.context().actor_name().to_owned()),
        signed_at: Some(tx.now()),
        version: draft.version + 1,
        ..draft.clone()
    };
    signed.sha256 = CanonicalNote::of(&signed, Parties::from(&session)).map(|note| note.sha256());
    let changes = ActiveModel {
        status: ActiveValue::Set(signed.status),
        signed_by: ActiveValue::Set(signed.signed_by),
        signed_by_name: ActiveValue::Set(signed.signed_by_name),
        signed_at: ActiveValue::Set(signed.signed_at),
        sha256: ActiveValue::Set(signed.sha256),
        ..Default::default()
    };
    let row = records::write::<Entity>(tx, "sign", &draft, changes).await?;
    Ok(Note::alone(row, session.patient_id))
}
