//! What is said of a session: its fields and their limits.

use time::OffsetDateTime;
use wardkeep_tenancy::UserId;

use super::entity::TreatmentSession;
use super::status::Status;
use crate::appointments::AppointmentId;
use crate::fields::Refusals;
use crate::quantities::{Measure, Measures};
use crate::records::RecordError;
use crate::statuses::Statuses as _;
use crate::treatments::TreatmentId;

const OUTCOME: usize = 2000;
const REASON: usize = 500;
const MEASURES: usize = 50;
const NUMBERS: std::ops::RangeInclusive<i32> = 1..=10_000;

/// A session to make. Instants are from 1970 on, not in the future, and cut to milliseconds.
#[derive(Clone)]
pub struct NewSession {
    /// The treatment that it belongs to.
    pub treatment: TreatmentId,
    /// The appointment in which it takes place, of the same patient.
    pub appointment: AppointmentId,
    /// Who performs it: a member of the organization; the practitioner of the appointment if it is not said.
    pub performer: Option<UserId>,
    /// Which one of the treatment it is, from 1 to 10,000; the next one if it is not said.
    pub number: Option<i32>,
    /// When it began. A session that is made in progress began now, if it is not said; one that is made completed with its
    /// appointment.
    pub start: Option<OffsetDateTime>,
    /// When it ended, not before the start. A session that is made completed has ended now, if it is not said.
    pub end: Option<OffsetDateTime>,
    /// What came of it: at most 2000 characters, in lines.
    pub outcome: Option<String>,
    /// What was measured: at most 50.
    pub measures: Vec<Measure>,
    /// `preparation`, `in-progress` or `completed`; `preparation` if it is not said.
    pub status: Option<String>,
}

/// What to change of a session: an absent field stays as it is, `Some(None)` clears it. The limits are those of
/// [`NewSession`].
#[derive(Clone, Default)]
pub struct SessionChanges {
    /// Another treatment.
    pub treatment: Option<TreatmentId>,
    /// Another appointment.
    pub appointment: Option<AppointmentId>,
    /// Another performer.
    pub performer: Option<UserId>,
    /// Another number.
    pub number: Option<i32>,
    /// Another beginning, or none.
    pub start: Option<Option<OffsetDateTime>>,
    /// Another end, or none.
    pub end: Option<Option<OffsetDateTime>>,
    /// Another outcome, or none.
    pub outcome: Option<Option<String>>,
    /// All that was measured.
    pub measures: Option<Vec<Measure>>,
    /// The next status, one that may follow the present one.
    pub status: Option<String>,
    /// Why it has its status, at most 500 characters. Another status has none unless it is given.
    pub status_reason: Option<Option<String>>,
}

impl NewSession {
    /// The same with its texts trimmed, and the status.
    pub(super) fn checked(self) -> Result<(Self, Status), RecordError> {
        let mut refusals = Refusals::default();
        let new = Self {
            number: self.number.map(|number| numbered(&mut refusals, number)),
            start: self.start.map(|start| refusals.instant("start", start)),
            end: self.end.map(|end| refusals.instant("end", end)),
            outcome: self.outcome.map(|text| refusals.lines("outcome", &text, OUTCOME)),
            measures: measured(&mut refusals, self.measures),
            ..self
        };
        let status = Status::first(&mut refusals, new.status.as_deref());
        refusals.none()?;
        Ok((new, status))
    }
}

impl SessionChanges {
    /// The same with its texts trimmed, and the status if one was given.
    pub(super) fn checked(self) -> Result<(Self, Option<Status>), RecordError> {
        let mut refusals = Refusals::default();
        let changes = Self {
            number: self.number.map(|number| numbered(&mut refusals, number)),
            start: self
                .start
                .map(|start| start.map(|start| refusals.instant("start", start))),
            end: self.end.map(|end| end.map(|end| refusals.instant("end", end))),
            outcome: self
                .outcome
                .map(|text| text.map(|text| refusals.lines("outcome", &text, OUTCOME))),
            measures: self.measures.map(|measures| measured(&mut refusals, measures)),
            status_reason: self
                .status_reason
                .map(|text| text.map(|text| refusals.text("status_reason", &text, REASON))),
            ..self
        };
        let status = changes
            .status
            .as_deref()
            .map(|name| Status::next(&mut refusals, name));
        refusals.none()?;
        Ok((changes, status))
    }

    /// The session as it is to be, when it was one status and is to be another. Whether it may be so depends on what it
    /// refers to.
    pub(super) fn applied_to(
        self,
        before: &TreatmentSession,
        (was, is): (Status, Status),
    ) -> TreatmentSession {
        let before = before.clone();
        let kept = before.status_reason.filter(|_| is == was);
        // What goes on again has not ended.
        let ended = before.end.filter(|_| is == was || is != Status::InProgress);
        TreatmentSession {
            treatment_id: self.treatment.unwrap_or(before.treatment_id),
            appointment_id: self.appointment.unwrap_or(before.appointment_id),
            performer_id: self.performer.unwrap_or(before.performer_id),
            number: self.number.unwrap_or(before.number),
            start: self.start.unwrap_or(before.start),
            end: self.end.unwrap_or(ended),
            outcome: self.outcome.unwrap_or(before.outcome),
            measures: self.measures.map_or(before.measures, Measures),
            status: is.name().to_owned(),
            status_reason: self.status_reason.unwrap_or(kept),
            ..before
        }
    }
}

fn numbered(refusals: &mut Refusals, number: i32) -> i32 {
    refusals.unless(NUMBERS.contains(&number), "number", "must be from 1 to 10000");
    number
}

fn measured(refusals: &mut Refusals, measures: Vec<Measure>) -> Vec<Measure> {
    refusals.unless(
        measures.len() <= MEASURES,
        "measures",
        format!("must be at most {MEASURES}"),
    );
    let measures = measures.into_iter().take(MEASURES).enumerate();
    let measures = measures.map(|(index, measure)| measure.checked(&format!("measures.{index}"), refusals));
    measures.collect()
}
