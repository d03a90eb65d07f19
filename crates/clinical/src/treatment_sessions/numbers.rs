//! Which number the next session of a treatment gets.

use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use wardkeep_tenancy::{InvalidField, TenantTx};

use super::entity::{Column, Entity};
use crate::records::{self, RecordError};
use crate::treatments::TreatmentId;

const LAST: i32 = 10_000;

/// The number after the highest. The treatment is locked, so that nobody else draws one.
pub(super) async fn next(tx: &TenantTx, treatment: TreatmentId) -> Result<i32, RecordError> {
    let highest = records::present::<Entity>(tx)
        .filter(Column::TreatmentId.eq(treatment))
        .order_by_desc(Column::Number)
        .limit(1)
        .select_only()
        .column(Column::Number)
        .into_tuple::<i32>()
        .one(tx)
        .await?
        .unwrap_or_default();
    if highest < LAST {
        Ok(highest + 1)
    } else {
        let problem = "must be given, as the last one is taken";
        Err(RecordError::Invalid(vec![InvalidField::new("number", problem)]))
    }
}
