//! Lists of appointments.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::json;
use time::OffsetDateTime;
use wardkeep_tenancy::{TenantTx, UserId};

use super::READ;
use super::busy::LONGEST;
use super::entity::{Appointment, Column, Entity};
use super::errors::AppointmentError;
use super::status::Status;
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::patients::PatientId;
use crate::records::{self, RecordError, instant};
use crate::rooms::RoomId;

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

/// Which appointments to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those of this patient.
    pub patient: Option<PatientId>,
    /// Only those of this practitioner.
    pub practitioner: Option<UserId>,
    /// Only those in this room.
    pub room: Option<RoomId>,
    /// Only those with one of these statuses.
    pub statuses: Option<Vec<String>>,
    /// Only those that end after this instant.
    pub from: Option<OffsetDateTime>,
    /// Only those that begin before this instant.
    pub to: Option<OffsetDateTime>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Lists appointments.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<Appointment>, AppointmentError> {
    tx.require(READ).map_err(RecordError::from)?;
    listing.check()?;
    let filters = json!({
        "patientId": listing.patient,
        "practitionerId": listing.practitioner,
        "roomId": listing.room,
        "status": listing.statuses,
        "from": listing.from.and_then(instant),
        "to": listing.to.and_then(instant),
        "deleted": listing.deleted,
    });
    let rows = listing.selected(tx)?;
    let page = paging::page(tx, rows, ORDERS, &filters, &listing.paging).await?;
    audit::record(tx, Event::search("appointment", filters).about(listing.patient)).await?;
    Ok(page)
}

impl Listing {
    fn check(&self) -> Result<(), RecordError> {
        let mut refusals = Refusals::default();
        for name in self.statuses.iter().flatten() {
            Status::any(&mut refusals, name);
        }
        for (field, at) in [("from", self.from), ("to", self.to)] {
            if let Some(at) = at {
                refusals.instant(field, at);
            }
        }
        if let (Some(from), Some(to)) = (self.from, self.to) {
            refusals.unless(to > from, "to", "must be after from");
        }
        refusals.none()
    }

    fn selected(&self, tx: &TenantTx) -> Result<Select<Entity>, RecordError> {
        let rows = if self.deleted {
            records::deleted::<Entity>(tx)?
        } else {
            records::present::<Entity>(tx)
        };
        let conditions = [
            self.patient.map(|id| Column::PatientId.eq(id)),
            self.practitioner.map(|id| Column::PractitionerId.eq(id)),
            self.room.map(|id| Column::RoomId.eq(id)),
            self.statuses
                .as_ref()
                .map(|names| Column::Status.is_in(names.iter().map(String::as_str))),
            // What ends after an instant began at most so long before it: that is where the index is entered.
            self.from.map(|from| Column::Start.gt(from - LONGEST)),
            self.from.map(|from| Column::End.gt(from)),
            self.to.map(|to| Column::Start.lt(to)),
        ];
        Ok(conditions.into_iter().flatten().fold(rows, Select::filter))
    }
}
