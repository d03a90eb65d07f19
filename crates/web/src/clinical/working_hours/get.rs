//! `GET /api/v1/working-hours/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::working_hours::{self, WorkingHours};

use super::view::WorkingHoursView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns working hours.
#[utoipa::path(
    tag = "working-hours",
    operation_id = "getWorkingHours",
    params(("id" = Uuid, Path, description = "The working hours."), InOrganization),
    responses(
        (status = 200, description = "The working hours.", body = WorkingHoursView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`WORKING_HOURS_NOT_FOUND`"),
    ),
)]
#[get("/working-hours/{id}")]
pub(super) async fn get(
    InOrder((tenant, id)): InOrder<(Tenant, Named<WorkingHours>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let hours = working_hours::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(hours.version))
        .json(WorkingHoursView::from(hours)))
}
