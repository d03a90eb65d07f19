//! `PATCH /api/v1/appointments/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::appointments::{self, Appointment, AppointmentChanges};
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::rooms::RoomId;
use wardkeep_tenancy::UserId;

use super::view::AppointmentView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::patch::{given, given_time};
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of an appointment. A field that is absent stays as it is; `null` clears one that may be empty.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateAppointment {
    /// Who comes: a patient of the organization.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: Option<PatientId>,
    /// Who treats: a member of the organization, by the id of the user.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<uuid::Uuid>, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    practitioner_id: Option<UserId>,
    /// Where: a room that can be booked.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4f")]
    room_id: Option<Option<RoomId>>,
    /// When it begins, with an offset, from 1970 to 2199. The end stays where it is, unless it is given too.
    #[serde(default, deserialize_with = "given_time")]
    #[schema(nullable = false, example = "2026-03-09T11:00:00+01:00")]
    start: Option<OffsetDateTime>,
    /// When it ends, after the start and at most 24 hours later.
    #[serde(default, deserialize_with = "given_time")]
    #[schema(nullable = false, example = "2026-03-09T11:30:00+01:00")]
    end: Option<OffsetDateTime>,
    /// The IANA time zone in which it is agreed. Start and end stay the instants that they are.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 64, example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// The next status. `STATUS_NOT_ALLOWED` says which ones may follow. `entered-in-error` is set by deleting.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        nullable = false,
        pattern = "^(proposed|pending|waitlist|booked|arrived|checked-in|fulfilled|cancelled|noshow)$",
        example = "cancelled"
    )]
    status: Option<String>,
    /// What kind of appointment it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "check-up")]
    appointment_type: Option<Option<String>>,
    /// Why the patient comes.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "pain in both knees")]
    reason: Option<Option<String>>,
    /// What else there is to say.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000, example = "brings the X-rays")]
    comment: Option<Option<String>>,
    /// Why it is cancelled: must be there with the status `cancelled`, and with no other.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "the patient is ill")]
    cancellation_reason: Option<Option<String>>,
    /// Why it goes where something stands in the way; that takes the right to overbook. Where nothing does, it is dropped.
    /// A reason of before does not count for another time, practitioner or room.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "an emergency")]
    overbooking_reason: Option<Option<String>>,
}

/// Changes an appointment, if nobody else has since it was read: moves it, hands it on, gives it its next status, cancels
/// it with a reason. Patient, practitioner, room, start and end of one that is over (`fulfilled`, `noshow`, `cancelled`)
/// stay as they are. `SLOT_TAKEN` says what stands in the way, and the next three times at which nothing does.
#[utoipa::path(
    tag = "appointments",
    operation_id = "updateAppointment",
    params(("id" = Uuid, Path, description = "The appointment."), OfVersion, InOrganization),
    request_body = UpdateAppointment,
    responses(
        (status = 200, description = "The appointment, as changed.", body = AppointmentView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`APPOINTMENT_NOT_FOUND`"),
        (status = 409, description = "`SLOT_TAKEN`, `STATUS_NOT_ALLOWED`, `APPOINTMENT_CLOSED`, `APPOINTMENT_HAS_SESSIONS`"),
    ),
)]
#[patch("/appointments/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<Appointment>,
        IfMatch,
        JsonBody<UpdateAppointment>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let appointment = appointments::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(appointment.version))
        .json(AppointmentView::from(appointment)))
}

impl From<UpdateAppointment> for AppointmentChanges {
    fn from(changes: UpdateAppointment) -> Self {
        Self {
            patient: changes.patient_id,
            practitioner: changes.practitioner_id,
            room: changes.room_id,
            start: changes.start,
            end: changes.end,
            time_zone: changes.time_zone,
            status: changes.status,
            appointment_type: changes.appointment_type,
            reason: changes.reason,
            comment: changes.comment,
            cancellation_reason: changes.cancellation_reason,
            overbooking_reason: changes.overbooking_reason,
        }
    }
}
