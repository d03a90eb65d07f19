//! The rows of `treatments`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::{Date, OffsetDateTime};
use wardkeep_tenancy::{Id, OrganizationId, UserId};

use crate::coding::Code;
use crate::patients::PatientId;

pub use Model as Treatment;

/// The id of a treatment: version 7, unique within its organization.
pub type TreatmentId = Id<Treatment>;

/// A course of treatment, as stored (FHIR R4 CarePlan).
///
/// Its `Debug` output holds nothing of a patient, so that it cannot get into a log by accident.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "treatments")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TreatmentId,
    /// Who is treated.
    pub patient_id: PatientId,
    /// What the clinic calls it.
    pub title: String,
    /// What it is, as others code it.
    pub code: Option<Code>,
    /// What is to be reached.
    pub goal: Option<String>,
    /// How many sessions it is planned for.
    pub planned_sessions: Option<i32>,
    /// The practitioner who leads it, by the id of the user.
    pub practitioner_id: UserId,
    /// The display name they had when it was given to them.
    pub practitioner_name: String,
    /// The first day.
    pub period_start: Option<Date>,
    /// The last day.
    pub period_end: Option<Date>,
    /// `draft`, `active`, `on-hold`, `completed` or `revoked`.
    pub status: String,
    /// Why it has this status.
    pub status_reason: Option<String>,
    /// Why it was completed although sessions were open.
    pub completion_reason: Option<String>,
    /// The user who made it.
    pub created_by: UserId,
    /// The display name they had.
    pub created_by_name: String,
    /// 1 for a new one, one more with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it was last changed.
    pub updated_at: OffsetDateTime,
    /// When it was deleted.
    pub deleted_at: Option<OffsetDateTime>,
    /// Why it was deleted.
    pub deletion_reason: Option<String>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Treatment")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("treatment", "TREATMENT_NOT_FOUND", |row| Some(row.patient_id));
