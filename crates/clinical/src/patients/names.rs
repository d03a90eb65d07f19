//! What patients are called, for what is about them.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, PatientId};

/// The names of these patients, unless they are deleted: given names, then family names. Whoever asks has the right to see
/// them, and leaves the trace.
pub(crate) async fn names(
    tx: &TenantTx,
    ids: BTreeSet<PatientId>,
) -> Result<HashMap<PatientId, String>, DbErr> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let named = tx
        .find::<Entity>()
        .select_only()
        .columns([Column::Id, Column::FirstName, Column::LastName])
        .filter(Column::Id.is_in(ids))
        .filter(Column::DeletedAt.is_null())
        .into_tuple::<(PatientId, String, String)>()
        .all(tx)
        .await?;
    Ok(named
        .into_iter()
        .map(|(id, first, last)| (id, format!("{first} {last}")))
        .collect())
}
