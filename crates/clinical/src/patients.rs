//! Patients: who is treated here.
//!
//! A deleted patient stays in the table, for the clinic must be able to say what it did, and is seen by nobody but who may
//! restore deleted ones.

mod addresses;
mod contacts;
mod duplicates;
mod entity;
mod history;
mod identifiers;
mod input;
mod lock;
mod names;
mod phones;
mod search;
mod terms;
#[cfg(test)]
mod thousands;
mod words;

use std::borrow::Cow;

use sea_orm::{ActiveValue, DbErr, TryIntoModel};
use serde_json::{Value, json};
use wardkeep_tenancy::{Fault, FaultKind, InvalidField, Permission, TenantTx, violated_constraint};

use crate::appointments::open;
use crate::fields::Refusals;
use crate::paging::Order;
use crate::records::{self, RecordError};
use crate::treatments;
use entity::{ActiveModel, Column, Entity};

pub use addresses::Address;
pub use contacts::Contact;
pub use duplicates::Duplicate;
pub use entity::{Patient, PatientId};
pub use history::{HistoryEntry, MedicalHistory};
pub use identifiers::Identifier;
pub use input::{NewPatient, PatientChanges};
pub(crate) use lock::{lock_named, lock_shared};
pub(crate) use names::names;
pub use phones::OtherPhone;
pub use search::{Listing, list};

/// The right to record patients.
pub const CREATE: Permission = Permission::new("patient", "create");
/// The right to see patients.
pub const READ: Permission = Permission::new("patient", "read");
/// The right to change patients.
pub const UPDATE: Permission = Permission::new("patient", "update");
/// The right to delete patients.
pub const DELETE: Permission = Permission::new("patient", "delete");
/// The right to bring deleted patients back.
pub const RESTORE: Permission = Permission::new("patient", "restore");

const ORDERS: &[Order<Column>] = &[
    Order {
        name: "name",
        key: &[Column::LastName, Column::FirstName, Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
    // Ids sort by time.
    Order {
        name: "createdAt",
        key: &[Column::Id],
    },
];

/// Records a patient of this organization.
///
/// # Errors
///
/// When the caller may not, a field is not valid, another patient has the number, it is likely that the clinic has the same
/// person already (unless that is allowed), or the database fails.
pub async fn create(tx: &TenantTx, patient: NewPatient) -> Result<Patient, PatientError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let allow_duplicate = patient.allow_duplicate;
    let row = ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        version: ActiveValue::Set(1),
        created_at: ActiveValue::Set(tx.now()),
        updated_at: ActiveValue::Set(tx.now()),
        deleted_at: ActiveValue::Set(None),
        deletion_reason: ActiveValue::Set(None),
        ..patient.checked(tx.now())?
    };
    if !allow_duplicate {
        let likely = duplicates::of(tx, &row.clone().try_into_model()?).await?;
        if !likely.is_empty() {
            let shown = tx.allows(READ).then_some(likely);
            return Err(PatientError::LikelyDuplicate(shown.unwrap_or_default()));
        }
    }
    let patient = records::insert::<Entity>(tx, row).await?;
    terms::record(tx, &patient).await?;
    Ok(patient)
}

/// Returns one patient of this organization.
///
/// # Errors
///
/// When the caller may not, there is no such patient, or the database fails.
pub async fn get(tx: &TenantTx, id: PatientId) -> Result<Patient, PatientError> {
    Ok(records::get::<Entity>(tx, id).await?)
}

/// Changes a patient whose version is still `version`; of several changes to one version, one is made.
/// A change that names no field still makes a new version.
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is no such patient, it has another version, another patient has
/// the number, or the database fails.
pub async fn update(
    tx: &TenantTx,
    id: PatientId,
    version: i64,
    changes: PatientChanges,
) -> Result<Patient, PatientError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let mut refusals = Refusals::default();
    let changes = changes.checked(tx.now(), &mut refusals);
    refusals.none()?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    let mut refusals = Refusals::default();
    let changes = changes.settled(Some(&before), &mut refusals);
    refusals.none()?;
    let patient = records::change::<Entity>(tx, &before, changes.into()).await?;
    terms::renew(tx, &before, &patient).await?;
    Ok(patient)
}

/// Deletes a patient whose version is still `version`, as entered in error.
///
/// # Errors
///
/// When the caller may not, there is no such patient, it has another version, an appointment or a treatment of theirs is
/// not over, or the database fails.
pub async fn delete(
    tx: &TenantTx,
    id: PatientId,
    version: i64,
    reason: &str,
) -> Result<Patient, PatientError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    if open::is_for(tx, id).await? {
        return Err(PatientError::HasAppointments);
    }
    if treatments::is_for(tx, id).await? {
        return Err(PatientError::HasTreatments);
    }
    let patient = records::delete::<Entity>(tx, &before, reason).await?;
    terms::forget(tx, &patient).await?;
    Ok(patient)
}

/// Brings back a deleted patient whose version is still `version`.
///
/// # Errors
///
/// When the caller may not, there is no such deleted patient, it has another version, another patient has its number, or
/// the database fails.
pub async fn restore(tx: &TenantTx, id: PatientId, version: i64) -> Result<Patient, PatientError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let before = records::lock_deleted::<Entity>(tx, id, version).await?;
    let patient = records::restore::<Entity>(tx, &before).await?;
    terms::record(tx, &patient).await?;
    Ok(patient)
}

/// Which field it is that another one has already.
static NUMBER_TAKEN: [InvalidField; 1] = [InvalidField {
    field: Cow::Borrowed("medical_record_number"),
    problem: Cow::Borrowed("is the number of another patient"),
}];

/// Why something could not be done with patients.
#[derive(Debug, thiserror::Error)]
pub enum PatientError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(RecordError),
    /// It is likely that the clinic has the same person already: these, if the caller may see them.
    #[error(
        "a patient who is likely the same is there already; send it again with allowDuplicate=true to record both"
    )]
    LikelyDuplicate(Vec<Duplicate>),
    /// Another patient has the medical record number.
    #[error("another patient has this medical record number")]
    NumberTaken,
    /// Appointments wait for the patient.
    #[error("the patient has appointments that are not over: cancel or delete them first")]
    HasAppointments,
    /// Treatments of the patient are not over.
    #[error("the patient has treatments that are not over: complete, revoke or delete them first")]
    HasTreatments,
}

impl From<RecordError> for PatientError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Database(error) => error.into(),
            error => Self::Record(error),
        }
    }
}

impl From<DbErr> for PatientError {
    fn from(error: DbErr) -> Self {
        if violated_constraint(&error).as_deref() == Some("patients_medical_record_number_key") {
            Self::NumberTaken
        } else {
            Self::Record(error.into())
        }
    }
}

impl Fault for PatientError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
            Self::LikelyDuplicate(_) | Self::NumberTaken | Self::HasAppointments | Self::HasTreatments => {
                FaultKind::Conflict
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::LikelyDuplicate(_) => "LIKELY_DUPLICATE",
            Self::NumberTaken => "MEDICAL_RECORD_NUMBER_TAKEN",
            Self::HasAppointments => "PATIENT_HAS_APPOINTMENTS",
            Self::HasTreatments => "PATIENT_HAS_TREATMENTS",
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Record(error) => error.fields(),
            Self::NumberTaken => &NUMBER_TAKEN,
            _ => &[],
        }
    }

    fn details(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::LikelyDuplicate(likely) => {
                let shown: Vec<_> = likely.iter().map(Duplicate::shown).collect();
                vec![("duplicates", json!(shown))]
            }
            _ => Vec::new(),
        }
    }
}
