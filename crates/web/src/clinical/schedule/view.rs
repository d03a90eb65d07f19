//! The schedule on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::absences::AbsenceId;
use wardkeep_clinical::appointments::{Appointment, AppointmentId};
use wardkeep_clinical::calendar::Span;
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::rooms::RoomId;
use wardkeep_clinical::schedule::{self, Busy, Calendar, Schedule};
use wardkeep_tenancy::UserId;

use crate::clinical::civil::Day;
use crate::time_format;

/// Some days of a practitioner or a room.
#[derive(Serialize, ToSchema)]
#[schema(as = Schedule)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScheduleView {
    /// The practitioner whose days they are; absent for a room.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = false, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: Option<UserId>,
    /// The room whose days they are; absent for a practitioner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = false)]
    room_id: Option<RoomId>,
    /// The IANA time zone whose days they are.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// The days, in order.
    days: Vec<DayView>,
}

/// A day of the schedule.
#[derive(Serialize, ToSchema)]
#[schema(as = ScheduleDay)]
#[serde(rename_all = "camelCase")]
struct DayView {
    /// Which day.
    #[schema(value_type = String, format = Date, example = "2026-03-02")]
    date: Day,
    /// The midnight at which it begins.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-01T23:00:00.000Z")]
    start: OffsetDateTime,
    /// The midnight at which it ends: 24 hours later, 23 or 25 when the clocks are changed, and at once where the calendar
    /// left the day out.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T23:00:00.000Z")]
    end: OffsetDateTime,
    /// All that takes time on this day, in the order of its start. What goes on past midnight is in both days, as a whole.
    /// The time outside of working hours is not here, nor are appointments that take none: those proposed, cancelled, on
    /// the waiting list, or to which nobody came.
    busy: Vec<BusyView>,
    /// The working hours on this day: all day for a room, and for who has none; nothing for somebody who is no member any
    /// more, and for a room that is not active.
    open: Vec<SpanView>,
    /// When there is time: `open` without what is busy.
    free: Vec<SpanView>,
    /// When the practitioner is away on this day, whatever they are booked for.
    absences: Vec<SpanView>,
}

/// What takes time: an appointment, or an absence.
#[derive(Serialize, ToSchema)]
#[schema(as = ScheduleBusy)]
#[serde(rename_all = "camelCase")]
struct BusyView {
    /// When it begins, perhaps on a day before.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    start: OffsetDateTime,
    /// When it ends, perhaps on a day after.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:30:00.000Z")]
    end: OffsetDateTime,
    /// As FHIR's Slot.status: `busy`; `busy-tentative` for an appointment that is pending; `busy-unavailable` for an absence.
    #[schema(example = "busy")]
    status: &'static str,
    /// The absence, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = false)]
    absence_id: Option<AbsenceId>,
    /// Whether it is an appointment that was put there although something stood in the way.
    overbooked: bool,
    #[serde(flatten)]
    appointment: BookedView,
}

/// What the schedule says of an appointment; nothing of an absence.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = ScheduleAppointment)]
#[serde(rename_all = "camelCase")]
struct BookedView {
    /// The appointment, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = false)]
    appointment_id: Option<AppointmentId>,
    /// Its own status.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "booked")]
    appointment_status: Option<String>,
    /// Its version; the `ETag` for changing it is this number in quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 1)]
    appointment_version: Option<i64>,
    /// What kind of appointment it is, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "check-up")]
    appointment_type: Option<String>,
    /// Who comes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = false)]
    patient_id: Option<PatientId>,
    /// The patient's name, given names first; only for who may see patients.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Ana Brandt")]
    patient_name: Option<String>,
    /// Who treats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = false)]
    practitioner_id: Option<UserId>,
    /// The display name that the practitioner had when the appointment was given to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Ada Byron")]
    practitioner_name: Option<String>,
    /// The room, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = uuid::Uuid, required = false)]
    room_id: Option<RoomId>,
}

/// A stretch of time.
#[derive(Serialize, ToSchema)]
#[schema(as = Span)]
struct SpanView {
    /// Its first instant.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:30:00.000Z")]
    start: OffsetDateTime,
    /// The first instant after it.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T12:00:00.000Z")]
    end: OffsetDateTime,
}

impl From<Schedule> for ScheduleView {
    fn from(schedule: Schedule) -> Self {
        let (practitioner_id, room_id) = match schedule.calendar {
            Calendar::Practitioner(id) => (Some(id), None),
            Calendar::Room(id) => (None, Some(id)),
        };
        Self {
            practitioner_id,
            room_id,
            time_zone: schedule.time_zone,
            days: schedule.days.into_iter().map(DayView::from).collect(),
        }
    }
}

impl From<schedule::Day> for DayView {
    fn from(day: schedule::Day) -> Self {
        let spans = |spans: Vec<Span>| spans.into_iter().map(SpanView::from).collect();
        Self {
            date: Day(day.date),
            start: day.span.start,
            end: day.span.end,
            busy: day.busy.into_iter().map(BusyView::from).collect(),
            open: spans(day.open),
            free: spans(day.free),
            absences: spans(day.absences),
        }
    }
}

impl From<Busy> for BusyView {
    fn from(busy: Busy) -> Self {
        let (span, status) = (busy.span(), busy.status());
        let untold = Self {
            start: span.start,
            end: span.end,
            status,
            absence_id: None,
            overbooked: false,
            appointment: BookedView::default(),
        };
        match busy {
            Busy::Absence(absence) => Self {
                absence_id: Some(absence.id),
                ..untold
            },
            Busy::Appointment(appointment, patient_name) => Self {
                overbooked: appointment.overbooking_reason.is_some(),
                appointment: BookedView::of(*appointment, patient_name),
                ..untold
            },
        }
    }
}

impl BookedView {
    fn of(appointment: Appointment, patient_name: Option<String>) -> Self {
        Self {
            appointment_id: Some(appointment.id),
            appointment_status: Some(appointment.status),
            appointment_version: Some(appointment.version),
            appointment_type: appointment.appointment_type,
            patient_id: Some(appointment.patient_id),
            patient_name,
            practitioner_id: Some(appointment.practitioner_id),
            practitioner_name: Some(appointment.practitioner_name),
            room_id: appointment.room_id,
        }
    }
}

impl From<Span> for SpanView {
    fn from(span: Span) -> Self {
        Self {
            start: span.start,
            end: span.end,
        }
    }
}
