//! `POST /api/v1/working-hours/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::working_hours::{self, WorkingHours};

use super::view::WorkingHoursView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings deleted working hours back as they were.
#[utoipa::path(
    tag = "working-hours",
    operation_id = "restoreWorkingHours",
    params(("id" = Uuid, Path, description = "The deleted working hours."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The hours are back.", body = WorkingHoursView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`WORKING_HOURS_NOT_FOUND`: no deleted working hours have this id"),
    ),
)]
#[post("/working-hours/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<WorkingHours>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let hours = working_hours::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(hours.version))
        .json(WorkingHoursView::from(hours)))
}
