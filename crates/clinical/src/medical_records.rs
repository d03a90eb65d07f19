//! Medical records: problems, allergies, medications, observations and documents of a patient (FHIR R4 Condition,
//! AllergyIntolerance, MedicationStatement, Observation, DocumentReference).

mod categories;
pub mod documents;
mod entity;
mod errors;
mod file_names;
mod input;
mod listing;

use sea_orm::{ActiveModelTrait as _, DbErr, IntoActiveModel as _};
use wardkeep_tenancy::{Permission, TenantTx};

use crate::fields::Refusals;
use crate::patients;
use crate::records::{self, RecordError, instant};
use crate::statuses::StatusNotAllowed;
use categories::{Category, OBSERVATION, next_of_observation};
use entity::{ActiveModel, Entity};

pub use entity::{MedicalRecord, MedicalRecordId};
pub use errors::MedicalRecordError;
pub use input::{Details, MedicalRecordChanges, NewMedicalRecord};
pub(crate) use listing::page;
pub use listing::{Listing, list};

/// The right to make medical records.
pub const CREATE: Permission = Permission::new("medicalRecord", "create");
/// The right to see medical records.
pub const READ: Permission = Permission::new("medicalRecord", "read");
/// The right to change medical records.
pub const UPDATE: Permission = Permission::new("medicalRecord", "update");
/// The right to delete medical records.
pub const DELETE: Permission = Permission::new("medicalRecord", "delete");
/// The right to bring back deleted medical records.
pub const RESTORE: Permission = Permission::new("medicalRecord", "restore");

/// Makes a medical record. A document has no content yet.
///
/// # Errors
///
/// When the caller may not, a field is not valid, is not one of the category or names what is not there, or the database
/// fails.
pub async fn create(tx: &TenantTx, new: NewMedicalRecord) -> Result<MedicalRecord, MedicalRecordError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let mut refusals = Refusals::default();
    let patient = patients::lock_named(tx, &mut refusals, new.patient).await?;
    let category = Category::named(&mut refusals, &new.category);
    let code = new.code.checked("code", &mut refusals);
    let Some(category) = category else {
        refusals.none()?;
        return Err(unknown(&new.category).into());
    };
    let blank = MedicalRecord {
        organization_id: tx.organization(),
        id: tx.new_id(),
        patient_id: new.patient,
        category: new.category,
        status: category.first_status().to_owned(),
        code,
        criticality: None,
        value: None,
        unit: None,
        value_text: None,
        dosage: None,
        onset: instant(tx.now()).filter(|_| category.name == OBSERVATION),
        end: None,
        effective_at: tx.now(),
        note: None,
        file_name: None,
        media_type: None,
        size: None,
        sha256: None,
        created_by: tx.user(),
        created_by_name: tx.context().actor_name().to_owned(),
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
        deleted_at: None,
        deletion_reason: None,
    };
    let known = (tx.now(), patient.and_then(|patient| patient.born));
    let details = MedicalRecordChanges::from(new.details);
    let record = details.applied_to(&blank, category, known, &mut refusals);
    refusals.none()?;
    let row = record.into_active_model().reset_all();
    Ok(records::insert::<Entity>(tx, row).await?)
}

/// Returns one medical record, without the content of a document.
///
/// # Errors
///
/// When the caller may not, there is no such record, or the database fails.
pub async fn get(tx: &TenantTx, id: MedicalRecordId) -> Result<MedicalRecord, MedicalRecordError> {
    Ok(records::get::<Entity>(tx, id).await?)
}

/// Changes a medical record whose version is still `version`; of several changes to one version, one is made. Whose it is
/// and its category stay.
///
/// An observation that was final is `amended` when what was found changes and no status is given. Dates are compared with
/// the birth of the patient when one is given.
///
/// # Errors
///
/// When the caller may not, a field is not valid or is not one of the category, there is no such record, it has another
/// version, the status cannot follow, a date is given and the patient is not there, or the database fails.
pub async fn update(
    tx: &TenantTx,
    id: MedicalRecordId,
    version: i64,
    changes: MedicalRecordChanges,
) -> Result<MedicalRecord, MedicalRecordError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    let category = Category::read(&before.category).ok_or_else(|| unknown(&before.category))?;
    let mut refusals = Refusals::default();
    let mut born = None;
    if changes.name_a_date() {
        let patient = patients::lock_named(tx, &mut refusals, before.patient_id).await?;
        born = patient.and_then(|patient| patient.born);
    }
    let asked = changes.status.clone();
    let mut after = changes.applied_to(&before, category, (tx.now(), born), &mut refusals);
    refusals.none()?;
    if category.name == OBSERVATION {
        follow(&before, &mut after, asked.as_deref())?;
    }
    Ok(records::change::<Entity>(tx, &before, changed(after)).await?)
}

/// Deletes a medical record whose version is still `version`, as entered in error. The content of a document stays with it
/// and cannot be read.
///
/// # Errors
///
/// When the caller may not, there is no such record, it has another version, the reason is not valid, or the database
/// fails.
pub async fn delete(
    tx: &TenantTx,
    id: MedicalRecordId,
    version: i64,
    reason: &str,
) -> Result<MedicalRecord, MedicalRecordError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let record = records::lock::<Entity>(tx, id, version).await?;
    Ok(records::delete::<Entity>(tx, &record, reason).await?)
}

/// Brings back a deleted medical record whose version is still `version`, a document with its content.
///
/// # Errors
///
/// When the caller may not, there is no such deleted record, it has another version, its patient is not there, or the
/// database fails.
pub async fn restore(
    tx: &TenantTx,
    id: MedicalRecordId,
    version: i64,
) -> Result<MedicalRecord, MedicalRecordError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let record = records::lock_deleted::<Entity>(tx, id, version).await?;
    let mut refusals = Refusals::default();
    patients::lock_named(tx, &mut refusals, record.patient_id).await?;
    refusals.none()?;
    Ok(records::restore::<Entity>(tx, &record).await?)
}

/// Sees to it that an observation says of itself that it was changed after it was final.
fn follow(
    before: &MedicalRecord,
    after: &mut MedicalRecord,
    asked: Option<&str>,
) -> Result<(), StatusNotAllowed> {
    let was_final = before.status == "final";
    let changed = found(before) != found(after);
    if was_final && changed && asked.is_none() {
        "amended".clone_into(&mut after.status);
    }
    let allowed = next_of_observation(&before.status);
    let stays = before.status == after.status && !(was_final && changed);
    if stays || allowed.contains(&after.status.as_str()) {
        Ok(())
    } else {
        Err(StatusNotAllowed {
            current: before.status.clone(),
            allowed,
        })
    }
}

/// What an observation says.
fn found(record: &MedicalRecord) -> impl PartialEq {
    let MedicalRecord {
        code,
        value,
        unit,
        value_text,
        onset,
        ..
    } = record.clone();
    (code, value, unit, value_text, onset)
}

/// All that a change may change.
fn changed(after: MedicalRecord) -> ActiveModel {
    use sea_orm::ActiveValue::Set;
    ActiveModel {
        status: Set(after.status),
        code: Set(after.code),
        criticality: Set(after.criticality),
        value: Set(after.value),
        unit: Set(after.unit),
        value_text: Set(after.value_text),
        dosage: Set(after.dosage),
        onset: Set(after.onset),
        end: Set(after.end),
        effective_at: Set(after.effective_at),
        note: Set(after.note),
        file_name: Set(after.file_name),
        ..Default::default()
    }
}

fn unknown(category: &str) -> DbErr {
    DbErr::Type(format!("{category} is no category of medical records"))
}
