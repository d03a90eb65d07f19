//! Whether signatures hold.

use serde_json::json;
use time::OffsetDateTime;
use wardkeep_tenancy::{TenantTx, UserId};

use super::canonical::CanonicalNote;
use super::entity::{ClinicalNote, ClinicalNoteId, Entity};
use super::note::{addenda_of, without_session};
use super::{NoteError, READ, find};
use crate::audit::{self, Event};
use crate::records::{Record as _, RecordError};
use crate::treatment_sessions::{self, Parties};

/// What became of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The note.
    pub id: ClinicalNoteId,
    /// The SHA-256 that was stored when it was signed.
    pub sha256: String,
    /// The one of what is stored now.
    pub recomputed: String,
    /// The user who signed it.
    pub signed_by: UserId,
    /// The display name they had.
    pub signed_by_name: String,
    /// When it was signed.
    pub signed_at: OffsetDateTime,
}

/// What became of the signatures of a note and of its addenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// That of the note.
    pub note: Verified,
    /// Those of its signed addenda, the oldest first.
    pub addenda: Vec<Verified>,
}

impl Verified {
    /// Whether the note says what was signed.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.sha256 == self.recomputed
    }

    /// Nothing of a draft.
    fn of(row: ClinicalNote, parties: Parties) -> Option<Self> {
        let recomputed = CanonicalNote::of(&row, parties)?.sha256();
        Some(Self {
            id: row.id,
            sha256: row.sha256?,
            recomputed,
            signed_by: row.signed_by?,
            signed_by_name: row.signed_by_name?,
            signed_at: row.signed_at?,
        })
    }
}

/// Takes the SHA-256 of a signed note and of its signed addenda once more.
///
/// # Errors
///
/// When the caller may not, there is no such note, it is not signed, or the database fails.
pub async fn verify(tx: &TenantTx, id: ClinicalNoteId) -> Result<Verification, NoteError> {
    tx.require(READ).map_err(RecordError::from)?;
    let row = find(tx, id).await?;
    let session = row.treatment_session_id;
    let parties = treatment_sessions::parties_of(tx, [session]).await?;
    let parties = parties.get(&session).copied().ok_or_else(without_session)?;
    let note = Verified::of(row, parties).ok_or(NoteError::NotSigned)?;
    let addenda = addenda_of(tx, [id]).await?.remove(&id).unwrap_or_default();
    let addenda = addenda.into_iter();
    let verification = Verification {
        note,
        addenda: addenda.filter_map(|row| Verified::of(row, parties)).collect(),
    };
    let all = [&verification.note].into_iter().chain(&verification.addenda);
    let holds = all.into_iter().all(Verified::holds);
    let event = Event::new("verify", Entity::RESOURCE).of(id.as_uuid());
    let event = event
        .about(Some(parties.patient))
        .asking(json!({ "holds": holds }));
    audit::record(tx, event).await?;
    Ok(verification)
}
