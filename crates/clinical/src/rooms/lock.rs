//! Rooms that are booked.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, Room, RoomId};
use crate::records;

/// Locks the calendars of two rooms until the transaction ends, in the order of their ids; those of them that are there.
/// Two bookings of one room follow each other, and it cannot be deleted in between.
pub(crate) async fn lock_both(tx: &TenantTx, one: RoomId, other: RoomId) -> Result<Vec<Room>, DbErr> {
    records::present::<Entity>(tx)
        .filter(Column::Id.is_in([one, other]))
        .order_by_asc(Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(tx)
        .await
}
