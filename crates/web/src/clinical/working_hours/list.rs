//! `GET /api/v1/working-hours`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use utoipa::IntoParams;
use wardkeep_clinical::working_hours::{self, Listing};
use wardkeep_tenancy::UserId;

use super::view::WorkingHoursView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListWorkingHours {
    /// Only those of this practitioner.
    #[param(value_type = Option<uuid::Uuid>, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: Option<UserId>,
    /// The deleted ones instead; takes the right to restore them.
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
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// Whether to count those on all pages.
    #[param(default = false, example = true)]
    total: Option<bool>,
}

/// Lists working hours.
#[utoipa::path(
    tag = "working-hours",
    operation_id = "listWorkingHours",
    params(ListWorkingHours, InOrganization),
    responses((status = 200, description = "One page of working hours.", body = PageView<WorkingHoursView>)),
)]
#[get("/working-hours")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListWorkingHours>)>,
) -> ApiResult<Json<PageView<WorkingHoursView>>> {
    let tx = tenant.begin().await?;
    let page = working_hours::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListWorkingHours> for Listing {
    fn from(query: ListWorkingHours) -> Self {
        Self {
            practitioner: query.practitioner_id,
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
