//! `POST /api/v1/treatments`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::treatments::{self, NewTreatment};
use wardkeep_tenancy::UserId;

use super::view::TreatmentView;
use crate::clinical::InOrganization;
use crate::clinical::civil::Day;
use crate::clinical::coding::Code;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::clinical::object::Object;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// A treatment to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateTreatment {
    /// Who is treated: a patient of the organization. It stays the treatment of this patient.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// What the clinic calls it.
    #[schema(min_length = 1, max_length = 200, example = "Knee after surgery")]
    title: String,
    /// What it is, as others code it.
    #[schema(value_type = Option<Code>)]
    code: Option<Object<Code>>,
    /// What is to be reached.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "bends to 120 degrees without pain"
    )]
    goal: Option<String>,
    /// How many sessions it is planned for. More can be held.
    #[schema(minimum = 1, maximum = 1000, example = 6)]
    planned_sessions: Option<i32>,
    /// Who leads it: a member of the organization, by the id of the user.
    #[schema(value_type = uuid::Uuid, example = "5f2b8f0e-6c1d-4a3e-9b57-2d1c0e8a7f61")]
    practitioner_id: UserId,
    /// The first day, from 1970 to 2199 and not before the patient was born.
    #[schema(value_type = Option<String>, format = Date, example = "2026-03-02")]
    period_start: Option<Day>,
    /// The last day, not before the first.
    #[schema(value_type = Option<String>, format = Date, example = "2026-05-29")]
    period_end: Option<Day>,
    /// `draft` or `active`. In a draft, sessions can be planned.
    #[schema(pattern = "^(draft|active)$", default = "active", example = "active")]
    status: Option<String>,
}

/// Makes a treatment, which has no sessions yet.
#[utoipa::path(
    tag = "treatments",
    operation_id = "createTreatment",
    params(Repeatable, InOrganization),
    request_body = CreateTreatment,
    responses(
        (status = 201, description = "The treatment, as made.", body = TreatmentView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the treatment."),
            )),
    ),
)]
#[post("/treatments")]
pub(super) async fn create(
    InOrder((tenant, treatment)): InOrder<(Tenant, Creation<CreateTreatment>)>,
) -> ApiResult<HttpResponse> {
    treatment
        .make(&tenant, treatments::CREATE, async |tx, treatment| {
            let course = treatments::create(tx, treatment.into()).await?;
            Ok(Created {
                location: format!("/api/v1/treatments/{}", course.treatment.id),
                version: course.treatment.version,
                view: TreatmentView::from(course),
            })
        })
        .await
}

impl From<CreateTreatment> for NewTreatment {
    fn from(treatment: CreateTreatment) -> Self {
        Self {
            patient: treatment.patient_id,
            title: treatment.title,
            code: treatment.code.map(|code| code.0.into()),
            goal: treatment.goal,
            planned_sessions: treatment.planned_sessions,
            practitioner: treatment.practitioner_id,
            period_start: treatment.period_start.map(|day| day.0),
            period_end: treatment.period_end.map(|day| day.0),
            status: treatment.status,
        }
    }
}
