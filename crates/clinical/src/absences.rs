//! Absences: when practitioners are away (FHIR R4 PractitionerRole.notAvailable).
//!
//! An absence can be put over appointments that are there: somebody has to see to them, and the schedule shows both. Every
//! change follows a booking for the same practitioner, or the booking follows it: both lock the member. Absences of
//! somebody who has left the organization can be changed and deleted, and nobody who is no member is given any.

pub(crate) mod entity;
mod input;

use sea_orm::{ActiveValue, ColumnTrait, QueryFilter, QueryTrait};
use serde_json::json;
use time::OffsetDateTime;
use wardkeep_tenancy::{Permission, TenantTx, UserId};

use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::practitioners;
use crate::records::{self, RecordError};
use entity::{ActiveModel, Column, Entity};

pub use entity::{Absence, AbsenceId};
use input::LONGEST;
pub use input::{AbsenceChanges, NewAbsence};

/// The right to add absences.
pub const CREATE: Permission = Permission::new("absence", "create");
/// The right to see absences.
pub const READ: Permission = Permission::new("absence", "read");
/// The right to change absences.
pub const UPDATE: Permission = Permission::new("absence", "update");
/// The right to delete absences.
pub const DELETE: Permission = Permission::new("absence", "delete");
/// The right to bring deleted absences back.
pub const RESTORE: Permission = Permission::new("absence", "restore");

const ORDERS: &[Order<Column>] = &[
    Order {
        name: "start",
        key: &[Column::Start, Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
];

/// Which absences to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those of this practitioner.
    pub practitioner: Option<UserId>,
    /// Only those that end after this.
    pub from: Option<OffsetDateTime>,
    /// Only those that begin before this.
    pub to: Option<OffsetDateTime>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Adds an absence.
///
/// # Errors
///
/// When the caller may not, a field is not valid, the practitioner is no member, or the database fails.
pub async fn create(tx: &TenantTx, absence: NewAbsence) -> Result<Absence, RecordError> {
    tx.require(CREATE)?;
    let checked = absence.checked()?;
    let practitioner = practitioners::lock_member(tx, absence.practitioner).await?;
    let absence = ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        practitioner_id: ActiveValue::Set(practitioner.id),
        practitioner_name: ActiveValue::Set(practitioner.name),
        version: ActiveValue::Set(1),
        created_at: ActiveValue::Set(tx.now()),
        updated_at: ActiveValue::Set(tx.now()),
        ..checked
    };
    Ok(records::insert::<Entity>(tx, absence).await?)
}

/// Returns one absence.
///
/// # Errors
///
/// When the caller may not, there is no such absence, or the database fails.
pub async fn get(tx: &TenantTx, id: AbsenceId) -> Result<Absence, RecordError> {
    records::get::<Entity>(tx, id).await
}

/// Lists absences.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<Absence>, RecordError> {
    tx.require(READ)?;
    let mut refusals = Refusals::default();
    let from = listing.from.map(|from| refusals.instant("from", from));
    let to = listing.to.map(|to| refusals.instant("to", to));
    refusals.none()?;
    let absences = if listing.deleted {
        records::deleted::<Entity>(tx)?
    } else {
        records::present::<Entity>(tx)
    };
    let absences = absences
        .apply_if(listing.practitioner, |rows, id| {
            rows.filter(Column::PractitionerId.eq(id))
        })
        // The second condition says nothing more: it is the one that the order by start can use.
        .apply_if(from, |rows, from| {
            rows.filter(Column::End.gt(from))
                .filter(Column::Start.gt(from - LONGEST))
        })
        .apply_if(to, |rows, to| rows.filter(Column::Start.lt(to)));
    let filters = json!({
        "practitionerId": listing.practitioner,
        "from": from.and_then(records::instant),
        "to": to.and_then(records::instant),
        "deleted": listing.deleted,
    });
    let page = paging::page(tx, absences, ORDERS, &filters, &listing.paging).await?;
    audit::record(tx, Event::search("absence", filters)).await?;
    Ok(page)
}

/// Changes an absence whose version is still `version`; of several changes to one version, one is made.
///
/// # Errors
///
/// When the caller may not, there is no such absence, it has another version, a field is not valid, or the database
/// fails.
pub async fn update(
    tx: &TenantTx,
    id: AbsenceId,
    version: i64,
    changes: AbsenceChanges,
) -> Result<Absence, RecordError> {
    tx.require(UPDATE)?;
    let absence = records::lock::<Entity>(tx, id, version).await?;
    let changes = changes.applied_to(&absence)?;
    practitioners::lock(tx, absence.practitioner_id).await?;
    records::change::<Entity>(tx, &absence, changes).await
}

/// Deletes an absence whose version is still `version`, as entered in error.
///
/// # Errors
///
/// When the caller may not, there is no such absence, it has another version, the reason is not valid, or the database
/// fails.
pub async fn delete(
    tx: &TenantTx,
    id: AbsenceId,
    version: i64,
    reason: &str,
) -> Result<Absence, RecordError> {
    tx.require(DELETE)?;
    let absence = records::lock::<Entity>(tx, id, version).await?;
    practitioners::lock(tx, absence.practitioner_id).await?;
    records::delete::<Entity>(tx, &absence, reason).await
}

/// Brings back a deleted absence whose version is still `version`.
///
/// # Errors
///
/// When the caller may not, there is no such deleted absence, it has another version, or the database fails.
pub async fn restore(tx: &TenantTx, id: AbsenceId, version: i64) -> Result<Absence, RecordError> {
    tx.require(RESTORE)?;
    let absence = records::lock_deleted::<Entity>(tx, id, version).await?;
    practitioners::lock(tx, absence.practitioner_id).await?;
    records::restore::<Entity>(tx, &absence).await
}
