//! The rows of `rooms`.

use sea_orm::entity::prelude::*;
use time::OffsetDateTime;
use wardkeep_tenancy::{Id, OrganizationId};

pub use Model as Room;

/// The id of a room: version 7, unique within its organization.
pub type RoomId = Id<Room>;

/// A room of one organization, as stored.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rooms")]
pub struct Model {
    /// The organization whose room this is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Unique within the organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RoomId,
    /// What the clinic calls it. Unique within the organization.
    pub name: String,
    /// What else there is to say.
    pub description: Option<String>,
    /// Whether it can be booked.
    pub active: bool,
    /// 1 for a new room, one more with every change.
    pub version: i64,
    /// When the room was added.
    pub created_at: OffsetDateTime,
    /// When the room was last changed.
    pub updated_at: OffsetDateTime,
    /// When the room was deleted.
    pub deleted_at: Option<OffsetDateTime>,
    /// Why the room was deleted.
    pub deletion_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

crate::records::record!("room", "ROOM_NOT_FOUND");
