//! The rows of `appointments`.

use std::fmt;

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId, UserId};

pub use Model as Appointment;

use crate::patients::PatientId;
use crate::rooms::RoomId;

/// The id of an appointment: version 7, unique within its organization.
pub type AppointmentId = Id<Appointment>;

/// One appointment of one organization, as stored.
///
/// Its `Debug` output holds no personal data.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "appointments")]
pub struct Model {
    /// The organization whose appointment this is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AppointmentId,
    /// Who comes.
    pub patient_id: PatientId,
    /// The member who treats.
    pub practitioner_id: UserId,
    /// The display name that the practitioner had when the appointment was given to them.
    pub practitioner_name: String,
    /// Where.
    pub room_id: Option<RoomId>,
    /// When it begins.
    #[sea_orm(column_name = "starts_at")]
    pub start: OffsetDateTime,
    /// When it ends; at most 24 hours later.
    #[sea_orm(column_name = "ends_at")]
    pub end: OffsetDateTime,
    /// The IANA time zone in which it was agreed.
    pub time_zone: String,
    /// The status, as FHIR names it. A deleted appointment keeps the one that it had.
    pub status: String,
    /// What kind of appointment it is, in the clinic's words.
    pub appointment_type: Option<String>,
    /// Why the patient comes.
    pub reason: Option<String>,
    /// What else there is to say.
    pub comment: Option<String>,
    /// Why it was cancelled.
    pub cancellation_reason: Option<String>,
    /// Why it stands where somebody is taken or away; none where it needed no reason.
    pub overbooking_reason: Option<String>,
    /// The status that it had when a session fulfilled it, to have it again when the session is reopened.
    pub fulfilled_from: Option<String>,
    /// The user who made it.
    pub created_by: UserId,
    /// The display name they had.
    pub created_by_name: String,
    /// 1 for a new appointment, one more with every change.
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
        f.debug_struct("Appointment")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("appointment", "APPOINTMENT_NOT_FOUND", |row| Some(row.patient_id));
