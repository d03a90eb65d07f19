//! `PATCH /api/v1/treatment-sessions/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::appointments::AppointmentId;
use wardkeep_clinical::treatment_sessions::{self, SessionChanges, TreatmentSession};
use wardkeep_clinical::treatments::TreatmentId;
use wardkeep_tenancy::UserId;

use super::view::SessionView;
use crate::clinical::coding::Measure;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::object::Object;
use crate::clinical::patch::{given, given_time_or_null};
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of a session. A field that is absent stays as it is; `null` clears one that may be empty.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateTreatmentSession {
    /// The treatment that it belongs to.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c50")]
    treatment_id: Option<TreatmentId>,
    /// The appointment in which it takes place, of the same patient.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c51")]
    appointment_id: Option<AppointmentId>,
    /// Who performs it: a member of the organization, by the id of the user.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<uuid::Uuid>, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    performer_id: Option<UserId>,
    /// Which one of the treatment it is. No other session of the treatment has it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 10000, example = 4)]
    number: Option<i32>,
    /// When it began, with an offset, not in the future and not before the patient was born.
    #[serde(default, deserialize_with = "given_time_or_null")]
    #[schema(value_type = Option<OffsetDateTime>, example = "2026-03-02T08:10:00+00:00")]
    start: Option<Option<OffsetDateTime>>,
    /// When it ended, not before the start.
    #[serde(default, deserialize_with = "given_time_or_null")]
    #[schema(value_type = Option<OffsetDateTime>, example = "2026-03-02T08:40:00+00:00")]
    end: Option<Option<OffsetDateTime>>,
    /// What came of it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000, example = "bends to 110 degrees")]
    outcome: Option<Option<String>>,
    /// All that was measured: it replaces what is there.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<Measure>>, nullable = false, max_items = 50, example = json!([{
            "code": { "text": "Range of motion", "code": "8362-6", "system": "http://loinc.org" },
            "value": "110.0",
            "unit": "deg",
        }]))]
    measures: Option<Vec<Object<Measure>>>,
    /// The next status. `STATUS_NOT_ALLOWED` says which ones may follow. `entered-in-error` is set by deleting.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        nullable = false,
        pattern = "^(preparation|in-progress|completed|not-done|stopped)$",
        example = "in-progress"
    )]
    status: Option<String>,
    /// Why it has its status, such as not done or stopped. Another status has none, unless it is given with it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "the patient came late")]
    status_reason: Option<Option<String>>,
}

/// Changes a session, if nobody else has since it was read: begins, completes, stops it, or opens it again. To complete it
/// fulfils its appointment, and to open it again takes that back. Without times, a session that is begun begins now; one that
/// is completed began with its appointment and ends now.
///
/// Treatment, appointment, performer and number of one that is over (`completed`, `not-done`, `stopped`) stay as they are.
#[utoipa::path(
    tag = "treatment-sessions",
    operation_id = "updateTreatmentSession",
    params(("id" = Uuid, Path, description = "The session."), OfVersion, InOrganization),
    request_body = UpdateTreatmentSession,
    responses(
        (status = 200, description = "The session, as changed.", body = SessionView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`TREATMENT_SESSION_NOT_FOUND`"),
        (status = 409, description = "`STATUS_NOT_ALLOWED`, `SESSION_CLOSED`, `SESSION_HAS_SIGNED_NOTE`, `SESSION_HAS_NOTES`, `SESSION_NUMBER_TAKEN`, `TREATMENT_NOT_ACTIVE`, `APPOINTMENT_NOT_OPEN`"),
    ),
)]
#[patch("/treatment-sessions/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<TreatmentSession>,
        IfMatch,
        JsonBody<UpdateTreatmentSession>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let planned = treatment_sessions::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(planned.session.version))
        .json(SessionView::from(planned)))
}

impl From<UpdateTreatmentSession> for SessionChanges {
    fn from(changes: UpdateTreatmentSession) -> Self {
        let all =
            |measures: Vec<Object<Measure>>| measures.into_iter().map(|measure| measure.0.into()).collect();
        Self {
            treatment: changes.treatment_id,
            appointment: changes.appointment_id,
            performer: changes.performer_id,
            number: changes.number,
            start: changes.start,
            end: changes.end,
            outcome: changes.outcome,
            measures: changes.measures.map(all),
            status: changes.status,
            status_reason: changes.status_reason,
        }
    }
}
