//! Appointments: who comes when, to whom, and into which room (FHIR R4 Appointment).
//!
//! Nobody and no room is taken twice at once. Whoever books locks the calendars of the practitioner and of the room, looks
//! at all that stands in the way, and is told of it, unless they may overbook and say why. Constraints of the table keep
//! apart what nobody overbooked, whatever the code does.

pub(crate) mod busy;
mod entity;
mod errors;
mod fulfilment;
mod input;
mod listing;
pub(crate) mod open;
mod parties;
mod slots;
mod status;

use sea_orm::{ActiveModelTrait, IntoActiveModel};
use wardkeep_tenancy::{Permission, TenantTx};

use crate::calendar::Span;
use crate::records::{self, RecordError};
use crate::statuses::{StatusNotAllowed, Statuses as _};
use entity::{ActiveModel, Entity};
use parties::Anew;
use slots::Place;

pub use entity::{Appointment, AppointmentId};
pub use errors::{AppointmentError, SlotTaken};
pub(crate) use fulfilment::{Fulfilment, lock};
pub use input::{AppointmentChanges, NewAppointment};
pub(crate) use listing::page;
pub use listing::{Listing, list};
pub use slots::{Clash, Taken};
pub use status::Status;

/// The right to make appointments.
pub const CREATE: Permission = Permission::new("appointment", "create");
/// The right to see appointments.
pub const READ: Permission = Permission::new("appointment", "read");
/// The right to change appointments.
pub const UPDATE: Permission = Permission::new("appointment", "update");
/// The right to delete appointments.
pub const DELETE: Permission = Permission::new("appointment", "delete");
/// The right to bring deleted appointments back.
pub const RESTORE: Permission = Permission::new("appointment", "restore");
/// The right to book where somebody is taken or away.
pub const OVERBOOK: Permission = Permission::new("appointment", "overbook");

/// Makes an appointment.
///
/// # Errors
///
/// When the caller may not, a field is not valid or names what is not there, something stands in the way and no reason to
/// overbook is given, or the database fails.
pub async fn create(tx: &TenantTx, new: NewAppointment) -> Result<Appointment, AppointmentError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let (new, status) = new.checked()?;
    let overbooking = new.overbooking_reason;
    let mut appointment = Appointment {
        organization_id: tx.organization(),
        id: tx.new_id(),
        patient_id: new.patient,
        practitioner_id: new.practitioner,
        practitioner_name: String::new(),
        room_id: new.room,
        start: new.start,
        end: new.end,
        time_zone: new.time_zone,
        status: status.as_str().to_owned(),
        appointment_type: new.appointment_type,
        reason: new.reason,
        comment: new.comment,
        cancellation_reason: None,
        overbooking_reason: None,
        fulfilled_from: None,
        created_by: tx.user(),
        created_by_name: tx.context().actor_name().to_owned(),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deletion_reason: None,
    };
    settle(
        tx,
        None,
        &mut appointment,
        Anew::all(status.occupies()),
        overbooking,
    )
    .await?;
    let row = appointment.into_active_model().reset_all();
    Ok(records::insert::<Entity>(tx, row).await?)
}

/// Returns one appointment.
///
/// # Errors
///
/// When the caller may not, there is no such appointment, or the database fails.
pub async fn get(tx: &TenantTx, id: AppointmentId) -> Result<Appointment, AppointmentError> {
    Ok(records::get::<Entity>(tx, id).await?)
}

/// Changes an appointment whose version is still `version`; of several changes to one version, one is made.
///
/// What it takes is looked at again when it goes to another time, practitioner or room, when it comes to take them, and
/// when a reason to overbook is given; a reason from before does not count then. Who has left the organization keeps
/// the appointments they had, which can be cancelled, commented and closed, and gets no other time.
///
/// # Errors
///
/// When the caller may not, a field is not valid or names what is not there, there is no such appointment, it has another
/// version, the status cannot follow, it is closed and stays so, a session contradicts it, something stands in the way and
/// no reason to overbook is given, or the database fails.
pub async fn update(
    tx: &TenantTx,
    id: AppointmentId,
    version: i64,
    changes: AppointmentChanges,
) -> Result<Appointment, AppointmentError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let (changes, next) = changes.checked()?;
    let overbooking = changes.overbooking_reason.clone();
    let before = records::lock::<Entity>(tx, id, version).await?;
    let was = Status::stored(&before.status)?;
    let is = next.unwrap_or(was);
    let begun = changes.start.unwrap_or(before.start) <= tx.now();
    if is != was && !was.allowed(begun).contains(&is) {
        return Err(StatusNotAllowed::new(was, &was.allowed(begun)).into());
    }
    let mut after = changes.applied_to(&before)?;
    if was.is_closed() && is.is_closed() && differ(&before, &after) {
        return Err(AppointmentError::Closed(was));
    }
    if fulfilment::contradicted(tx, &before, &after).await? {
        return Err(AppointmentError::HasSessions);
    }
    let taking = is.occupies() && (!was.occupies() || moved(&before, &after) || overbooking.is_some());
    let reopened = was.is_closed() && !is.is_closed();
    let anew = Anew::between(&before, &after, taking, reopened);
    settle(tx, Some(&before), &mut after, anew, overbooking.flatten()).await?;
    Ok(records::change::<Entity>(tx, &before, changed(after)).await?)
}

/// Deletes an appointment whose version is still `version`, as entered in error. Nobody is taken by it any more.
///
/// # Errors
///
/// When the caller may not, there is no such appointment, it has another version, a session takes place in it, the reason is
/// not valid, or the database fails.
pub async fn delete(
    tx: &TenantTx,
    id: AppointmentId,
    version: i64,
    reason: &str,
) -> Result<Appointment, AppointmentError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let appointment = records::lock::<Entity>(tx, id, version).await?;
    if fulfilment::has_sessions(tx, id).await? {
        return Err(AppointmentError::HasSessions);
    }
    Ok(records::delete::<Entity>(tx, &appointment, reason).await?)
}

/// Brings back a deleted appointment whose version is still `version`, with the status that it had. Nobody is overbooked
/// by it: where somebody was, and nothing stands in the way any more, the reason is dropped.
///
/// # Errors
///
/// When the caller may not, there is no such deleted appointment, it has another version, its patient is not there, it is
/// not over or takes somebody's time and its practitioner or room is not there, something stands in the way, or the
/// database fails.
pub async fn restore(
    tx: &TenantTx,
    id: AppointmentId,
    version: i64,
) -> Result<Appointment, AppointmentError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let before = records::lock_deleted::<Entity>(tx, id, version).await?;
    let status = Status::stored(&before.status)?;
    let claims = status.occupies() || !status.is_closed();
    let anew = Anew {
        practitioner: claims,
        room: claims,
        ..Anew::all(status.occupies())
    };
    let mut after = before.clone();
    settle(tx, Some(&before), &mut after, anew, None).await?;
    Ok(records::restore_with::<Entity>(tx, &before, changed(after)).await?)
}

/// Locks whom it refers to and looks whether its time is free. Completes the name of a practitioner who is new to it, and
/// why it is overbooked, if it is.
async fn settle(
    tx: &TenantTx,
    before: Option<&Appointment>,
    wanted: &mut Appointment,
    anew: Anew,
    overbooking: Option<String>,
) -> Result<(), AppointmentError> {
    let practitioner = parties::lock(tx, before, wanted, anew).await?;
    let stays = before.is_some_and(|before| before.practitioner_id == wanted.practitioner_id);
    if let Some(practitioner) = practitioner.filter(|_| !stays) {
        wanted.practitioner_name = practitioner.name;
    }
    if !anew.place {
        return Ok(());
    }
    let place = Place {
        practitioner: wanted.practitioner_id,
        room: wanted.room_id,
        span: Span {
            start: wanted.start,
            end: wanted.end,
        },
        of: wanted.id,
    };
    let look = place.look(tx).await?;
    let clashes = look.clashes();
    wanted.overbooking_reason = match overbooking {
        _ if clashes.is_empty() => None,
        Some(reason) => {
            tx.require(OVERBOOK).map_err(RecordError::from)?;
            Some(reason)
        }
        None => {
            let free = place.free(tx, &look).await?;
            return Err(SlotTaken { clashes, free }.into());
        }
    };
    Ok(())
}

/// Whether it takes another time, practitioner or room.
fn moved(before: &Appointment, after: &Appointment) -> bool {
    let place = |row: &Appointment| (row.practitioner_id, row.room_id, row.start, row.end);
    place(before) != place(after)
}

/// Whether it is of another patient, or moved.
fn differ(before: &Appointment, after: &Appointment) -> bool {
    before.patient_id != after.patient_id || moved(before, after)
}

/// All that a change may change.
fn changed(after: Appointment) -> ActiveModel {
    use sea_orm::ActiveValue::Set;
    ActiveModel {
        patient_id: Set(after.patient_id),
        practitioner_id: Set(after.practitioner_id),
        practitioner_name: Set(after.practitioner_name),
        room_id: Set(after.room_id),
        start: Set(after.start),
        end: Set(after.end),
        time_zone: Set(after.time_zone),
        status: Set(after.status),
        appointment_type: Set(after.appointment_type),
        reason: Set(after.reason),
        comment: Set(after.comment),
        cancellation_reason: Set(after.cancellation_reason),
        overbooking_reason: Set(after.overbooking_reason),
        fulfilled_from: Set(after.fulfilled_from),
        ..Default::default()
    }
}
