//! Working hours: when practitioners can be booked, every week (FHIR R4 PractitionerRole.availableTime).
//!
//! Whoever has none can be booked at any time. Every change follows a booking for the same practitioner, or the booking
//! follows it: both lock the member. Hours of somebody who has left the organization can be changed and deleted, and
//! nobody who is no member is given any.

mod days;
pub(crate) mod entity;
mod input;
mod weeks;

use sea_orm::{ActiveValue, ColumnTrait, QueryFilter, QueryTrait};
use serde_json::json;
use wardkeep_tenancy::{Permission, TenantTx, UserId};

use crate::audit::{self, Event};
use crate::paging::{self, Order, Page, Paging};
use crate::practitioners;
use crate::records::{self, RecordError};
use entity::{ActiveModel, Column, Entity};

pub use days::{DayOfWeek, DaysOfWeek};
pub use entity::{WorkingHours, WorkingHoursId};
pub use input::{NewWorkingHours, WorkingHoursChanges};

/// The right to add working hours.
pub const CREATE: Permission = Permission::new("workingHours", "create");
/// The right to see working hours.
pub const READ: Permission = Permission::new("workingHours", "read");
/// The right to change working hours.
pub const UPDATE: Permission = Permission::new("workingHours", "update");
/// The right to delete working hours.
pub const DELETE: Permission = Permission::new("workingHours", "delete");
/// The right to bring deleted working hours back.
pub const RESTORE: Permission = Permission::new("workingHours", "restore");

const ORDERS: &[Order<Column>] = &[
    // Ids are in the order in which they were made.
    Order {
        name: "createdAt",
        key: &[Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
];

/// Which working hours to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those of this practitioner.
    pub practitioner: Option<UserId>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Adds working hours.
///
/// # Errors
///
/// When the caller may not, a field is not valid, the practitioner is no member, or the database fails.
pub async fn create(tx: &TenantTx, hours: NewWorkingHours) -> Result<WorkingHours, RecordError> {
    tx.require(CREATE)?;
    let checked = hours.checked()?;
    let practitioner = practitioners::lock_member(tx, hours.practitioner).await?;
    let hours = ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        practitioner_id: ActiveValue::Set(practitioner.id),
        practitioner_name: ActiveValue::Set(practitioner.name),
        version: ActiveValue::Set(1),
        created_at: ActiveValue::Set(tx.now()),
        updated_at: ActiveValue::Set(tx.now()),
        ..checked
    };
    Ok(records::insert::<Entity>(tx, hours).await?)
}

/// Returns some working hours.
///
/// # Errors
///
/// When the caller may not, there are no such hours, or the database fails.
pub async fn get(tx: &TenantTx, id: WorkingHoursId) -> Result<WorkingHours, RecordError> {
    records::get::<Entity>(tx, id).await
}

/// Lists working hours.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<WorkingHours>, RecordError> {
    tx.require(READ)?;
    let hours = if listing.deleted {
        records::deleted::<Entity>(tx)?
    } else {
        records::present::<Entity>(tx)
    };
    let hours = hours.apply_if(listing.practitioner, |rows, id| {
        rows.filter(Column::PractitionerId.eq(id))
    });
    let filters = json!({ "practitionerId": listing.practitioner, "deleted": listing.deleted });
    let page = paging::page(tx, hours, ORDERS, &filters, &listing.paging).await?;
    audit::record(tx, Event::search("workingHours", filters)).await?;
    Ok(page)
}

/// Changes working hours whose version is still `version`; of several changes to one version, one is made.
///
/// # Errors
///
/// When the caller may not, there are no such hours, they have another version, a field is not valid, or the database
/// fails.
pub async fn update(
    tx: &TenantTx,
    id: WorkingHoursId,
    version: i64,
    changes: WorkingHoursChanges,
) -> Result<WorkingHours, RecordError> {
    tx.require(UPDATE)?;
    let hours = records::lock::<Entity>(tx, id, version).await?;
    let changes = changes.applied_to(&hours)?;
    practitioners::lock(tx, hours.practitioner_id).await?;
    records::change::<Entity>(tx, &hours, changes).await
}

/// Deletes working hours whose version is still `version`, as entered in error.
///
/// # Errors
///
/// When the caller may not, there are no such hours, they have another version, the reason is not valid, or the database
/// fails.
pub async fn delete(
    tx: &TenantTx,
    id: WorkingHoursId,
    version: i64,
    reason: &str,
) -> Result<WorkingHours, RecordError> {
    tx.require(DELETE)?;
    let hours = records::lock::<Entity>(tx, id, version).await?;
    practitioners::lock(tx, hours.practitioner_id).await?;
    records::delete::<Entity>(tx, &hours, reason).await
}

/// Brings back deleted working hours whose version is still `version`.
///
/// # Errors
///
/// When the caller may not, there are no such deleted hours, they have another version, or the database fails.
pub async fn restore(tx: &TenantTx, id: WorkingHoursId, version: i64) -> Result<WorkingHours, RecordError> {
    tx.require(RESTORE)?;
    let hours = records::lock_deleted::<Entity>(tx, id, version).await?;
    practitioners::lock(tx, hours.practitioner_id).await?;
    records::restore::<Entity>(tx, &hours).await
}
