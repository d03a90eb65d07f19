//! The rows of `treatment_sessions`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId, UserId};

use crate::appointments::AppointmentId;
use crate::patients::PatientId;
use crate::quantities::Measures;
use crate::treatments::TreatmentId;

pub use Model as TreatmentSession;

/// The id of a session: version 7, unique within its organization.
pub type TreatmentSessionId = Id<TreatmentSession>;

/// A session of a treatment, as stored (FHIR R4 Procedure).
///
/// Its `Debug` output holds nothing of a patient, so that it cannot get into a log by accident.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "treatment_sessions")]
pub struct Model {
    /// The organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TreatmentSessionId,
    /// Who is treated: the patient of both the treatment and the appointment.
    pub patient_id: PatientId,
    /// The treatment that it belongs to.
    pub treatment_id: TreatmentId,
    /// The appointment in which it takes place.
    pub appointment_id: AppointmentId,
    /// The practitioner who performs it, by the id of the user.
    pub performer_id: UserId,
    /// The display name they had when it was given to them.
    pub performer_name: String,
    /// Which one of the treatment it is, from 1. Unique in the treatment among sessions that are not deleted.
    pub number: i32,
    /// When it began.
    #[sea_orm(column_name = "starts_at")]
    pub start: Option<OffsetDateTime>,
    /// When it ended.
    #[sea_orm(column_name = "ends_at")]
    pub end: Option<OffsetDateTime>,
    /// What came of it.
    pub outcome: Option<String>,
    /// What was measured.
    pub measures: Measures,
    /// `preparation`, `in-progress`, `completed`, `not-done` or `stopped`.
    pub status: String,
    /// Why it was not done or stopped.
    pub status_reason: Option<String>,
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
        f.debug_struct("TreatmentSession")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("treatmentSession", "TREATMENT_SESSION_NOT_FOUND", |row| Some(
    row.patient_id
));
