//! The rows of `patients`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::{Date, OffsetDateTime};
use wardkeep_tenancy::{Id, OrganizationId, OrganizationOwned};

pub use Model as Patient;

/// The id of a patient: version 7, unique within its organization.
pub type PatientId = Id<Patient>;

/// One patient of one organization, as stored.
///
/// Its `Debug` output holds no personal data, so that a patient cannot get into a log by accident.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "patients")]
pub struct Model {
    /// The organization whose patient this is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PatientId,
    /// Given names, as written by the clinic.
    pub first_name: String,
    /// Family names, as written by the clinic.
    pub last_name: String,
    /// An address to write to. Nobody has proved that it is the patient's.
    pub email: Option<String>,
    /// A number to call, as written by the clinic.
    pub phone: Option<String>,
    /// The day of birth.
    pub date_of_birth: Option<Date>,
    /// A JSON object of the clinic's own making.
    pub medical_history: Option<Json>,
    /// 1 for a new patient, one more with every change.
    pub version: i64,
    /// When the patient was recorded.
    pub created_at: OffsetDateTime,
    /// When the patient was last changed.
    pub updated_at: OffsetDateTime,
    /// Always empty in what this crate returns: a deleted patient is absent.
    pub deleted_at: Option<OffsetDateTime>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patient")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl OrganizationOwned for Entity {
    fn organization_column() -> Column {
        Column::OrganizationId
    }
}
