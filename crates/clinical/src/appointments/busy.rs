//! When a practitioner or a room is taken.

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, Select};
use time::Duration;
use wardkeep_tenancy::{TenantTx, UserId};

use super::entity::{Appointment, Column, Entity};
use crate::calendar::Span;
use crate::records;
use crate::rooms::RoomId;

/// The longest appointment: a constraint of the table. It bounds the index scan below.
pub(crate) const LONGEST: Duration = Duration::hours(24);

/// The statuses in which an appointment keeps others out: those of the table's exclusion constraints.
pub(crate) const OCCUPYING: [&str; 5] = ["pending", "booked", "arrived", "checked-in", "fulfilled"];

/// What can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendar {
    /// A practitioner.
    Practitioner(UserId),
    /// A room.
    Room(RoomId),
}

/// The appointments that take it within a span, overbooked ones too, in the order of their start.
pub(crate) async fn busy(tx: &TenantTx, calendar: Calendar, within: Span) -> Result<Vec<Appointment>, DbErr> {
    taking(tx, calendar, within).all(tx).await
}

pub(super) fn taking(tx: &TenantTx, calendar: Calendar, within: Span) -> Select<Entity> {
    let taken = match calendar {
        Calendar::Practitioner(id) => Column::PractitionerId.eq(id),
        Calendar::Room(id) => Column::RoomId.eq(id),
    };
    records::present::<Entity>(tx)
        .filter(taken)
        .filter(Column::Start.gt(within.start - LONGEST))
        .filter(Column::Start.lt(within.end))
        .filter(Column::End.gt(within.start))
        .filter(Column::Status.is_in(OCCUPYING))
        .order_by_asc(Column::Start)
        .order_by_asc(Column::Id)
}
