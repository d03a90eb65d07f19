//! `POST /api/v1/appointments`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::appointments::{self, NewAppointment};
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::rooms::RoomId;
use wardkeep_tenancy::UserId;

use super::view::AppointmentView;
use crate::clinical::InOrganization;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::error::ApiResult;
use crate::{InOrder, Tenant, time_format};

/// An appointment to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateAppointment {
    /// Who comes: a patient of the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// Who treats: a member of the organization, by the id of the user.
    #[schema(value_type = uuid::Uuid, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    practitioner_id: UserId,
    /// Where: a room that can be booked.
    #[schema(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4f")]
    room_id: Option<RoomId>,
    /// When it begins, with an offset, from 1970 to 2199. Kept to the millisecond.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-09T10:00:00+01:00")]
    start: OffsetDateTime,
    /// When it ends, after the start and at most 24 hours later.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-09T10:30:00+01:00")]
    end: OffsetDateTime,
    /// The IANA time zone in which it is agreed.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    time_zone: String,
    /// `proposed`, `pending`, `waitlist`, `booked` or `arrived`. `proposed` and `waitlist` take nobody's time.
    #[schema(
        pattern = "^(proposed|pending|waitlist|booked|arrived)$",
        default = "booked",
        example = "booked"
    )]
    status: Option<String>,
    /// What kind of appointment it is.
    #[schema(min_length = 1, max_length = 100, example = "check-up")]
    appointment_type: Option<String>,
    /// Why the patient comes.
    #[schema(min_length = 1, max_length = 500, example = "pain in the left knee")]
    reason: Option<String>,
    /// What else there is to say.
    #[schema(min_length = 1, max_length = 2000, example = "brings the X-rays")]
    comment: Option<String>,
    /// Why it is made although something stands in the way; that takes the right to overbook. Where nothing does, it is
    /// dropped.
    #[schema(min_length = 1, max_length = 500, example = "an emergency")]
    overbooking_reason: Option<String>,
}

/// Makes an appointment, if practitioner and room are free, the practitioner works then and is not away. `SLOT_TAKEN` says
/// what stands in the way (`clashes`) and the next three times of the same length, within 28 days, at which nothing does
/// (`freeSlots`).
#[utoipa::path(
    tag = "appointments",
    operation_id = "createAppointment",
    params(Repeatable, InOrganization),
    request_body = CreateAppointment,
    responses(
        (status = 201, description = "The appointment, as made.", body = AppointmentView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the appointment."),
            )),
        (status = 409, description = "`SLOT_TAKEN`"),
    ),
)]
#[post("/appointments")]
pub(super) async fn create(
    InOrder((tenant, appointment)): InOrder<(Tenant, Creation<CreateAppointment>)>,
) -> ApiResult<HttpResponse> {
    appointment
        .make(&tenant, appointments::CREATE, async |tx, appointment| {
            let appointment = appointments::create(tx, appointment.into()).await?;
            Ok(Created {
                location: format!("/api/v1/appointments/{}", appointment.id),
                version: appointment.version,
                view: AppointmentView::from(appointment),
            })
        })
        .await
}

impl From<CreateAppointment> for NewAppointment {
    fn from(appointment: CreateAppointment) -> Self {
        Self {
            patient: appointment.patient_id,
            practitioner: appointment.practitioner_id,
            room: appointment.room_id,
            start: appointment.start,
            end: appointment.end,
            time_zone: appointment.time_zone,
            status: appointment.status,
            appointment_type: appointment.appointment_type,
            reason: appointment.reason,
            comment: appointment.comment,
            overbooking_reason: appointment.overbooking_reason,
        }
    }
}
