//! The sessions that take place in an appointment.

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, TreatmentSessionId};
use super::status::Status;
use crate::appointments::AppointmentId;
use crate::records;
use crate::statuses::Statuses as _;

/// What sessions say of their appointment. Whoever holds a lock on it that keeps others out can rely on what they do not
/// say: a session is given an appointment, begun, completed and restored under that lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// One names it, be it deleted.
    pub(crate) named: bool,
    /// One takes place in it.
    pub(crate) present: bool,
    /// One was begun in it, and is not completed.
    pub(crate) begun: bool,
    /// One was completed in it.
    pub(crate) completed: bool,
}

/// What the sessions of an appointment say of it.
pub(crate) async fn held_in(tx: &TenantTx, appointment: AppointmentId) -> Result<Held, DbErr> {
    let kinds = tx
        .find::<Entity>()
        .filter(Column::AppointmentId.eq(appointment))
        .select_only()
        .column(Column::Status)
        .expr_as(Column::DeletedAt.is_null(), "present")
        .distinct()
        .into_tuple::<(String, bool)>()
        .all(tx)
        .await?;
    let mut held = Held::default();
    for (status, present) in kinds {
        let status = Status::stored(&status)?;
        held.named = true;
        held.present |= present;
        held.begun |= present && matches!(status, Status::InProgress | Status::Stopped);
        held.completed |= present && status == Status::Completed;
    }
    Ok(held)
}

/// Whether another session than this one was completed in an appointment.
pub(crate) async fn another_is_completed_in(
    tx: &TenantTx,
    appointment: AppointmentId,
    session: TreatmentSessionId,
) -> Result<bool, DbErr> {
    let first = records::present::<Entity>(tx)
        .filter(Column::AppointmentId.eq(appointment))
        .filter(Column::Status.eq(Status::Completed.name()))
        .filter(Column::Id.ne(session))
        .select_only()
        .column(Column::Id)
        .limit(1);
    Ok(first.into_tuple::<TreatmentSessionId>().one(tx).await?.is_some())
}
