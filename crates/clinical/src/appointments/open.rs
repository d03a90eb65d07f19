//! Appointments that are not over, which keep their patient and their room.

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect, Select};
use wardkeep_tenancy::TenantTx;

use super::busy::LONGEST;
use super::entity::{AppointmentId, Column, Entity};
use crate::patients::PatientId;
use crate::records;
use crate::rooms::RoomId;

/// The statuses in which somebody is still to come, or to be treated.
const OPEN: [&str; 6] = [
    "proposed",
    "pending",
    "waitlist",
    "booked",
    "arrived",
    "checked-in",
];

/// Whether such an appointment is for this patient, whenever it is.
pub(crate) async fn is_for(tx: &TenantTx, patient: PatientId) -> Result<bool, DbErr> {
    any(tx, open(tx).filter(Column::PatientId.eq(patient))).await
}

/// Whether such an appointment is in this room, now or later.
pub(crate) async fn is_in(tx: &TenantTx, room: RoomId) -> Result<bool, DbErr> {
    let in_room = open(tx)
        .filter(Column::RoomId.eq(room))
        .filter(Column::Start.gt(tx.now() - LONGEST))
        .filter(Column::End.gt(tx.now()));
    any(tx, in_room).await
}

fn open(tx: &TenantTx) -> Select<Entity> {
    records::present::<Entity>(tx).filter(Column::Status.is_in(OPEN))
}

async fn any(tx: &TenantTx, appointments: Select<Entity>) -> Result<bool, DbErr> {
    let first = appointments.select_only().column(Column::Id).limit(1);
    Ok(first.into_tuple::<AppointmentId>().one(tx).await?.is_some())
}
