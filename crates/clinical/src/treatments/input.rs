//! What is said of a treatment: its fields and their limits.

use time::Date;
use wardkeep_tenancy::UserId;

use super::entity::Treatment;
use super::status::Status;
use crate::coding::Code;
use crate::fields::Refusals;
use crate::patients::PatientId;
use crate::records::RecordError;
use crate::statuses::Statuses as _;

const TITLE: usize = 200;
const GOAL: usize = 2000;
const REASON: usize = 500;
const SESSIONS: std::ops::RangeInclusive<i32> = 1..=1000;

/// A treatment to make.
#[derive(Clone)]
pub struct NewTreatment {
    /// Who is treated: a patient of the organization.
    pub patient: PatientId,
    /// What the clinic calls it: 1 to 200 characters.
    pub title: String,
    /// What it is, as others code it.
    pub code: Option<Code>,
    /// What is to be reached: at most 2000 characters, in lines.
    pub goal: Option<String>,
    /// How many sessions it is planned for, from 1 to 1000.
    pub planned_sessions: Option<i32>,
    /// Who leads it: a member of the organization.
    pub practitioner: UserId,
    /// The first day, from 1970 to 2199 and not before the patient was born.
    pub period_start: Option<Date>,
    /// The last day, not before the first.
    pub period_end: Option<Date>,
    /// `draft` or `active`; `active` if it is not said.
    pub status: Option<String>,
}

/// What to change of a treatment: an absent field stays as it is, `Some(None)` clears it. The limits are those of
/// [`NewTreatment`].
#[derive(Clone, Default)]
pub struct TreatmentChanges {
    /// Another title.
    pub title: Option<String>,
    /// Another code, or none.
    pub code: Option<Option<Code>>,
    /// Another goal, or none.
    pub goal: Option<Option<String>>,
    /// Another plan, or none.
    pub planned_sessions: Option<Option<i32>>,
    /// Another lead.
    pub practitioner: Option<UserId>,
    /// Another first day, or none.
    pub period_start: Option<Option<Date>>,
    /// Another last day, or none.
    pub period_end: Option<Option<Date>>,
    /// The next status, one that may follow the present one.
    pub status: Option<String>,
    /// Why it has its status, at most 500 characters. Another status has none unless it is given.
    pub status_reason: Option<Option<String>>,
    /// Why it is completed although sessions are open, at most 500 characters; only to complete it. Where none is open, it
    /// is dropped.
    pub completion_reason: Option<String>,
}

impl NewTreatment {
    /// The same with its texts trimmed, and the status.
    pub(super) fn checked(self) -> Result<(Self, Status), RecordError> {
        let mut refusals = Refusals::default();
        let new = Self {
            title: refusals.text("title", &self.title, TITLE),
            code: self.code.map(|code| code.checked("code", &mut refusals)),
            goal: self.goal.map(|text| refusals.lines("goal", &text, GOAL)),
            planned_sessions: self.planned_sessions.map(|plan| planned(&mut refusals, plan)),
            period_start: self.period_start.map(|day| refusals.day("period_start", day)),
            period_end: self.period_end.map(|day| refusals.day("period_end", day)),
            ..self
        };
        period(&mut refusals, new.period_start, new.period_end);
        let status = Status::first(&mut refusals, new.status.as_deref());
        refusals.none()?;
        Ok((new, status))
    }
}

impl TreatmentChanges {
    /// The same with its texts trimmed, and the status if one was given.
    pub(super) fn checked(self) -> Result<(Self, Option<Status>), RecordError> {
        let mut refusals = Refusals::default();
        let changes = Self {
            title: self.title.map(|title| refusals.text("title", &title, TITLE)),
            code: self
                .code
                .map(|code| code.map(|code| code.checked("code", &mut refusals))),
            goal: self
                .goal
                .map(|text| text.map(|text| refusals.lines("goal", &text, GOAL))),
            planned_sessions: self
                .planned_sessions
                .map(|plan| plan.map(|plan| planned(&mut refusals, plan))),
            period_start: self
                .period_start
                .map(|day| day.map(|day| refusals.day("period_start", day))),
            period_end: self
                .period_end
                .map(|day| day.map(|day| refusals.day("period_end", day))),
            status_reason: self
                .status_reason
                .map(|text| text.map(|text| refusals.text("status_reason", &text, REASON))),
            completion_reason: self
                .completion_reason
                .map(|text| refusals.text("completion_reason", &text, REASON)),
            ..self
        };
        let status = changes
            .status
            .as_deref()
            .map(|name| Status::next(&mut refusals, name));
        refusals.none()?;
        Ok((changes, status))
    }

    /// The treatment as it is to be, when it was one status and is to be another. Why it is completed is settled elsewhere.
    pub(super) fn applied_to(
        self,
        before: &Treatment,
        (was, is): (Status, Status),
    ) -> Result<Treatment, RecordError> {
        let before = before.clone();
        let kept = before.status_reason.filter(|_| is == was);
        let after = Treatment {
            title: self.title.unwrap_or(before.title),
            code: self.code.unwrap_or(before.code),
            goal: self.goal.unwrap_or(before.goal),
            planned_sessions: self.planned_sessions.unwrap_or(before.planned_sessions),
            practitioner_id: self.practitioner.unwrap_or(before.practitioner_id),
            period_start: self.period_start.unwrap_or(before.period_start),
            period_end: self.period_end.unwrap_or(before.period_end),
            status: is.name().to_owned(),
            status_reason: self.status_reason.unwrap_or(kept),
            completion_reason: before.completion_reason.filter(|_| is == was),
            ..before
        };
        let mut refusals = Refusals::default();
        period(&mut refusals, after.period_start, after.period_end);
        refusals.unless(
            self.completion_reason.is_none() || is.completes(was),
            "completion_reason",
            "is only for completing the treatment",
        );
        refusals.none()?;
        Ok(after)
    }
}

fn planned(refusals: &mut Refusals, sessions: i32) -> i32 {
    refusals.unless(
        SESSIONS.contains(&sessions),
        "planned_sessions",
        "must be from 1 to 1000",
    );
    sessions
}

fn period(refusals: &mut Refusals, start: Option<Date>, end: Option<Date>) {
    let backwards = start.zip(end).is_some_and(|(start, end)| end < start);
    refusals.unless(!backwards, "period_end", "must not be before the start");
}
