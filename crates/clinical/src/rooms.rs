//! Rooms: where patients are treated.

mod entity;
mod lock;

use std::borrow::Cow;

use sea_orm::{ActiveValue, ColumnTrait, DbErr, QueryFilter};
use serde_json::json;
use wardkeep_tenancy::{Fault, FaultKind, InvalidField, Permission, TenantTx, violated_constraint};

use crate::appointments::open;
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::records::{self, RecordError, given};
use entity::{ActiveModel, Column, Entity};

pub use entity::{Room, RoomId};
pub(crate) use lock::lock_both;

/// The right to add rooms.
pub const CREATE: Permission = Permission::new("room", "create");
/// The right to see rooms.
pub const READ: Permission = Permission::new("room", "read");
/// The right to change rooms.
pub const UPDATE: Permission = Permission::new("room", "update");
/// The right to delete rooms.
pub const DELETE: Permission = Permission::new("room", "delete");
/// The right to bring deleted rooms back.
pub const RESTORE: Permission = Permission::new("room", "restore");

const NAME: usize = 100;
const DESCRIPTION: usize = 500;

const ORDERS: &[Order<Column>] = &[
    Order {
        name: "name",
        key: &[Column::Name, Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
];

/// A room to add.
#[derive(Clone, Debug, Default)]
pub struct NewRoom {
    /// 1 to 100 characters once the blanks around it are dropped. No other room has it.
    pub name: String,
    /// At most 500 characters.
    pub description: Option<String>,
}

/// What to change of a room: an absent field stays as it is, `Some(None)` clears it. The limits are those of [`NewRoom`].
#[derive(Clone, Debug, Default)]
pub struct RoomChanges {
    /// The new name.
    pub name: Option<String>,
    /// The new description, or none.
    pub description: Option<Option<String>>,
    /// Whether it can be booked.
    pub active: Option<bool>,
}

/// Which rooms to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those that can be booked, or only those that cannot.
    pub active: Option<bool>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Adds a room.
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is a room of that name, or the database fails.
pub async fn create(tx: &TenantTx, room: NewRoom) -> Result<Room, RoomError> {
    tx.require(CREATE).map_err(RecordError::from)?;
    let mut refusals = Refusals::default();
    let name = refusals.text("name", &room.name, NAME);
    let description = room
        .description
        .map(|text| refusals.lines("description", &text, DESCRIPTION));
    refusals.none()?;
    let room = ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        name: ActiveValue::Set(name),
        description: ActiveValue::Set(description),
        active: ActiveValue::Set(true),
        version: ActiveValue::Set(1),
        created_at: ActiveValue::Set(tx.now()),
        updated_at: ActiveValue::Set(tx.now()),
        ..Default::default()
    };
    Ok(records::insert::<Entity>(tx, room).await?)
}

/// Returns one room.
///
/// # Errors
///
/// When the caller may not, there is no such room, or the database fails.
pub async fn get(tx: &TenantTx, id: RoomId) -> Result<Room, RoomError> {
    Ok(records::get::<Entity>(tx, id).await?)
}

/// Lists rooms.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<Room>, RoomError> {
    tx.require(READ).map_err(RecordError::from)?;
    let rooms = if listing.deleted {
        records::deleted::<Entity>(tx).map_err(RecordError::from)?
    } else {
        records::present::<Entity>(tx)
    };
    let rooms = match listing.active {
        Some(active) => rooms.filter(Column::Active.eq(active)),
        None => rooms,
    };
    let filters = json!({ "active": listing.active, "deleted": listing.deleted });
    let page = paging::page(tx, rooms, ORDERS, &filters, &listing.paging).await?;
    audit::record(tx, Event::search("room", filters)).await?;
    Ok(page)
}

/// Changes a room whose version is still `version`; of several changes to one version, one is made.
///
/// # Errors
///
/// When the caller may not, a field is not valid, there is no such room, it has another version, another room has the
/// name, or the database fails.
pub async fn update(
    tx: &TenantTx,
    id: RoomId,
    version: i64,
    changes: RoomChanges,
) -> Result<Room, RoomError> {
    tx.require(UPDATE).map_err(RecordError::from)?;
    let mut refusals = Refusals::default();
    let name = changes.name.map(|name| refusals.text("name", &name, NAME));
    let description = changes
        .description
        .map(|text| text.map(|text| refusals.lines("description", &text, DESCRIPTION)));
    refusals.none()?;
    let room = records::lock::<Entity>(tx, id, version).await?;
    let changes = ActiveModel {
        name: given(name),
        description: given(description),
        active: given(changes.active),
        ..Default::default()
    };
    Ok(records::change::<Entity>(tx, &room, changes).await?)
}

/// Deletes a room whose version is still `version`, as entered in error.
///
/// # Errors
///
/// When the caller may not, there is no such room, it has another version, somebody is still to come to it, or the
/// database fails.
pub async fn delete(tx: &TenantTx, id: RoomId, version: i64, reason: &str) -> Result<Room, RoomError> {
    tx.require(DELETE).map_err(RecordError::from)?;
    let room = records::lock::<Entity>(tx, id, version).await?;
    if open::is_in(tx, id).await? {
        return Err(RoomError::InUse);
    }
    Ok(records::delete::<Entity>(tx, &room, reason).await?)
}

/// Brings back a deleted room whose version is still `version`.
///
/// # Errors
///
/// When the caller may not, there is no such deleted room, it has another version, another room has its name, or the
/// database fails.
pub async fn restore(tx: &TenantTx, id: RoomId, version: i64) -> Result<Room, RoomError> {
    tx.require(RESTORE).map_err(RecordError::from)?;
    let room = records::lock_deleted::<Entity>(tx, id, version).await?;
    Ok(records::restore::<Entity>(tx, &room).await?)
}

/// Which field it is that another one has already.
static NAME_TAKEN: [InvalidField; 1] = [InvalidField {
    field: Cow::Borrowed("name"),
    problem: Cow::Borrowed("is the name of another room"),
}];

/// Why something could not be done with rooms.
#[derive(Debug, thiserror::Error)]
pub enum RoomError {
    /// What can happen to any record.
    #[error(transparent)]
    Record(RecordError),
    /// Another room has the name.
    #[error("there is a room of that name already")]
    NameTaken,
    /// There are appointments in the room that are not over.
    #[error("there are appointments to come in the room; move or cancel them first")]
    InUse,
}

impl From<RecordError> for RoomError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Database(error) => error.into(),
            error => Self::Record(error),
        }
    }
}

impl From<DbErr> for RoomError {
    fn from(error: DbErr) -> Self {
        if violated_constraint(&error).as_deref() == Some("rooms_name_key") {
            Self::NameTaken
        } else {
            Self::Record(error.into())
        }
    }
}

impl Fault for RoomError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Record(error) => error.kind(),
            Self::NameTaken | Self::InUse => FaultKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Record(error) => error.code(),
            Self::NameTaken => "ROOM_NAME_TAKEN",
            Self::InUse => "ROOM_IN_USE",
        }
    }

    fn fields(&self) -> &[InvalidField] {
        match self {
            Self::Record(error) => error.fields(),
            Self::NameTaken => &NAME_TAKEN,
            Self::InUse => &[],
        }
    }
}
