//! An appointment on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::appointments::{Appointment, AppointmentId};
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::rooms::RoomId;
use wardkeep_tenancy::UserId;

use crate::clinical::author::AuthorView;
use crate::clinical::deleted::{DeletedView, status};
use crate::time_format;

/// An appointment.
#[derive(Serialize, ToSchema)]
#[schema(as = Appointment)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppointmentView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: AppointmentId,
    /// Who comes.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// The member who treats, by the id of the user. They may have left since.
    #[schema(value_type = uuid::Uuid, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    practitioner_id: UserId,
    /// The name that the practitioner had when the appointment was given to them.
    #[schema(example = "Ada Byron")]
    practitioner_name: String,
    /// Where.
    #[schema(required, value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4f")]
    room_id: Option<RoomId>,
    /// When it begins.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-09T09:00:00.000Z")]
    start: OffsetDateTime,
    /// When it ends.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-09T09:30:00.000Z")]
    end: OffsetDateTime,
    /// The IANA time zone in which it was agreed.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// `proposed`, `pending`, `waitlist`, `booked`, `arrived`, `checked-in`, `fulfilled`, `noshow` or `cancelled` (FHIR R4
    /// Appointment.status); of a deleted one `entered-in-error`.
    #[schema(example = "booked")]
    status: String,
    /// What kind of appointment it is.
    #[schema(required, example = "check-up")]
    appointment_type: Option<String>,
    /// Why the patient comes.
    #[schema(required, example = "pain in the left knee")]
    reason: Option<String>,
    /// What else there is to say.
    #[schema(required, example = "brings the X-rays")]
    comment: Option<String>,
    /// Why it was cancelled.
    #[schema(required, example = "the patient is ill")]
    cancellation_reason: Option<String>,
    /// Whether something stood in the way, and somebody who may booked all the same.
    #[schema(example = false)]
    overbooked: bool,
    /// Why they did.
    #[schema(required, example = "an emergency")]
    overbooking_reason: Option<String>,
    /// Who made it.
    created_by: AuthorView,
    /// 1 for a new appointment, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 1)]
    version: i64,
    /// When it was made.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
    #[serde(flatten)]
    deleted: DeletedView,
}

impl From<Appointment> for AppointmentView {
    fn from(appointment: Appointment) -> Self {
        Self {
            id: appointment.id,
            patient_id: appointment.patient_id,
            practitioner_id: appointment.practitioner_id,
            practitioner_name: appointment.practitioner_name,
            room_id: appointment.room_id,
            start: appointment.start,
            end: appointment.end,
            time_zone: appointment.time_zone,
            status: status(appointment.status, appointment.deleted_at),
            appointment_type: appointment.appointment_type,
            reason: appointment.reason,
            comment: appointment.comment,
            cancellation_reason: appointment.cancellation_reason,
            overbooked: appointment.overbooking_reason.is_some(),
            overbooking_reason: appointment.overbooking_reason,
            created_by: AuthorView {
                id: appointment.created_by,
                name: appointment.created_by_name,
            },
            version: appointment.version,
            created_at: appointment.created_at,
            updated_at: appointment.updated_at,
            deleted: DeletedView::of(appointment.deleted_at, appointment.deletion_reason),
        }
    }
}
