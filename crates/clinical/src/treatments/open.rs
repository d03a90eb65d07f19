//! Treatments that are not over, which keep their patient.

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, TreatmentId};
use super::status::Status;
use crate::patients::PatientId;
use crate::records;
use crate::statuses::Statuses as _;

/// Whether such a treatment is for this patient.
pub(crate) async fn is_for(tx: &TenantTx, patient: PatientId) -> Result<bool, DbErr> {
    let open = [Status::Draft, Status::Active, Status::OnHold];
    let first = records::present::<Entity>(tx)
        .filter(Column::PatientId.eq(patient))
        .filter(Column::Status.is_in(open.map(Status::name)))
        .select_only()
        .column(Column::Id)
        .limit(1);
    Ok(first.into_tuple::<TreatmentId>().one(tx).await?.is_some())
}
