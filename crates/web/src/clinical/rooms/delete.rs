//! `DELETE /api/v1/rooms/{id}`.

use actix_web::{HttpResponse, delete};
use wardkeep_clinical::rooms::{self, Room};

use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{Deletion, InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// Deletes a room as entered in error, if nobody has changed it since it was read and no appointment in it is to come. It is
/// then in no list but that of deleted rooms, and can be restored. A room that is out of use is set inactive instead.
#[utoipa::path(
    tag = "rooms",
    operation_id = "deleteRoom",
    params(("id" = Uuid, Path, description = "The room."), OfVersion, InOrganization),
    request_body = Deletion,
    responses(
        (status = 204, description = "The room is deleted.",
            headers(("ETag" = String, description = "The version that it has now, for restoring it."))),
        (status = 404, description = "`ROOM_NOT_FOUND`"),
        (status = 409, description = "`ROOM_IN_USE`: there are appointments to come in it"),
    ),
)]
#[delete("/rooms/{id}")]
pub(super) async fn delete(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Room>, IfMatch, JsonBody<Deletion>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let room = rooms::delete(&tx, id.0, version.0, &body.0.reason).await?;
    tx.commit().await?;
    Ok(HttpResponse::NoContent()
        .insert_header(etag(room.version))
        .finish())
}
