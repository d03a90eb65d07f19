//! `GET /api/v1/absences`.

use actix_web::get;
use actix_web::web::Json;
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::IntoParams;
use wardkeep_clinical::absences::{self, Listing};
use wardkeep_tenancy::UserId;

use super::view::AbsenceView;
use crate::clinical::InOrganization;
use crate::clinical::page::{PageView, paging};
use crate::error::ApiResult;
use crate::{InOrder, Query, Tenant, time_format};

#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListAbsences {
    /// Only those of this practitioner.
    #[param(value_type = Option<uuid::Uuid>, example = "7c9e6679-7425-40de-944b-e07fc1f90ae7")]
    practitioner_id: Option<UserId>,
    /// Only those that end after this instant.
    #[serde(default, with = "time_format::option")]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-02T00:00:00Z")]
    from: Option<OffsetDateTime>,
    /// Only those that begin before this instant.
    #[serde(default, with = "time_format::option")]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-03-09T00:00:00Z")]
    to: Option<OffsetDateTime>,
    /// The deleted ones instead; takes the right to restore them.
    #[param(default = false, example = true)]
    deleted: Option<bool>,
    /// `start` or `updatedAt`; with `-` in front, the other way round.
    #[param(pattern = "^-?(start|updatedAt)$", default = "start", example = "-updatedAt")]
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

/// Lists absences.
#[utoipa::path(
    tag = "absences",
    operation_id = "listAbsences",
    params(ListAbsences, InOrganization),
    responses((status = 200, description = "One page of absences.", body = PageView<AbsenceView>)),
)]
#[get("/absences")]
pub(super) async fn list(
    InOrder((tenant, query)): InOrder<(Tenant, Query<ListAbsences>)>,
) -> ApiResult<Json<PageView<AbsenceView>>> {
    let tx = tenant.begin().await?;
    let page = absences::list(&tx, &query.0.into()).await?;
    tx.commit().await?;
    Ok(Json(PageView::of(page)))
}

impl From<ListAbsences> for Listing {
    fn from(query: ListAbsences) -> Self {
        Self {
            practitioner: query.practitioner_id,
            from: query.from,
            to: query.to,
            deleted: query.deleted.unwrap_or_default(),
            paging: paging(query.cursor, query.limit, query.sort, query.total),
        }
    }
}
