//! `GET /api/v1/rooms/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::rooms::{self, Room};

use super::view::RoomView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one room.
#[utoipa::path(
    tag = "rooms",
    operation_id = "getRoom",
    params(("id" = Uuid, Path, description = "The room."), InOrganization),
    responses(
        (status = 200, description = "The room.", body = RoomView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`ROOM_NOT_FOUND`"),
    ),
)]
#[get("/rooms/{id}")]
pub(super) async fn get(InOrder((tenant, id)): InOrder<(Tenant, Named<Room>)>) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let room = rooms::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(room.version))
        .json(RoomView::from(room)))
}
