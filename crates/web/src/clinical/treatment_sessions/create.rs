//! `POST /api/v1/treatment-sessions`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::appointments::AppointmentId;
use wardkeep_clinical::treatment_sessions::{self, NewSession};
use wardkeep_clinical::treatments::TreatmentId;
use wardkeep_tenancy::UserId;

use super::view::SessionView;
use crate::clinical::InOrganization;
use crate::clinical::coding::Measure;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::clinical::object::Object;
use crate::error::ApiResult;
use crate::{InOrder, Tenant, time_format};

/// A session to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTreatmentSession {
    /// The treatment that it belongs to.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c50")]
    treatment_id: TreatmentId,
    /// The appointment in which it takes place, of the same patient.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c51")]
    appointment_id: AppointmentId,
    /// Who performs it: a member of the organization, by the id of the user. Without it, the practitioner of the
    /// appointment.
    #[schema(value_type = Option<uuid::Uuid>, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    performer_id: Option<UserId>,
    /// Which one of the treatment it is. No other session of the treatment has it. Without it, the one after the highest.
    #[schema(minimum = 1, maximum = 10000, example = 3)]
    number: Option<i32>,
    /// When it began, with an offset, not in the future and not before the patient was born. Kept to the millisecond.
    /// Without it, one in progress began now, and a completed one with its appointment.
    #[serde(default, with = "time_format::option")]
    #[schema(example = "2026-03-02T08:05:00+00:00")]
    start: Option<OffsetDateTime>,
    /// When it ended, not before the start. Without it, a completed one has ended now.
    #[serde(default, with = "time_format::option")]
    #[schema(example = "2026-03-02T08:35:00+00:00")]
    end: Option<OffsetDateTime>,
    /// What came of it.
    #[schema(min_length = 1, max_length = 2000, example = "bends to 105 degrees")]
    outcome: Option<String>,
    /// What was measured.
    #[serde(default)]
    #[schema(value_type = Vec<Measure>, required = false, max_items = 50, example = json!([{
            "code": { "text": "Range of motion", "code": "8362-6", "system": "http://loinc.org" },
            "value": "105.0",
            "unit": "deg",
        }]))]
    measures: Vec<Object<Measure>>,
    /// `preparation`, `in-progress` or `completed`.
    #[schema(
        pattern = "^(preparation|in-progress|completed)$",
        default = "preparation",
        example = "preparation"
    )]
    status: Option<String>,
}

/// Makes a session of a treatment, in an appointment of the same patient. One that is completed fulfils the appointment. It
/// can have a number past the plan of its treatment, which it then says (`pastPlan`).
#[utoipa::path(
    tag = "treatment-sessions",
    operation_id = "createTreatmentSession",
    params(Repeatable, InOrganization),
    request_body = CreateTreatmentSession,
    responses(
        (status = 201, description = "The session, as made.", body = SessionView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the session."),
            )),
        (status = 409, description = "`SESSION_NUMBER_TAKEN`, `TREATMENT_NOT_ACTIVE`, `APPOINTMENT_NOT_OPEN`"),
    ),
)]
#[post("/treatment-sessions")]
pub(super) async fn create(
    InOrder((tenant, session)): InOrder<(Tenant, Creation<CreateTreatmentSession>)>,
) -> ApiResult<HttpResponse> {
    session
        .make(&tenant, treatment_sessions::CREATE, async |tx, session| {
            let planned = treatment_sessions::create(tx, session.into()).await?;
            Ok(Created {
                location: format!("/api/v1/treatment-sessions/{}", planned.session.id),
                version: planned.session.version,
                view: SessionView::from(planned),
            })
        })
        .await
}

impl From<CreateTreatmentSession> for NewSession {
    fn from(session: CreateTreatmentSession) -> Self {
        let measures = session.measures.into_iter();
        Self {
            treatment: session.treatment_id,
            appointment: session.appointment_id,
            performer: session.performer_id,
            number: session.number,
            start: session.start,
            end: session.end,
            outcome: session.outcome,
            measures: measures.map(|measure| measure.0.into()).collect(),
            status: session.status,
        }
    }
}
