//! `PATCH /api/v1/rooms/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::rooms::{self, Room, RoomChanges};

use super::view::RoomView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::patch::given;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of a room. A field that is absent stays as it is; `null` clears one that may be empty.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateRoom {
    /// 1 to 100 characters. No other room has it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "Room 1a")]
    name: Option<String>,
    /// What else there is to say.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "ground floor")]
    description: Option<Option<String>>,
    /// Whether it can be booked.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = true)]
    active: Option<bool>,
}

/// Changes a room, if nobody else has since it was read.
#[utoipa::path(
    tag = "rooms",
    operation_id = "updateRoom",
    params(("id" = Uuid, Path, description = "The room."), OfVersion, InOrganization),
    request_body = UpdateRoom,
    responses(
        (status = 200, description = "The room, as changed.", body = RoomView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`ROOM_NOT_FOUND`"),
        (status = 409, description = "`ROOM_NAME_TAKEN`"),
    ),
)]
#[patch("/rooms/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(Tenant, Named<Room>, IfMatch, JsonBody<UpdateRoom>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let room = rooms::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(room.version))
        .json(RoomView::from(room)))
}

impl From<UpdateRoom> for RoomChanges {
    fn from(changes: UpdateRoom) -> Self {
        Self {
            name: changes.name,
            description: changes.description,
            active: changes.active,
        }
    }
}
