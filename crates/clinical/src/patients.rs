//! Patients: who is treated here.
//!
//! A deleted patient stays in the table, for the clinic must be able to say what it did, but is absent from
//! everything in this module.

mod entity;
mod input;
mod lock;
mod names;
mod queries;
mod words;

use sea_orm::{ActiveValue, DbErr};
use serde_json::json;
use wardkeep_tenancy::{Fault, FaultKind, InvalidField, Permission, TenantTx};

use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::records::{self, RecordError};
use entity::{ActiveModel, Column, Entity};

pub use entity::{Patient, PatientId};
pub use input::{NewPatient, PatientChanges};
pub(crate) use lock::lock_shared;
pub(crate) use names::names;

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

/// The most characters in a search.
const LONGEST_SEARCH: usize = 200;
/// The most words in a search: each one is a subquery.
const MOST_WORDS: usize = 8;

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

/// Which patients to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Beginnings of words of the name, all of which must be there, in any order. Case and marks do not count; a text
    /// without a letter or digit asks for everybody.
    pub search: Option<String>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Records a patient of this organization.
///
/// # Errors
///
/// When the caller may not, a field is not valid, or the database fails.
pub async fn create(tx: &TenantTx, patient: NewPatient) -> Result<Patient, PatientError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let patient = patient.checked(tx.now())?;
    let patient = ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        first_name: ActiveValue::Set(patient.first_name),
        last_name: ActiveValue::Set(patient.last_name),
        email: ActiveValue::Set(patient.email),
        phone: ActiveValue::Set(patient.phone),
        date_of_birth: ActiveValue::Set(patient.date_of_birth),
        medical_history: ActiveValue::Set(patient.medical_history),
        version: ActiveValue::Set(1),
        created_at: ActiveValue::Set(tx.now()),
        updated_at: ActiveValue::Set(tx.now()),
        ..Default::default()
    };
    let patient = records::insert::<Entity>(tx, patient).await?;
    words::record(tx, &patient).await?;
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

/// Lists patients of this organization.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<Patient>, PatientError> {
    tx.require(READ).map_err(RecordError::from)?;
    let prefixes = listing.checked()?;
    let patients = if listing.deleted {
        records::deleted::<Entity>(tx).map_err(RecordError::from)?
    } else {
        records::present::<Entity>(tx)
    };
    let patients = queries::matching(tx, patients, &prefixes);
    let filters = json!({ "search": prefixes, "deleted": listing.deleted });
    let page = paging::page(tx, patients, ORDERS, &filters, &listing.paging).await?;
    audit::record(tx, Event::search("patient", filters)).await?;
    Ok(page)
}

/// Changes a patient whose version is still `version`; of several changes to one version, one is made.
/// A change that names no field still makes a new version.
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is no such patient, it has another version, or the database
/// fails.
pub async fn update(
    tx: &TenantTx,
    id: PatientId,
    version: i64,
    changes: PatientChanges,
) -> Result<Patient, PatientError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let changes = changes.checked(tx.now())?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    let renamed = changes.first_name.is_some() || changes.last_name.is_some();
    let patient = records::change::<Entity>(tx, &before, changes.into()).await?;
    if renamed {
        words::forget(tx, id).await?;
        words::record(tx, &patient).await?;
    }
    Ok(patient)
}

/// Deletes a patient whose version is still `version`, as entered in error.
///
/// # Errors
///
/// When the caller may not, there is no such patient, it has another version, or the database fails.
pub async fn delete(
    tx: &TenantTx,
    id: PatientId,
    version: i64,
    reason: &str,
) -> Result<Patient, PatientError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let before = records::lock::<Entity>(tx, id, version).await?;
    let patient = records::delete::<Entity>(tx, &before, reason).await?;
    words::forget(tx, id).await?;
    Ok(patient)
}

/// Brings back a deleted patient whose version is still `version`.
///
/// # Errors
///
/// When the caller may not, there is no such deleted patient, it has another version, or the database fails.
pub async fn restore(tx: &TenantTx, id: PatientId, version: i64) -> Result<Patient, PatientError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let before = records::lock_deleted::<Entity>(tx, id, version).await?;
    let patient = records::restore::<Entity>(tx, &before).await?;
    words::record(tx, &patient).await?;
    Ok(patient)
}

/// Why something could not be done with patients.
#[derive(Debug, thiserror::Error)]
pub enum PatientError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(RecordError),
}

impl From<RecordError> for PatientError {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl From<DbErr> for PatientError {
    fn from(error: DbErr) -> Self {
        Self::Record(error.into())
    }
}

impl Fault for PatientError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Record(error) => error.fields(),
        }
    }
}

impl Listing {
    /// The prefixes to search for, if the listing is within its limits.
    fn checked(&self) -> Result<Vec<String>, RecordError> {
        let search = self.search.as_deref().unwrap_or_default();
        // Beyond the limit no work is done: taking a text apart takes longer than its length.
        let fits = search.chars().count() <= LONGEST_SEARCH;
        let prefixes = words::prefixes(if fits { search } else { "" });
        let mut refusals = Refusals::default();
        refusals.unless(fits, "search", "must be at most 200 characters long");
        refusals.unless(
            prefixes.len() <= MOST_WORDS,
            "search",
            "must have at most 8 words",
        );
        refusals.none()?;
        Ok(prefixes)
    }
}
