//! Treatments: courses of sessions, and how far they are (FHIR R4 CarePlan).
//!
//! How far one is, is counted over its sessions whenever it is shown, and never stored. Whoever adds a session, or opens
//! one again, locks its treatment first: what is completed has no open sessions but those that somebody gave a reason for,
//! and what is deleted has none.

pub(crate) mod entity;
mod errors;
mod input;
mod listing;
mod lock;
mod open;
mod parties;
mod progress;
mod status;

use sea_orm::{ActiveModelTrait, IntoActiveModel};
use wardkeep_tenancy::{Permission, TenantTx};

use crate::records::{self, RecordError};
use crate::statuses::Statuses as _;
use crate::treatment_sessions;
use entity::{ActiveModel, Entity};

pub use entity::{Treatment, TreatmentId};
pub use errors::{OpenSession, TreatmentError};
pub use input::{NewTreatment, TreatmentChanges};
pub(crate) use listing::page;
pub use listing::{Listing, list};
pub(crate) use lock::{lock, plans};
pub(crate) use open::is_for;
pub use progress::{Course, Progress};
pub(crate) use status::Status;

/// The right to make treatments.
pub const CREATE: Permission = Permission::new("treatment", "create");
/// The right to see treatments.
pub const READ: Permission = Permission::new("treatment", "read");
/// The right to change treatments.
pub const UPDATE: Permission = Permission::new("treatment", "update");
/// The right to delete treatments.
pub const DELETE: Permission = Permission::new("treatment", "delete");
/// The right to bring back deleted treatments.
pub const RESTORE: Permission = Permission::new("treatment", "restore");

/// Makes a treatment, which has no sessions yet.
///
/// # Errors
///
/// When the caller may not, a field is not valid or names what is not there, or the database fails.
pub async fn create(tx: &TenantTx, new: NewTreatment) -> Result<Course, TreatmentError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let (new, status) = new.checked()?;
    let mut treatment = Treatment {
        organization_id: tx.organization(),
        id: tx.new_id(),
        patient_id: new.patient,
        title: new.title,
        code: new.code,
        goal: new.goal,
        planned_sessions: new.planned_sessions,
        practitioner_id: new.practitioner,
        practitioner_name: String::new(),
        period_start: new.period_start,
        period_end: new.period_end,
        status: status.name().to_owned(),
        status_reason: None,
        completion_reason: None,
        created_by: tx.user(),
        created_by_name: tx.context().actor_name().to_owned(),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deletion_reason: None,
    };
    parties::settle(tx, None, &mut treatment, false).await?;
    let row = treatment.into_active_model().reset_all();
    let treatment = records::insert::<Entity>(tx, row).await?;
    Ok(Course::without_sessions(treatment))
}

/// Returns one treatment, and how far it is.
///
/// # Errors
///
/// When the caller may not, there is no such treatment, or the database fails.
pub async fn get(tx: &TenantTx, id: TreatmentId) -> Result<Course, TreatmentError> {
    let treatment = records::get::<Entity>(tx, id).await?;
    Ok(Course::of(tx, treatment).await?)
}

/// Changes a treatment whose version is still `version`; of several changes to one version, one is made. It stays that of
/// its patient. The lead who has left the organization stays as well, until somebody else is named.
///
/// # Errors
///
/// When the caller may not, a field is not valid or names what is not there, there is no such treatment, it has another
/// version, the status cannot follow, it would be completed with open sessions and no reason is given, or the database
/// fails.
pub async fn update(
    tx: &TenantTx,
    id: TreatmentId,
    version: i64,
    changes: TreatmentChanges,
) -> Result<Course, TreatmentError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let (changes, next) = changes.checked()?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    let was = Status::stored(&before.status)?;
    let is = next.unwrap_or(was);
    was.becomes(is)?;
    let reason = changes.completion_reason.clone();
    let mut after = changes.applied_to(&before, (was, is))?;
    parties::settle(tx, Some(&before), &mut after, was.is_over() && !is.is_over()).await?;
    if is.completes(was) {
        after.completion_reason = needed(tx, id, reason).await?;
    }
    let treatment = records::change::<Entity>(tx, &before, changed(after)).await?;
    Ok(Course::of(tx, treatment).await?)
}

/// Deletes a treatment whose version is still `version`, as entered in error.
///
/// # Errors
///
/// When the caller may not, there is no such treatment, it has another version, a session belongs to it, the reason is not
/// valid, or the database fails.
pub async fn delete(
    tx: &TenantTx,
    id: TreatmentId,
    version: i64,
    reason: &str,
) -> Result<Treatment, TreatmentError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let treatment = records::lock::<Entity>(tx, id, version).await?;
    if treatment_sessions::any_of(tx, id).await? {
        return Err(TreatmentError::HasSessions);
    }
    Ok(records::delete::<Entity>(tx, &treatment, reason).await?)
}

/// Brings back a deleted treatment whose version is still `version`, with the status that it had.
///
/// # Errors
///
/// When the caller may not, there is no such deleted treatment, it has another version, its patient is not there, or the
/// database fails.
pub async fn restore(tx: &TenantTx, id: TreatmentId, version: i64) -> Result<Course, TreatmentError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let before = records::lock_deleted::<Entity>(tx, id, version).await?;
    parties::settle(tx, Some(&before), &mut before.clone(), true).await?;
    let treatment = records::restore::<Entity>(tx, &before).await?;
    // None came to it while it was deleted.
    Ok(Course::without_sessions(treatment))
}

/// The reason to complete a treatment in spite of its open sessions; none, where there are none.
async fn needed(
    tx: &TenantTx,
    id: TreatmentId,
    reason: Option<String>,
) -> Result<Option<String>, TreatmentError> {
    let open = treatment_sessions::open_of(tx, id).await?;
    if open.is_empty() {
        return Ok(None);
    }
    if reason.is_some() {
        return Ok(reason);
    }
    let shown = tx.allows(treatment_sessions::READ).then_some(open);
    Err(TreatmentError::HasOpenSessions(shown.unwrap_or_default()))
}

/// All that a change may change.
fn changed(after: Treatment) -> ActiveModel {
    use sea_orm::ActiveValue::Set;
    ActiveModel {
        title: Set(after.title),
        code: Set(after.code),
        goal: Set(after.goal),
        planned_sessions: Set(after.planned_sessions),
        practitioner_id: Set(after.practitioner_id),
        practitioner_name: Set(after.practitioner_name),
        period_start: Set(after.period_start),
        period_end: Set(after.period_end),
        status: Set(after.status),
        status_reason: Set(after.status_reason),
        completion_reason: Set(after.completion_reason),
        ..Default::default()
    }
}
