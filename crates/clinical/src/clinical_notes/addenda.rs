//! What is said of a signed note later.

use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue, ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{ActiveModel, ClinicalNote, ClinicalNoteId, Column, Entity};
use super::{CREATE, NewAddendum, Note, NoteError, draft, insert, lock_session, require_authorship};
use crate::records::{self, RecordError};

/// The most addenda of one note, deleted ones too: a note is always read with all of them.
pub(super) const MOST_ADDENDA: u64 = 50;

/// Writes an addendum to a signed note, as a draft: a note of its own about the same session, which is changed and signed
/// like any. The caller is its author. One that retracts what somebody else wrote takes the right to
/// [cosign](super::COSIGN).
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is no such note, it is not signed, it is an addendum itself or has as
/// many as one may have, or the database fails.
pub async fn add(tx: &TenantTx, to: ClinicalNoteId, new: NewAddendum) -> Result<Note, NoteError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let new = new.checked()?;
    let note = lock(tx, to).await?;
    if note.addendum_to.is_some() {
        return Err(NoteError::IsAddendum);
    }
    if note.signed_at.is_none() {
        return Err(NoteError::NotSigned);
    }
    if new.retracts {
        require_authorship(tx, &note)?;
    }
    if count(tx, to).await? >= MOST_ADDENDA {
        return Err(NoteError::TooManyAddenda);
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

/// The note, locked until the transaction ends: of many addenda at once each is counted.
async fn lock(tx: &TenantTx, id: ClinicalNoteId) -> Result<ClinicalNote, RecordError> {
    let note = records::present::<Entity>(tx).filter(Column::Id.eq(id));
    let note = note.lock(LockType::NoKeyUpdate).one(tx).await?;
    note.ok_or(records::not_found::<Entity>())
}

/// How many addenda a note has, at most [`MOST_ADDENDA`] of them, deleted ones too.
async fn count(tx: &TenantTx, note: ClinicalNoteId) -> Result<u64, DbErr> {
    let addenda = tx.find::<Entity>().filter(Column::AddendumTo.eq(note));
    let addenda = addenda.select_only().column(Column::Id).limit(MOST_ADDENDA);
    let ids: Vec<ClinicalNoteId> = addenda.into_tuple().all(tx).await?;
    Ok(ids.len() as u64)
}
