//! `POST /api/v1/rooms/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::rooms::{self, Room};

use super::view::RoomView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted room back as it was.
#[utoipa::path(
    tag = "rooms",
    operation_id = "restoreRoom",
    params(("id" = Uuid, Path, description = "The deleted room."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The room is back.", body = RoomView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`ROOM_NOT_FOUND`: no deleted room has this id"),
        (status = 409, description = "`ROOM_NAME_TAKEN`"),
    ),
)]
#[post("/rooms/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<Room>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let room = rooms::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(room.version))
        .json(RoomView::from(room)))
}
