//! `GET /api/v1/treatment-sessions`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use wardkeep_clinical::appointments::AppointmentId;
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::treatment_sessions::{self, Listing};
use wardkeep_clinical::treatments::TreatmentId;
use wardkeep_tenancy::UserId;

use super::view::SessionView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging, several};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListTreatmentSessions {
    /// Only those of this treatment.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c50")]
    treatment_id: Option<TreatmentId>,
    /// Only those in this appointment.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c51")]
    appointment_id: Option<AppointmentId>,
    /// Only those of this patient.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: Option<PatientId>,
    /// Only those that this practitioner performs, a member or who was one.
    #[param(value_type = Option<uuid::Uuid>, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    performer_id: Option<UserId>,
    /// Only those with this status, or with one of several, with commas between.
    #[param(pattern = "^[a-z-]+(,[a-z-]+)*$", example = "preparation,in-progress")]
    status: Option<String>,
    /// The deleted sessions instead; takes the right to restore them.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `createdAt`, `updatedAt`, or of one treatment `number`; with `-` in front, the other way round.
    #[param(
        pattern = "^-?(createdAt|updatedAt|number)$",
        default = "createdAt",
        example = "-updatedAt"
    )]
    sort: Option<String>,
    /// The `nextCursor` of the page before, of the same list.
    #[param(
        max_length = 4096,
        example = "WyJVb2Z0dDJUeVo5RkQiLCIwMTljYWUyYi0zYzgwLTdhMTEtOWM1ZS0wZDZmM2IxYTJjNGQiXQ"
    )]
    cursor: Option<String>,
    /// How many rows at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count the sessions on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists sessions.
#[utoipa::path(
    tag = "treatment-sessions",
    operation_id = "listTreatmentSessions",
    params(ListTreatmentSessions, InOrganization),
    responses((status = 200, description = "One page of sessions.", body = PageView<SessionView>)),
)]
#[get("/treatment-sessions")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListTreatmentSessions>)>,
) -> ApiResult<Json<PageView<SessionView>>> {
    let tx = tenant.begin().await?;
    let page = treatment_sessions::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListTreatmentSessions> for Listing {
    fn from(query: ListTreatmentSessions) -> Self {
        Self {
            treatment: query.treatment_id,
            appointment: query.appointment_id,
            patient: query.patient_id,
            performer: query.performer_id,
            statuses: several(query.status),
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
