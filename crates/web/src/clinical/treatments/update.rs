//! `PATCH /api/v1/treatments/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::treatments::{self, Treatment, TreatmentChanges};
use wardkeep_tenancy::UserId;

use super::view::TreatmentView;
use crate::clinical::civil::Day;
use crate::clinical::coding::Code;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::object::Object;
use crate::clinical::patch::given;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of a treatment. A field that is absent stays as it is; `null` clears one that may be empty. It stays the
/// treatment of its patient.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateTreatment {
    /// What the clinic calls it.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 200,
        example = "Knee after surgery, left"
    )]
    title: Option<String>,
    /// What it is, as others code it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Code>)]
    code: Option<Option<Object<Code>>>,
    /// What is to be reached.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000, example = "bends to 130 degrees without pain")]
    goal: Option<Option<String>>,
    /// How many sessions it is planned for. More can be held.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 1000, example = 8)]
    planned_sessions: Option<Option<i32>>,
    /// Who leads it: a member of the organization, by the id of the user.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<uuid::Uuid>, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    practitioner_id: Option<UserId>,
    /// The first day, from 1970 to 2199 and not before the patient was born.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date, example = "2026-03-03")]
    period_start: Option<Option<Day>>,
    /// The last day, not before the first.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = Date, example = "2026-06-30")]
    period_end: Option<Option<Day>>,
    /// The next status. `STATUS_NOT_ALLOWED` says which ones may follow. `entered-in-error` is set by deleting.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        nullable = false,
        pattern = "^(draft|active|on-hold|completed|revoked)$",
        example = "completed"
    )]
    status: Option<String>,
    /// Why it has its status, such as on hold or revoked. Another status has none, unless it is given with it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "the goal is reached")]
    status_reason: Option<Option<String>>,
    /// Why it is completed although sessions are open: only together with the status `completed`. Where none is open, it is
    /// dropped.
    #[serde(default, deserialize_with = "given")]
    #[schema(
        nullable = false,
        min_length = 1,
        max_length = 500,
        example = "goes on elsewhere"
    )]
    completion_reason: Option<String>,
}

/// Changes a treatment, if nobody else has since it was read. `TREATMENT_HAS_OPEN_SESSIONS` names the first 20 sessions that
/// keep it from being completed without a reason (`openSessions`).
#[utoipa::path(
    tag = "treatments",
    operation_id = "updateTreatment",
    params(("id" = Uuid, Path, description = "The treatment."), OfVersion, InOrganization),
    request_body = UpdateTreatment,
    responses(
        (status = 200, description = "The treatment, as changed.", body = TreatmentView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`TREATMENT_NOT_FOUND`"),
        (status = 409, description = "`STATUS_NOT_ALLOWED`, `TREATMENT_HAS_OPEN_SESSIONS`"),
    ),
)]
#[patch("/treatments/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<Treatment>,
        IfMatch,
        JsonBody<UpdateTreatment>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let course = treatments::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(course.treatment.version))
        .json(TreatmentView::from(course)))
}

impl From<UpdateTreatment> for TreatmentChanges {
    fn from(changes: UpdateTreatment) -> Self {
        let day = |day: Option<Day>| day.map(|day| day.0);
        Self {
            title: changes.title,
            code: changes.code.map(|code| code.map(|code| code.0.into())),
            goal: changes.goal,
            planned_sessions: changes.planned_sessions,
            practitioner: changes.practitioner_id,
            period_start: changes.period_start.map(day),
            period_end: changes.period_end.map(day),
            status: changes.status,
            status_reason: changes.status_reason,
            completion_reason: changes.completion_reason,
        }
    }
}
