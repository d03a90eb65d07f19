//! A room on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::rooms::{Room, RoomId};

use crate::clinical::deleted::DeletedView;
use crate::time_format;

/// A room.
#[derive(Serialize, ToSchema)]
#[schema(as = Room)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoomView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: RoomId,
    /// What the clinic calls it.
    #[schema(example = "Room 1")]
    name: String,
    /// What else there is to say.
    #[schema(required, example = "ground floor, with a couch")]
    description: Option<String>,
    /// Whether it can be booked.
    #[schema(example = true)]
    active: bool,
    /// 1 for a new room, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 1)]
    version: i64,
    /// When the room was added.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When the room was last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
    #[serde(flatten)]
    deleted: DeletedView,
}

impl From<Room> for RoomView {
    fn from(room: Room) -> Self {
        Self {
            id: room.id,
            name: room.name,
            description: room.description,
            active: room.active,
            version: room.version,
            created_at: room.created_at,
            updated_at: room.updated_at,
            deleted: DeletedView::of(room.deleted_at, room.deletion_reason),
        }
    }
}
