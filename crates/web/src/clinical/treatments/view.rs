//! A treatment on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::treatments::{Course, Progress, TreatmentId};
use wardkeep_tenancy::UserId;

use crate::clinical::author::AuthorView;
use crate::clinical::civil::Day;
use crate::clinical::coding::Code;
use crate::clinical::deleted::{DeletedView, status};
use crate::time_format;

/// A treatment, and how far it is.
#[derive(Serialize, ToSchema)]
#[schema(as = Treatment)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TreatmentView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: TreatmentId,
    /// Who is treated.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// What the clinic calls it.
    #[schema(example = "Knee after surgery")]
    title: String,
    /// What it is, as others code it.
    #[schema(required)]
    code: Option<Code>,
    /// What is to be reached.
    #[schema(required, example = "bends to 120 degrees without pain")]
    goal: Option<String>,
    /// How many sessions it is planned for.
    #[schema(required, example = 6)]
    planned_sessions: Option<i32>,
    /// Who leads it, by the id of the user. They may have left since.
    #[schema(value_type = uuid::Uuid, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    practitioner_id: UserId,
    /// The name that the practitioner had when the treatment was given to them.
    #[schema(example = "Ada Byron")]
    practitioner_name: String,
    /// The first day.
    #[schema(required, value_type = Option<String>, format = Date, example = "2026-03-02")]
    period_start: Option<Day>,
    /// The last day.
    #[schema(required, value_type = Option<String>, format = Date, example = "2026-05-29")]
    period_end: Option<Day>,
    /// `draft`, `active`, `on-hold`, `completed` or `revoked` (FHIR R4 CarePlan.status); of a deleted one
    /// `entered-in-error`.
    #[schema(example = "active")]
    status: String,
    /// Why it has this status.
    #[schema(required, example = "the patient is travelling")]
    status_reason: Option<String>,
    /// Why it was completed although sessions were open.
    #[schema(required, example = "goes on elsewhere")]
    completion_reason: Option<String>,
    /// How far it is.
    progress: ProgressView,
    /// Who made it.
    created_by: AuthorView,
    /// 1 for a new treatment, one more with every change. The `ETag` is this number in quotes.
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

/// How far a treatment is, by its sessions at the moment.
#[derive(Serialize, ToSchema)]
#[schema(as = Progress)]
#[serde(rename_all = "camelCase")]
struct ProgressView {
    /// How many sessions are planned; null without a plan.
    #[schema(required, example = 6)]
    planned: Option<i32>,
    /// How many are completed.
    #[schema(example = 2)]
    completed: i64,
    /// How many are in preparation or in progress.
    #[schema(example = 1)]
    open: i64,
    /// How many were not done.
    #[schema(example = 0)]
    not_done: i64,
    /// How many were stopped.
    #[schema(example = 0)]
    stopped: i64,
    /// How many of the plan are not completed yet; null without a plan.
    #[schema(required, example = 4)]
    remaining: Option<i64>,
    /// How many have a number past the plan.
    #[schema(example = 0)]
    past_plan: i64,
}

impl From<Progress> for ProgressView {
    fn from(progress: Progress) -> Self {
        Self {
            planned: progress.planned,
            completed: progress.completed,
            open: progress.open,
            not_done: progress.not_done,
            stopped: progress.stopped,
            remaining: progress.remaining,
            past_plan: progress.past_plan,
        }
    }
}

impl From<Course> for TreatmentView {
    fn from(course: Course) -> Self {
        let Course { treatment, progress } = course;
        Self {
            id: treatment.id,
            patient_id: treatment.patient_id,
            title: treatment.title,
            code: treatment.code.map(Code::from),
            goal: treatment.goal,
            planned_sessions: treatment.planned_sessions,
            practitioner_id: treatment.practitioner_id,
            practitioner_name: treatment.practitioner_name,
            period_start: treatment.period_start.map(Day),
            period_end: treatment.period_end.map(Day),
            status: status(treatment.status, treatment.deleted_at),
            status_reason: treatment.status_reason,
            completion_reason: treatment.completion_reason,
            progress: progress.into(),
            created_by: AuthorView {
                id: treatment.created_by,
                name: treatment.created_by_name,
            },
            version: treatment.version,
            created_at: treatment.created_at,
            updated_at: treatment.updated_at,
            deleted: DeletedView::of(treatment.deleted_at, treatment.deletion_reason),
        }
    }
}
