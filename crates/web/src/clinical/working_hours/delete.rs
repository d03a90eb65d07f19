//! `DELETE /api/v1/working-hours/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::working_hours::{self, WorkingHours};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes working hours as entered in error, if nobody has changed them since they were read. They are then in no list but
/// that of deleted ones, and can be restored. Hours that end are given a last day instead.
#[utoipa::path(
    tag = "working-hours",
    operation_id = "deleteWorkingHours",
    params(("id" = Uuid, Path, description = "The working hours."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The hours are deleted.",
            headers(("ETag" = String, description = "The version that they have now, for restoring them."))),
        (status = 404, description = "`WORKING_HOURS_NOT_FOUND`"),
    ),
)]
#[delete("/working-hours/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<WorkingHours>, IfMatch, JsonBody<Deletion>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let hours = working_hours::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(hours.version))
        .finish())
}
