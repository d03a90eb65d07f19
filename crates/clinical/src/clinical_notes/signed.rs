//! Whether notes keep a session as it is.

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{ClinicalNoteId, Column, Entity};
use crate::treatment_sessions::TreatmentSessionId;

/// Whether a note about this session is signed. Whoever holds a lock on the session that keeps a shared one out can rely on
/// a no: a note is signed under a shared lock of its session.
pub(crate) async fn is_signed_in(tx: &TenantTx, session: TreatmentSessionId) -> Result<bool, DbErr> {
    let signed = tx.find::<Entity>().filter(Column::TreatmentSessionId.eq(session));
    let signed = signed.filter(Column::SignedAt.is_not_null());
    let first = signed.select_only().column(Column::Id).limit(1);
    Ok(first.into_tuple::<ClinicalNoteId>().one(tx).await?.is_some())
}

/// Whether there is a note about this session, a draft or a deleted one too. The same holds: a note is written under that lock.
pub(crate) async fn is_any_about(tx: &TenantTx, session: TreatmentSessionId) -> Result<bool, DbErr> {
    let notes = tx.find::<Entity>().filter(Column::TreatmentSessionId.eq(session));
    let first = notes.select_only().column(Column::Id).limit(1);
    Ok(first.into_tuple::<ClinicalNoteId>().one(tx).await?.is_some())
}
