//! Notes with what is read together with them.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder};
use wardkeep_tenancy::TenantTx;

use super::entity::{ClinicalNote, ClinicalNoteId, Column, Entity};
use crate::fields::Refusals;
use crate::patients::PatientId;
use crate::records;
use crate::treatment_sessions;

/// A note as it is read: as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// The note itself.
    pub row: ClinicalNote,
    /// Whom it is about: the patient of its session.
    pub patient: PatientId,
    /// What was added to it, the oldest first, drafts too.
    pub addenda: Vec<ClinicalNote>,
}

/// How far a note is. The last two are never stored, as the row of a signed note does not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Not signed yet.
    Draft,
    /// Signed.
    Final,
    /// Signed, and a signed addendum says more.
    Amended,
    /// Retracted by a signed addendum, or deleted as a draft.
    EnteredInError,
}

impl Status {
    const ALL: [Self; 4] = [Self::Draft, Self::Final, Self::Amended, Self::EnteredInError];

    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Final => "final",
            Self::Amended => "amended",
            Self::EnteredInError => "entered-in-error",
        }
    }

    /// The status of a note with these addenda.
    #[must_use]
    pub fn of(note: &ClinicalNote, addenda: &[ClinicalNote]) -> Self {
        let mut signed = addenda.iter().filter(|addendum| addendum.signed_at.is_some());
        if note.deleted_at.is_some() || signed.clone().any(|addendum| addendum.retracts) {
            Self::EnteredInError
        } else if note.signed_at.is_none() {
            Self::Draft
        } else if signed.next().is_some() {
            Self::Amended
        } else {
            Self::Final
        }
    }

    /// The one of this name; nothing, if there is none, which is refused.
    pub(super) fn named(refusals: &mut Refusals, name: &str) -> Option<Self> {
        let named = Self::ALL.into_iter().find(|status| status.as_str() == name);
        refusals.unless(
            named.is_some(),
            "status",
            "must be one of draft, final, amended, entered-in-error",
        );
        named
    }
}

impl Note {
    /// A note that has no addendum, as none is written to a draft.
    pub(super) fn alone(row: ClinicalNote, patient: PatientId) -> Self {
        Self {
            row,
            patient,
            addenda: Vec::new(),
        }
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::of(&self.row, &self.addenda)
    }
}

/// A note with its addenda.
pub(super) async fn whole(tx: &TenantTx, row: ClinicalNote) -> Result<Note, DbErr> {
    let mut notes = wholes(tx, vec![row]).await?;
    notes.pop().ok_or_else(without_session)
}

/// Notes with their addenda, in the same order, by two statements however many they are.
pub(super) async fn wholes(tx: &TenantTx, rows: Vec<ClinicalNote>) -> Result<Vec<Note>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut addenda = addenda_of(tx, rows.iter().map(|row| row.id)).await?;
    let sessions = rows.iter().map(|row| row.treatment_session_id);
    let parties = treatment_sessions::parties_of(tx, sessions).await?;
    let notes = rows.into_iter().map(|row| {
        let parties = parties.get(&row.treatment_session_id);
        Ok(Note {
            patient: parties.ok_or_else(without_session)?.patient,
            addenda: addenda.remove(&row.id).unwrap_or_default(),
            row,
        })
    });
    notes.collect()
}

/// The addenda of these notes, the oldest first.
pub(super) async fn addenda_of(
    tx: &TenantTx,
    notes: impl IntoIterator<Item = ClinicalNoteId>,
) -> Result<HashMap<ClinicalNoteId, Vec<ClinicalNote>>, DbErr> {
    let rows = records::present::<Entity>(tx).filter(Column::AddendumTo.is_in(notes));
    let rows = rows.order_by_asc(Column::Id).all(tx).await?;
    let mut addenda = HashMap::<_, Vec<_>>::new();
    for row in rows {
        if let Some(note) = row.addendum_to {
            addenda.entry(note).or_default().push(row);
        }
    }
    Ok(addenda)
}

/// Foreign keys keep it from happening.
pub(super) fn without_session() -> DbErr {
    DbErr::RecordNotFound("the session of a note".to_owned())
}
