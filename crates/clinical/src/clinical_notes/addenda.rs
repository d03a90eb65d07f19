//! What is said of a signed note later.

use sea_orm::ActiveValue;
use wardkeep_tenancy::TenantTx;

use super::entity::{ActiveModel, ClinicalNoteId};
use super::{CREATE, NewAddendum, Note, NoteError, draft, find, insert, lock_session, require_authorship};
use crate::records::RecordError;

/// Writes an addendum to a signed note, as a draft: a note of its own about the same session, which is changed and signed
/// like any. The caller is its author. One that retracts what somebody else wrote takes the right to
/// [cosign](super::COSIGN).
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is no such note, it is not signed, it is an addendum itself, or the
/// database fails.
pub async fn add(tx: &TenantTx, to: ClinicalNoteId, new: NewAddendum) -> Result<Note, NoteError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let new = new.checked()?;
    // A note that is signed stays so: there is nothing to lock.
    let note = find(tx, to).await?;
    if note.addendum_to.is_some() {
        return Err(NoteError::IsAddendum);
    }
    if note.signed_at.is_none() {
        return Err(NoteError::NotSigned);
    }
    if new.retracts {
        require_authorship(tx, &note)?;
    }
    let session = lock_session(tx, note.treatment_session_id).await?;
    let addendum = ActiveModel {
        note_type: ActiveValue::Set(new.note_type.unwrap_or(note.note_type)),
        text: ActiveValue::Set(new.text),
        addendum_to: ActiveValue::Set(Some(note.id)),
        retracts: ActiveValue::Set(new.retracts),
        ..draft(tx, &session)
    };
    insert(tx, addendum, &session).await
}
