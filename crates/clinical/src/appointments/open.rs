//! Appointments that are not over.

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity};
use crate::patients::PatientId;
use crate::records;

/// The statuses in which somebody still waits for something.
const OPEN: [&str; 6] = [
    "proposed",
    "pending",
    "waitlist",
    "booked",
    "arrived",
    "checked-in",
];

/// Whether such an appointment is for this patient, whenever it is.
pub(crate) async fn any_of(tx: &TenantTx, patient: PatientId) -> Result<bool, DbErr> {
    let open = records::present::<Entity>(tx)
        .filter(Column::PatientId.eq(patient))
        .filter(Column::Status.is_in(OPEN));
    let first = open.select_only().column(Column::Id).limit(1);
    Ok(first.into_tuple::<uuid::Uuid>().one(tx).await?.is_some())
}
