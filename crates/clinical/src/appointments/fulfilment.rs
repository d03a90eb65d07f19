//! An appointment is fulfilled by a session that is completed in it, and has its status of before when none is any more.

use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue, ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{ActiveModel, Appointment, AppointmentId, Column, Entity};
use super::parties::{self, Anew};
use super::status::Status;
use crate::records::{self, RecordError};
use crate::statuses::Statuses as _;
use crate::treatment_sessions::{self, TreatmentSessionId};

/// The appointment, if there is one, locked until the transaction ends: for whoever gives it a session, or begins, completes
/// or opens one in it.
pub(crate) async fn lock(tx: &TenantTx, id: AppointmentId) -> Result<Option<Appointment>, DbErr> {
    let appointment = records::present::<Entity>(tx).filter(Column::Id.eq(id));
    appointment.lock(LockType::NoKeyUpdate).one(tx).await
}

/// What a session changes of its appointment, which was locked and is written after the session.
pub(crate) struct Fulfilment {
    before: Appointment,
    changes: ActiveModel,
}

impl Fulfilment {
    /// A session is completed in an appointment that can be fulfilled: nothing, where it is. Then somebody at the desk said
    /// so, who alone takes it back, or another session was first.
    pub(crate) fn of(appointment: &Appointment) -> Option<Self> {
        let fulfilled = Status::Fulfilled.as_str();
        (appointment.status != fulfilled).then(|| Self {
            before: appointment.clone(),
            changes: ActiveModel {
                status: ActiveValue::Set(fulfilled.to_owned()),
                fulfilled_from: ActiveValue::Set(Some(appointment.status.clone())),
                ..Default::default()
            },
        })
    }

    /// A session was completed in the appointment, and is not any more: it has its status of before, unless another one
    /// keeps it fulfilled or somebody at the desk said that it is. As for any that is opened again, the patient must be
    /// there, and the room if the time is not over.
    pub(crate) async fn reversed(
        tx: &TenantTx,
        appointment: &Appointment,
        session: TreatmentSessionId,
    ) -> Result<Option<Self>, RecordError> {
        let Some(from) = appointment.fulfilled_from.clone() else {
            return Ok(None);
        };
        if treatment_sessions::another_is_completed_in(tx, appointment.id, session).await? {
            return Ok(None);
        }
        let anew = Anew {
            patient: true,
            practitioner: false,
            room: appointment.end > tx.now(),
            place: false,
        };
        parties::lock(tx, Some(appointment), appointment, anew).await?;
        Ok(Some(Self {
            before: appointment.clone(),
            changes: ActiveModel {
                status: ActiveValue::Set(from),
                fulfilled_from: ActiveValue::Set(None),
                ..Default::default()
            },
        }))
    }

    /// Writes it, if there is anything to write: a new version of the appointment, with an event of its own.
    pub(crate) async fn write(tx: &TenantTx, fulfilment: Option<Self>) -> Result<(), RecordError> {
        if let Some(Self { before, changes }) = fulfilment {
            records::change::<Entity>(tx, &before, changes).await?;
        }
        Ok(())
    }
}

/// Whether sessions keep an appointment from a change: what was done in it has taken place, and stays that of its patient.
pub(super) async fn contradicted(
    tx: &TenantTx,
    before: &Appointment,
    after: &Appointment,
) -> Result<bool, DbErr> {
    use Status::{Arrived, CheckedIn, Fulfilled};
    let (was, is) = (Status::stored(&before.status)?, Status::stored(&after.status)?);
    let handed_over = before.patient_id != after.patient_id;
    let unfulfilled = was == Fulfilled && is != Fulfilled;
    let undone = is != was && !matches!(is, Arrived | CheckedIn | Fulfilled);
    if !(handed_over || unfulfilled || undone) {
        return Ok(false);
    }
    let held = treatment_sessions::held_in(tx, before.id).await?;
    Ok(handed_over && held.named || held.completed && is != Fulfilled || undone && held.begun)
}

/// Whether a session takes place in an appointment.
pub(super) async fn has_sessions(tx: &TenantTx, id: AppointmentId) -> Result<bool, DbErr> {
    Ok(treatment_sessions::held_in(tx, id).await?.present)
}
