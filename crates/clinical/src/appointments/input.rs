//! What is said of an appointment: its fields and their limits.

use time::OffsetDateTime;
use wardkeep_tenancy::UserId;

use super::busy::LONGEST;
use super::entity::Appointment;
use super::status::Status;
use crate::calendar::zones;
use crate::fields::Refusals;
use crate::patients::PatientId;
use crate::records::RecordError;
use crate::rooms::RoomId;
use crate::statuses::Statuses as _;

const APPOINTMENT_TYPE: usize = 100;
const REASON: usize = 500;
const COMMENT: usize = 2000;

/// An appointment to make. Instants are cut to milliseconds.
#[derive(Clone)]
pub struct NewAppointment {
    /// Who comes: a patient of the organization.
    pub patient: PatientId,
    /// Who treats: a member of the organization.
    pub practitioner: UserId,
    /// Where: a room that can be booked.
    pub room: Option<RoomId>,
    /// When it begins, from 1970 to 2199.
    pub start: OffsetDateTime,
    /// When it ends, after the start and at most 24 hours later.
    pub end: OffsetDateTime,
    /// The IANA time zone in which it is agreed, in any case.
    pub time_zone: String,
    /// `proposed`, `pending`, `waitlist`, `booked` or `arrived`; `booked` if it is not said.
    pub status: Option<String>,
    /// At most 100 characters.
    pub appointment_type: Option<String>,
    /// At most 500 characters.
    pub reason: Option<String>,
    /// At most 2000 characters, in lines.
    pub comment: Option<String>,
    /// Why it is made although something stands in the way, at most 500 characters. Where nothing does, it is dropped.
    pub overbooking_reason: Option<String>,
}

/// What to change of an appointment: an absent field stays as it is, `Some(None)` clears it. The limits are those of
/// [`NewAppointment`].
#[derive(Clone, Default)]
pub struct AppointmentChanges {
    /// Another patient.
    pub patient: Option<PatientId>,
    /// Another practitioner.
    pub practitioner: Option<UserId>,
    /// Another room, or none.
    pub room: Option<Option<RoomId>>,
    /// Another beginning.
    pub start: Option<OffsetDateTime>,
    /// Another end.
    pub end: Option<OffsetDateTime>,
    /// Another time zone. The instants stay.
    pub time_zone: Option<String>,
    /// The next status, one that may follow the present one.
    pub status: Option<String>,
    /// Another type, or none.
    pub appointment_type: Option<Option<String>>,
    /// Another reason, or none.
    pub reason: Option<Option<String>>,
    /// Another comment, or none.
    pub comment: Option<Option<String>>,
    /// Why it is cancelled, at most 500 characters: with the status `cancelled`, and with no other.
    pub cancellation_reason: Option<Option<String>>,
    /// Why it stays or goes where something stands in the way. Given at all, it makes the booking look again.
    pub overbooking_reason: Option<Option<String>>,
}

impl NewAppointment {
    /// The same with its texts trimmed, and the status.
    pub(super) fn checked(self) -> Result<(Self, Status), RecordError> {
        let mut refusals = Refusals::default();
        let start = refusals.instant("start", self.start);
        let end = refusals.instant("end", self.end);
        period(&mut refusals, start, end);
        let new = Self {
            start,
            end,
            time_zone: zones::name(&refusals.time_zone("time_zone", &self.time_zone)),
            appointment_type: self
                .appointment_type
                .map(|text| refusals.text("appointment_type", &text, APPOINTMENT_TYPE)),
            reason: self.reason.map(|text| refusals.text("reason", &text, REASON)),
            comment: self.comment.map(|text| refusals.lines("comment", &text, COMMENT)),
            overbooking_reason: self
                .overbooking_reason
                .map(|text| refusals.text("overbooking_reason", &text, REASON)),
            ..self
        };
        let status = Status::first(&mut refusals, new.status.as_deref());
        refusals.none()?;
        Ok((new, status))
    }
}

impl AppointmentChanges {
    /// The same with its texts trimmed, and the status if one was given.
    pub(super) fn checked(self) -> Result<(Self, Option<Status>), RecordError> {
        let mut refusals = Refusals::default();
        let changes = Self {
            start: self.start.map(|start| refusals.instant("start", start)),
            end: self.end.map(|end| refusals.instant("end", end)),
            time_zone: self
                .time_zone
                .map(|name| zones::name(&refusals.time_zone("time_zone", &name))),
            appointment_type: self
                .appointment_type
                .map(|text| text.map(|text| refusals.text("appointment_type", &text, APPOINTMENT_TYPE))),
            reason: self
                .reason
                .map(|text| text.map(|text| refusals.text("reason", &text, REASON))),
            comment: self
                .comment
                .map(|text| text.map(|text| refusals.lines("comment", &text, COMMENT))),
            cancellation_reason: self
                .cancellation_reason
                .map(|text| text.map(|text| refusals.text("cancellation_reason", &text, REASON))),
            overbooking_reason: self
                .overbooking_reason
                .map(|text| text.map(|text| refusals.text("overbooking_reason", &text, REASON))),
            ..self
        };
        let status = changes
            .status
            .as_deref()
            .map(|name| Status::next(&mut refusals, name));
        refusals.none()?;
        Ok((changes, status))
    }

    /// The appointment as it is to be. Whether it may be so depends on what it was.
    pub(super) fn applied_to(self, before: &Appointment) -> Result<Appointment, RecordError> {
        let before = before.clone();
        let mut after = Appointment {
            patient_id: self.patient.unwrap_or(before.patient_id),
            practitioner_id: self.practitioner.unwrap_or(before.practitioner_id),
            room_id: self.room.unwrap_or(before.room_id),
            start: self.start.unwrap_or(before.start),
            end: self.end.unwrap_or(before.end),
            time_zone: self.time_zone.unwrap_or(before.time_zone),
            status: self.status.unwrap_or(before.status),
            appointment_type: self.appointment_type.unwrap_or(before.appointment_type),
            reason: self.reason.unwrap_or(before.reason),
            comment: self.comment.unwrap_or(before.comment),
            cancellation_reason: self.cancellation_reason.unwrap_or(before.cancellation_reason),
            ..before
        };
        if after.status != Status::Fulfilled.as_str() {
            after.fulfilled_from = None;
        }
        let mut refusals = Refusals::default();
        period(&mut refusals, after.start, after.end);
        let cancelled = after.status == Status::Cancelled.as_str();
        refusals.unless(
            cancelled || after.cancellation_reason.is_none(),
            "cancellation_reason",
            "is only for the status cancelled",
        );
        refusals.unless(
            !cancelled || after.cancellation_reason.is_some(),
            "cancellation_reason",
            "must say why it is cancelled",
        );
        refusals.none()?;
        Ok(after)
    }
}

fn period(refusals: &mut Refusals, start: OffsetDateTime, end: OffsetDateTime) {
    refusals.unless(end > start, "end", "must be after the start");
    refusals.unless(
        end - start <= LONGEST,
        "end",
        "must be at most 24 hours after the start",
    );
}
