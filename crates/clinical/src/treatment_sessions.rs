//! Treatment sessions: what was done when, by whom (FHIR R4 Procedure).
//!
//! A session belongs to a treatment and takes place in an appointment, both of one patient. Whoever makes one, gives it
//! another place, begins, completes, reopens or restores it locks both, so that neither contradicts it: the treatment does
//! not end with it open, and the appointment is fulfilled as long as a completed session is in it.

mod claims;
mod entity;
mod errors;
mod input;
mod listing;
mod lock;
mod numbers;
mod of_appointment;
mod of_treatment;
mod parties;
mod plan;
mod status;
#[cfg(test)]
pub(crate) mod thousands;
mod times;

use sea_orm::{ActiveModelTrait, IntoActiveModel};
use wardkeep_tenancy::{Permission, TenantTx};

use crate::appointments::{self, Fulfilment};
use crate::clinical_notes;
use crate::quantities::Measures;
use crate::records::{self, RecordError};
use crate::statuses::Statuses as _;
use claims::{Claims, Places};
use entity::{ActiveModel, Entity};
use status::Status;

pub use entity::{TreatmentSession, TreatmentSessionId};
pub use errors::SessionError;
pub use input::{NewSession, SessionChanges};
pub(crate) use listing::page;
pub use listing::{Listing, list};
pub(crate) use lock::{lock_shared, patient_of};
pub(crate) use of_appointment::{another_is_completed_in, held_in};
pub(crate) use of_treatment::{Tally, any_of, open_of, tallies};
pub(crate) use parties::{Parties, of_patient, parties_of};
pub use plan::PlannedSession;

/// The right to make sessions.
pub const CREATE: Permission = Permission::new("treatmentSession", "create");
/// The right to see sessions.
pub const READ: Permission = Permission::new("treatmentSession", "read");
/// The right to change sessions.
pub const UPDATE: Permission = Permission::new("treatmentSession", "update");
/// The right to delete sessions.
pub const DELETE: Permission = Permission::new("treatmentSession", "delete");
/// The right to bring back deleted sessions.
pub const RESTORE: Permission = Permission::new("treatmentSession", "restore");

/// Makes a session. One that is completed fulfils its appointment.
///
/// # Errors
///
/// When the caller may not, a field is not valid or names what is not there, treatment and appointment are of two patients,
/// the number is taken, the treatment or the appointment does not take it, or the database fails.
pub async fn create(tx: &TenantTx, new: NewSession) -> Result<PlannedSession, SessionError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let (new, status) = new.checked()?;
    let (treatment, appointment) = claims::lock_both(tx, new.treatment, new.appointment).await?;
    let number = match new.number {
        Some(number) => number,
        None => numbers::next(tx, treatment.id).await?,
    };
    let mut session = TreatmentSession {
        organization_id: tx.organization(),
        id: tx.new_id(),
        patient_id: treatment.patient_id,
        treatment_id: treatment.id,
        appointment_id: appointment.id,
        performer_id: new.performer.unwrap_or(appointment.practitioner_id),
        performer_name: String::new(),
        number,
        start: new.start,
        end: new.end,
        outcome: new.outcome,
        measures: Measures(new.measures),
        status: status.name().to_owned(),
        status_reason: None,
        created_by: tx.user(),
        created_by_name: tx.context().actor_name().to_owned(),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deletion_reason: None,
    };
    let places = Places {
        treatment: Some(treatment),
        appointment: Some(appointment),
    };
    let fulfilment = Claims::of_new(status).settle(tx, &places, &mut session).await?;
    let row = session.into_active_model().reset_all();
    let session = records::insert::<Entity>(tx, row).await?;
    Fulfilment::write(tx, fulfilment).await?;
    Ok(PlannedSession::of(tx, session, places.treatment.as_ref()).await?)
}

/// Returns one session.
///
/// # Errors
///
/// When the caller may not, there is no such session, or the database fails.
pub async fn get(tx: &TenantTx, id: TreatmentSessionId) -> Result<PlannedSession, SessionError> {
    let session = records::get::<Entity>(tx, id).await?;
    Ok(PlannedSession::of(tx, session, None).await?)
}

/// Changes a session whose version is still `version`; of several changes to one version, one is made.
///
/// To complete it fulfils its appointment, and to open it again takes that back, if no other session keeps it fulfilled.
/// What was begun can be ended whatever has become of the treatment. A performer who has left the organization stays.
///
/// # Errors
///
/// When the caller may not, a field is not valid or names what is not there, there is no such session, it has another
/// version, the status cannot follow, it is over and would change its place, performer or number, a signed note keeps it, a
/// note is about its patient and it would be another's, the number is taken, the treatment or the appointment does not take
/// it, or the database fails.
pub async fn update(
    tx: &TenantTx,
    id: TreatmentSessionId,
    version: i64,
    changes: SessionChanges,
) -> Result<PlannedSession, SessionError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let (changes, next) = changes.checked()?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    let was = Status::stored(&before.status)?;
    let is = next.unwrap_or(was);
    was.becomes(is)?;
    let mut after = changes.applied_to(&before, (was, is));
    let differs = differ(&before, &after);
    if differs && was.is_closed() {
        return Err(SessionError::Closed(was.name()));
    }
    let undone = is != was && matches!(is, Status::Preparation | Status::NotDone);
    if (differs || undone) && clinical_notes::is_signed_in(tx, id).await? {
        return Err(SessionError::HasSignedNote);
    }
    let claims = Claims::between(&before, &after, (was, is));
    let places = claims.lock(tx, &after).await?;
    let fulfilment = claims.settle(tx, &places, &mut after).await?;
    // What was written of one patient is never read, or signed, as if it were of another.
    if after.patient_id != before.patient_id && clinical_notes::is_any_about(tx, id).await? {
        return Err(SessionError::HasNotes);
    }
    let session = records::change::<Entity>(tx, &before, changed(after)).await?;
    Fulfilment::write(tx, fulfilment).await?;
    Ok(PlannedSession::of(tx, session, places.treatment.as_ref()).await?)
}

/// Deletes a session whose version is still `version`, as entered in error. Its number is free again. The appointment that
/// it fulfilled has its status of before, if no other session keeps it fulfilled.
///
/// # Errors
///
/// When the caller may not, there is no such session, it has another version, a signed note is about it, the reason is not
/// valid, its appointment would be opened again and the patient is not there, or the database fails.
pub async fn delete(
    tx: &TenantTx,
    id: TreatmentSessionId,
    version: i64,
    reason: &str,
) -> Result<TreatmentSession, SessionError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    if clinical_notes::is_signed_in(tx, id).await? {
        return Err(SessionError::HasSignedNote);
    }
    let mut fulfilment = None;
    if Status::stored(&before.status)? == Status::Completed
        && let Some(appointment) = appointments::lock(tx, before.appointment_id).await?
    {
        fulfilment = Fulfilment::reversed(tx, &appointment, id).await?;
    }
    let session = records::delete::<Entity>(tx, &before, reason).await?;
    Fulfilment::write(tx, fulfilment).await?;
    Ok(session)
}

/// Brings back a deleted session whose version is still `version`, with the status and the number that it had. One that is
/// completed fulfils its appointment again.
///
/// # Errors
///
/// When the caller may not, there is no such deleted session, it has another version, its patient, treatment or appointment
/// is not there, the number is taken, the treatment or the appointment does not take it, or the database fails.
pub async fn restore(
    tx: &TenantTx,
    id: TreatmentSessionId,
    version: i64,
) -> Result<PlannedSession, SessionError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let before = records::lock_deleted::<Entity>(tx, id, version).await?;
    let claims = Claims::of_restored(Status::stored(&before.status)?);
    let places = claims.lock(tx, &before).await?;
    let fulfilment = claims.settle(tx, &places, &mut before.clone()).await?;
    let session = records::restore::<Entity>(tx, &before).await?;
    Fulfilment::write(tx, fulfilment).await?;
    Ok(PlannedSession::of(tx, session, places.treatment.as_ref()).await?)
}

/// Whether it takes place elsewhere, is performed by somebody else, or has another number.
fn differ(before: &TreatmentSession, after: &TreatmentSession) -> bool {
    let place = |row: &TreatmentSession| (row.treatment_id, row.appointment_id, row.performer_id, row.number);
    place(before) != place(after)
}

/// All that a change may change.
fn changed(after: TreatmentSession) -> ActiveModel {
    use sea_orm::ActiveValue::Set;
    ActiveModel {
        patient_id: Set(after.patient_id),
        treatment_id: Set(after.treatment_id),
        appointment_id: Set(after.appointment_id),
        performer_id: Set(after.performer_id),
        performer_name: Set(after.performer_name),
        number: Set(after.number),
        start: Set(after.start),
        end: Set(after.end),
        outcome: Set(after.outcome),
        measures: Set(after.measures),
        status: Set(after.status),
        status_reason: Set(after.status_reason),
        ..Default::default()
    }
}
