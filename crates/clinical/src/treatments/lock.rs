//! Treatments to which sessions are added.

use std::collections::HashMap;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, Treatment, TreatmentId};
use crate::records;

/// The treatment, if there is one, locked until the transaction ends: for whoever adds a session, opens one again, or gives
/// one a number. One at a time may, so that numbers have no gap, and what is completed or deleted meanwhile is seen.
pub(crate) async fn lock(tx: &TenantTx, id: TreatmentId) -> Result<Option<Treatment>, DbErr> {
    let treatment = records::present::<Entity>(tx).filter(Column::Id.eq(id));
    treatment.lock(LockType::NoKeyUpdate).one(tx).await
}

/// How many sessions treatments are planned for, deleted ones too.
pub(crate) async fn plans(
    tx: &TenantTx,
    ids: impl IntoIterator<Item = TreatmentId>,
) -> Result<HashMap<TreatmentId, Option<i32>>, DbErr> {
    let plans = tx.find::<Entity>().filter(Column::Id.is_in(ids));
    let plans = plans.select_only().columns([Column::Id, Column::PlannedSessions]);
    let plans = plans.into_tuple::<(TreatmentId, Option<i32>)>().all(tx).await?;
    Ok(plans.into_iter().collect())
}
