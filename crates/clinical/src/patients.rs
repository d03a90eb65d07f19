//! Patients: who is treated here.
//!
//! A deleted patient stays in the table, for the clinic must be able to say what it did, but is absent from
//! everything in this module.

mod cursor;
mod entity;
mod input;
mod lock;
mod names;
mod queries;
mod words;

use sea_orm::{ActiveModelTrait, ActiveValue, DbErr};
use wardkeep_tenancy::{Denied, Fault, FaultKind, InvalidField, Permission, TenantTx};

use cursor::{Listed, Position};
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

/// The most patients on one page.
pub const LARGEST_PAGE: u64 = 200;
/// The most characters in a search.
const LONGEST_SEARCH: usize = 200;
/// The most words in a search: each one is a subquery.
const MOST_WORDS: usize = 8;

/// What to list, and from where.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Beginnings of words of the name, all of which must be there, in any order. Case and marks do not count; a text
    /// without a letter or digit asks for everybody.
    pub search: Option<String>,
    /// The [`Page::next`] of an earlier page of the same search in the same organization.
    pub cursor: Option<String>,
    /// How many patients at most, from 1 to [`LARGEST_PAGE`].
    pub limit: u64,
    /// Whether to count all patients that match, at the cost of a second statement.
    pub total: bool,
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            search: None,
            cursor: None,
            limit: 50,
            total: false,
        }
    }
}

/// Some patients, in the order of last name, first name and id. The order is that of code points, the same on every server.
#[derive(Clone, Debug)]
pub struct Page {
    /// The patients of this page.
    pub patients: Vec<Patient>,
    /// Where the next page begins; none on the last one.
    pub next: Option<String>,
    /// How many patients match on all pages together, if that was asked.
    pub total: Option<u64>,
}

/// Records a patient of this organization.
///
/// # Errors
///
/// When the caller may not, a field is not valid, or the database fails.
pub async fn create(tx: &TenantTx, patient: NewPatient) -> Result<Patient, PatientError> {
    tx.require(CREATE)?;
    let patient = patient.checked(tx.now())?;
    let patient = entity::ActiveModel {
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
        deleted_at: ActiveValue::Set(None),
    };
    let patient = patient.insert(tx).await?;
    words::record(tx, &patient).await?;
    Ok(patient)
}

/// Returns one patient of this organization.
///
/// # Errors
///
/// When the caller may not, there is no such patient, or the database fails.
pub async fn get(tx: &TenantTx, id: PatientId) -> Result<Patient, PatientError> {
    tx.require(READ)?;
    queries::find(tx, id).await?.ok_or(PatientError::NotFound(id))
}

/// Lists patients of this organization.
///
/// Paging goes by the sort key of the last row seen, so a patient who is there all the while, under one name, is
/// listed exactly once, whatever is recorded or deleted in between.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page, PatientError> {
    tx.require(READ)?;
    let prefixes = listing.checked()?;
    let listed = Listed {
        organization: tx.organization(),
        prefixes: &prefixes,
    };
    let read = |cursor: &String| listed.read(cursor).ok_or(PatientError::InvalidCursor);
    let after = listing.cursor.as_ref().map(read).transpose()?;

    // One row more than asked tells whether there is another page.
    let mut patients = queries::page(tx, &prefixes, after, listing.limit + 1)
        .all(tx)
        .await?;
    let more = patients.len() as u64 > listing.limit;
    patients.truncate(listing.limit as usize);
    let next = patients
        .last()
        .filter(|_| more)
        .map(|last| listed.write(&Position::of(last)));

    let total = if listing.total {
        Some(queries::count(tx, &prefixes).await?)
    } else {
        None
    };
    Ok(Page {
        patients,
        next,
        total,
    })
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
    tx.require(UPDATE)?;
    let changes = changes.checked(tx.now())?;
    let renamed = changes.first_name.is_some() || changes.last_name.is_some();
    let Some(patient) = queries::change(tx, id, version, changes.into()).await? else {
        return Err(missed(tx, id).await?);
    };
    if renamed {
        words::forget(tx, id).await?;
        words::record(tx, &patient).await?;
    }
    Ok(patient)
}

/// Deletes a patient whose version is still `version`: the row stays, and is never seen again through this module.
///
/// # Errors
///
/// When the caller may not, there is no such patient, it has another version, or the database fails.
pub async fn delete(tx: &TenantTx, id: PatientId, version: i64) -> Result<(), PatientError> {
    tx.require(DELETE)?;
    let deletion = entity::ActiveModel {
        deleted_at: ActiveValue::Set(Some(tx.now())),
        ..Default::default()
    };
    if queries::change(tx, id, version, deletion).await?.is_none() {
        return Err(missed(tx, id).await?);
    }
    words::forget(tx, id).await?;
    Ok(())
}

/// Why something could not be done with patients.
#[derive(Debug, thiserror::Error)]
pub enum PatientError {
    /// No role of the caller allows it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such patient in this organization: it never was, was deleted, or is another organization's.
    #[error("there is no patient {0}")]
    NotFound(PatientId),
    /// The patient has changed since the caller last read it; this is the version it has now.
    #[error("the patient has been changed and is now at version {0}")]
    Stale(i64),
    /// Fields were refused; all of them are named.
    #[error("a field is not valid")]
    Invalid(Vec<InvalidField>),
    /// The cursor was not made by this list.
    #[error("the cursor is not one of this list; start again without it")]
    InvalidCursor,
    /// The database failed.
    #[error("the patients could not be reached")]
    Database(#[from] DbErr),
}

impl Fault for PatientError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::NotFound(_) => FaultKind::NotFound,
            Self::Stale(_) => FaultKind::Stale,
            Self::Invalid(_) | Self::InvalidCursor => FaultKind::Invalid,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::NotFound(_) => "PATIENT_NOT_FOUND",
            Self::Stale(_) => "STALE_VERSION",
            Self::Invalid(_) => "INVALID_FIELD",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::Database(error) => error.code(),
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Invalid(fields) => fields,
            _ => &[],
        }
    }
}

impl Listing {
    /// The prefixes to search for, if the listing is within its limits.
    fn checked(&self) -> Result<Vec<String>, PatientError> {
        let search = self.search.as_deref().unwrap_or_default();
        // Beyond the limit no work is done: taking a text apart takes longer than its length.
        let fits = search.chars().count() <= LONGEST_SEARCH;
        let prefixes = words::prefixes(if fits { search } else { "" });
        let mut refusals = Vec::new();
        if !(1..=LARGEST_PAGE).contains(&self.limit) {
            refusals.push(InvalidField::new("limit", "must be from 1 to 200"));
        }
        if !fits {
            refusals.push(InvalidField::new("search", "must be at most 200 characters long"));
        } else if prefixes.len() > MOST_WORDS {
            refusals.push(InvalidField::new("search", "must have at most 8 words"));
        }
        if refusals.is_empty() {
            Ok(prefixes)
        } else {
            Err(PatientError::Invalid(refusals))
        }
    }
}

/// Why a guarded change met no row.
async fn missed(tx: &TenantTx, id: PatientId) -> Result<PatientError, DbErr> {
    let patient = queries::find(tx, id).await?;
    Ok(patient.map_or(PatientError::NotFound(id), |patient| {
        PatientError::Stale(patient.version)
    }))
}
