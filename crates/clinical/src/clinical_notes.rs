//! Clinical notes: what was written about a session. Once a note is signed, it is never changed: a trigger of the table
//! refuses whoever asks.
//!
//! Who wants to say more of a signed note writes an addendum, a note of its own that is signed likewise; one that retracts
//! marks the note as entered in error. What [`CanonicalNote`] writes is what a signature is about.

mod addenda;
mod canonical;
mod entity;
mod errors;
mod input;
mod listing;
mod note;
mod signed;
mod signing;
mod verification;
mod versions;

use sea_orm::ActiveValue;
use wardkeep_tenancy::{InvalidField, Permission, TenantTx};

use crate::audit::{self, Event};
use crate::records::{self, Record as _, RecordError, given};
use crate::treatment_sessions::{self, TreatmentSession, TreatmentSessionId};
use entity::{ActiveModel, Entity};

pub use addenda::add;
pub use canonical::CanonicalNote;
pub use entity::{ClinicalNote, ClinicalNoteId};
pub use errors::NoteError;
pub use input::{NewAddendum, NewNote, NoteChanges};
pub(crate) use listing::page;
pub use listing::{Listing, list};
pub use note::{Note, Status};
pub(crate) use signed::{is_any_about, is_signed_in};
pub use signing::sign;
pub use verification::{Verification, Verified, verify};
pub use versions::{NoteVersion, versions};

/// The right to make notes.
pub const CREATE: Permission = Permission::new("clinicalNote", "create");
/// The right to see notes.
pub const READ: Permission = Permission::new("clinicalNote", "read");
/// The right to change notes.
pub const UPDATE: Permission = Permission::new("clinicalNote", "update");
/// The right to delete notes.
pub const DELETE: Permission = Permission::new("clinicalNote", "delete");
/// The right to bring back deleted notes.
pub const RESTORE: Permission = Permission::new("clinicalNote", "restore");
/// The right to sign notes.
pub const SIGN: Permission = Permission::new("clinicalNote", "sign");
/// The right to change, to sign and to retract what somebody else wrote.
pub const COSIGN: Permission = Permission::new("clinicalNote", "cosign");

/// Writes a note about a session, as a draft. The caller is its author.
///
/// # Errors
///
/// When the caller may not, a field is not valid or names no session, or the database fails.
pub async fn create(tx: &TenantTx, new: NewNote) -> Result<Note, NoteError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let new = new.checked()?;
    let session = lock_session(tx, new.treatment_session).await?;
    let note = ActiveModel {
        note_type: ActiveValue::Set(new.note_type),
        text: ActiveValue::Set(new.text),
        ..draft(tx, &session)
    };
    insert(tx, note, &session).await
}

/// Returns one note with its addenda.
///
/// # Errors
///
/// When the caller may not, there is no such note, or the database fails.
pub async fn get(tx: &TenantTx, id: ClinicalNoteId) -> Result<Note, NoteError> {
    tx.require(READ).map_err(RecordError::from)?;
    let row = find(tx, id).await?;
    let note = note::whole(tx, row).await?;
    let event = Event::new("read", Entity::RESOURCE).of(id.as_uuid());
    audit::record(tx, event.about(Some(note.patient))).await?;
    Ok(note)
}

/// Changes a draft whose version is still `version`; of several changes to one version, one is made. What it said before
/// stays among its [`versions`]. A draft of somebody else takes the right to [cosign](COSIGN).
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is no such note, it has another version, it is signed, its session
/// is not there, or the database fails.
pub async fn update(
    tx: &TenantTx,
    id: ClinicalNoteId,
    version: i64,
    changes: NoteChanges,
) -> Result<Note, NoteError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let changes = changes.checked()?;
    let before = lock_draft(tx, id, version).await?;
    require_authorship(tx, &before)?;
    let session = lock_session(tx, before.treatment_session_id).await?;
    let changes = ActiveModel {
        note_type: given(changes.note_type),
        text: given(changes.text),
        ..Default::default()
    };
    let after = records::change::<Entity>(tx, &before, changes).await?;
    versions::keep(tx, &after).await?;
    Ok(Note::alone(after, session.patient_id))
}

/// Deletes a draft whose version is still `version`, as entered in error.
///
/// # Errors
///
/// When the caller may not, there is no such note, it has another version, it is signed, the reason is not valid, or the
/// database fails.
pub async fn delete(
    tx: &TenantTx,
    id: ClinicalNoteId,
    version: i64,
    reason: &str,
) -> Result<ClinicalNote, NoteError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let note = lock_draft(tx, id, version).await?;
    Ok(records::delete::<Entity>(tx, &note, reason).await?)
}

/// Brings back a deleted draft whose version is still `version`.
///
/// # Errors
///
/// When the caller may not, there is no such deleted note, it has another version, its session is not there, or the
/// database fails.
pub async fn restore(tx: &TenantTx, id: ClinicalNoteId, version: i64) -> Result<Note, NoteError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let before = records::lock_deleted::<Entity>(tx, id, version).await?;
    let session = lock_session(tx, before.treatment_session_id).await?;
    let after = records::restore::<Entity>(tx, &before).await?;
    Ok(Note::alone(after, session.patient_id))
}

/// A note that is there.
async fn find(tx: &TenantTx, id: ClinicalNoteId) -> Result<ClinicalNote, RecordError> {
    let row = records::find::<Entity>(tx, id).await?;
    row.ok_or(records::not_found::<Entity>())
}

/// A draft that has this version, locked until the transaction ends. Before its session: whoever holds both took them so.
async fn lock_draft(tx: &TenantTx, id: ClinicalNoteId, version: i64) -> Result<ClinicalNote, NoteError> {
    let note = records::lock::<Entity>(tx, id, version).await?;
    if note.signed_at.is_some() {
        return Err(NoteError::Signed);
    }
    Ok(note)
}

/// That the caller wrote it, or may answer for what others write.
fn require_authorship(tx: &TenantTx, note: &ClinicalNote) -> Result<(), RecordError> {
    if note.author_id != tx.user() {
        tx.require(COSIGN)?;
    }
    Ok(())
}

/// The session of a note, which then stays as it is.
async fn lock_session(tx: &TenantTx, id: TreatmentSessionId) -> Result<TreatmentSession, RecordError> {
    let session = treatment_sessions::lock_shared(tx, id).await?;
    session.ok_or_else(|| {
        RecordError::Invalid(vec![InvalidField::new(
            "treatment_session_id",
            "names no session",
        )])
    })
}

/// What every new note has, but for what it says.
fn draft(tx: &TenantTx, session: &TreatmentSession) -> ActiveModel {
    ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        treatment_session_id: ActiveValue::Set(session.id),
        author_id: ActiveValue::Set(tx.user()),
        author_name: ActiveValue::Set(tx.context().actor_name().to_owned()),
        status: ActiveValue::Set(Status::Draft.as_str().to_owned()),
        version: ActiveValue::Set(1),
        created_at: ActiveValue::Set(tx.now()),
        updated_at: ActiveValue::Set(tx.now()),
        ..Default::default()
    }
}

async fn insert(tx: &TenantTx, note: ActiveModel, session: &TreatmentSession) -> Result<Note, NoteError> {
    let row = records::insert::<Entity>(tx, note).await?;
    versions::keep(tx, &row).await?;
    Ok(Note::alone(row, session.patient_id))
}
