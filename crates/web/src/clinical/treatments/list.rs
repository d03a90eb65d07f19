//! `GET /api/v1/treatments`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use wardkeep_clinical::patients::PatientId;
use wardkeep_clinical::treatments::{self, Listing};
use wardkeep_tenancy::UserId;

use super::view::TreatmentView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging, several};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListTreatments {
    /// Only those of this patient.
    #[param(value_type = Option<uuid::Uuid>, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: Option<PatientId>,
    /// Only those that this practitioner leads, a member or who was one.
    #[param(value_type = Option<uuid::Uuid>, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: Option<UserId>,
    /// Only those with this status, or with one of several, with commas between.
    #[param(pattern = "^[a-z-]+(,[a-z-]+)*$", example = "active,on-hold")]
    status: Option<String>,
    /// The deleted treatments instead; takes the right to restore them.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `createdAt` or `updatedAt`; with `-` in front, the other way round.
    #[param(
        pattern = "^-?(createdAt|updatedAt)$",
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
    /// Whether to count the treatments on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists treatments, each with how far it is.
#[utoipa::path(
    tag = "treatments",
    operation_id = "listTreatments",
    params(ListTreatments, InOrganization),
    responses((status = 200, description = "One page of treatments.", body = PageView<TreatmentView>)),
)]
#[get("/treatments")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListTreatments>)>,
) -> ApiResult<Json<PageView<TreatmentView>>> {
    let tx = tenant.begin().await?;
    let page = treatments::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListTreatments> for Listing {
    fn from(query: ListTreatments) -> Self {
        Self {
            patient: query.patient_id,
            practitioner: query.practitioner_id,
            statuses: several(query.status),
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
