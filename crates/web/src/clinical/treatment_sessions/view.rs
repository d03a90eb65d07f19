//! A session on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::appointments::AppointmentId;
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::treatment_sessions::{PlannedSession, TreatmentSessionId};
use wardkeep_clinical::treatments::TreatmentId;
use wardkeep_tenancy::UserId;

use crate::clinical::author::AuthorView;
use crate::clinical::coding::Measure;
use crate::clinical::deleted::{DeletedView, status};
use crate::time_format;

/// A session of a treatment.
#[derive(Serialize, ToSchema)]
#[schema(as = TreatmentSession)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: TreatmentSessionId,
    /// The treatment that it belongs to.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c50")]
    treatment_id: TreatmentId,
    /// The appointment in which it takes place.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c51")]
    appointment_id: AppointmentId,
    /// Who is treated: the patient of both.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// Who performs it, by the id of the user. They may have left since.
    #[schema(value_type = uuid::Uuid, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    performer_id: UserId,
    /// The name that the performer had when the session was given to them.
    #[schema(example = "Ada Byron")]
    performer_name: String,
    /// Which one of the treatment it is.
    #[schema(example = 3)]
    number: i32,
    /// Whether that is more than the treatment is planned for.
    #[schema(example = false)]
    past_plan: bool,
    /// When it began.
    #[serde(with = "time_format::option")]
    #[schema(required, example = "2026-03-02T08:05:00.000Z")]
    start: Option<OffsetDateTime>,
    /// When it ended.
    #[serde(with = "time_format::option")]
    #[schema(required, example = "2026-03-02T08:35:00.000Z")]
    end: Option<OffsetDateTime>,
    /// What came of it.
    #[schema(required, example = "bends to 105 degrees")]
    outcome: Option<String>,
    /// What was measured.
    measures: Vec<Measure>,
    /// `preparation`, `in-progress`, `completed`, `not-done` or `stopped` (FHIR R4 Procedure.status); of a deleted one
    /// `entered-in-error`.
    #[schema(example = "completed")]
    status: String,
    /// Why it has this status.
    #[schema(required, example = "the patient came late")]
    status_reason: Option<String>,
    /// Who made it.
    created_by: AuthorView,
    /// 1 for a new session, one more with every change. The `ETag` is this number in quotes.
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

impl From<PlannedSession> for SessionView {
    fn from(planned: PlannedSession) -> Self {
        let PlannedSession { session, past_plan } = planned;
        Self {
            id: session.id,
            treatment_id: session.treatment_id,
            appointment_id: session.appointment_id,
            patient_id: session.patient_id,
            performer_id: session.performer_id,
            performer_name: session.performer_name,
            number: session.number,
            past_plan,
            start: session.start,
            end: session.end,
            outcome: session.outcome,
            measures: session.measures.0.into_iter().map(Measure::from).collect(),
            status: status(session.status, session.deleted_at),
            status_reason: session.status_reason,
            created_by: AuthorView {
                id: session.created_by,
                name: session.created_by_name,
            },
            version: session.version,
            created_at: session.created_at,
            updated_at: session.updated_at,
            deleted: DeletedView::of(session.deleted_at, session.deletion_reason),
        }
    }
}
