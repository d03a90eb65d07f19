//! `POST /api/v1/rooms`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::rooms::{self, NewRoom};

use super::view::RoomView;
use crate::clinical::InOrganization;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// A room to add.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CreateRoom {
    /// 1 to 100 characters. No other room has it.
    #[schema(min_length = 1, max_length = 100, example = "Room 1")]
    name: String,
    /// What else there is to say.
    #[schema(min_length = 1, max_length = 500, example = "ground floor, with a couch")]
    description: Option<String>,
}

/// Adds a room.
#[utoipa::path(
    tag = "rooms",
    operation_id = "createRoom",
    params(Repeatable, InOrganization),
    request_body = CreateRoom,
    responses(
        (status = 201, description = "The room, as added.", body = RoomView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the room."),
            )),
        (status = 409, description = "`ROOM_NAME_TAKEN`"),
    ),
)]
#[post("/rooms")]
pub(super) async fn create(
    InOrder((tenant, room)): InOrder<(Tenant, Creation<CreateRoom>)>,
) -> ApiResult<HttpResponse> {
    room.make(&tenant, rooms::CREATE, async |tx, room| {
        let room = rooms::create(tx, room.into()).await?;
        Ok(Created {
            location: format!("/api/v1/rooms/{}", room.id),
            version: room.version,
            view: RoomView::from(room),
        })
    })
    .await
}

impl From<CreateRoom> for NewRoom {
    fn from(room: CreateRoom) -> Self {
        Self {
            name: room.name,
            description: room.description,
        }
    }
}
