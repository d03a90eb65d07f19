//! Lists of treatments.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::{Value as Json, json};
use wardkeep_tenancy::{TenantTx, UserId};

use super::READ;
use super::entity::{Column, Entity};
use super::errors::TreatmentError;
use super::progress::Course;
use super::status::Status;
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::patients::PatientId;
use crate::records::{self, RecordError};
use crate::statuses::Statuses as _;

const ORDERS: &[Order<Column>] = &[
    // Ids sort by time.
    Order {
        name: "createdAt",
        key: &[Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
];

/// Which treatments to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those of this patient.
    pub patient: Option<PatientId>,
    /// Only those that this practitioner leads.
    pub practitioner: Option<UserId>,
    /// Only those with one of these statuses.
    pub statuses: Option<Vec<String>>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Lists treatments, each with how far it is.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<Course>, TreatmentError> {
    tx.require(READ).map_err(RecordError::from)?;
    let mut refusals = Refusals::default();
    for name in listing.statuses.iter().flatten() {
        Status::any(&mut refusals, name);
    }
    refusals.none()?;
    let page = page(tx, listing).await?;
    let event = Event::search("treatment", listing.filters());
    audit::record(tx, event.about(listing.patient)).await?;
    Ok(page)
}

/// One page of a list, without a trace: for what leaves one of its own.
pub(crate) async fn page(tx: &TenantTx, listing: &Listing) -> Result<Page<Course>, RecordError> {
    let rows = listing.selected(tx)?;
    let page = paging::page(tx, rows, ORDERS, &listing.filters(), &listing.paging).await?;
    Ok(Page {
        items: Course::of_all(tx, page.items).await?,
        next: page.next,
        total: page.total,
    })
}

impl Listing {
    fn filters(&self) -> Json {
        json!({
            "patientId": self.patient,
            "practitionerId": self.practitioner,
            "status": self.statuses,
            "deleted": self.deleted,
        })
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
            self.statuses
                .as_ref()
                .map(|names| Column::Status.is_in(names.iter().map(String::as_str))),
        ];
        Ok(conditions.into_iter().flatten().fold(rows, Select::filter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans;
    use crate::treatment_sessions::thousands::clinic_of_thousands;

    #[tokio::test]
    async fn every_filter_in_every_order_is_found_by_an_index() {
        let (_test, tx) = clinic_of_thousands().await;
        let one = tx.find::<Entity>().one(&tx).await.unwrap().unwrap();
        for number in 0..16_u32 {
            let asks = |bit: u32| number >> bit & 1 == 1;
            for sort in ["createdAt", "-createdAt", "updatedAt", "-updatedAt"] {
                let listing = Listing {
                    patient: asks(0).then_some(one.patient_id),
                    practitioner: asks(1).then_some(one.practitioner_id),
                    statuses: asks(2).then(|| vec!["active".to_owned(), "on-hold".to_owned()]),
                    deleted: asks(3),
                    paging: Paging {
                        sort: Some(sort.to_owned()),
                        ..Paging::default()
                    },
                };
                let rows = listing.selected(&tx).unwrap();
                let page = paging::asked(&tx, rows, ORDERS, &json!(null), &listing.paging);
                let plan = plans::of(&tx, page.unwrap().1).await;

                let used: String = plan.lines().filter(|line| line.contains("Index Cond")).collect();
                let of_lead = number == 2 && sort.ends_with("createdAt");
                for (column, needed) in [
                    ("organization_id", true),
                    ("patient_id", asks(0)),
                    ("practitioner_id", of_lead),
                ] {
                    assert!(!needed || used.contains(column), "{column}, {listing:?}\n{plan}");
                }
                assert!(!plan.contains("Seq Scan"), "{listing:?}\n{plan}");
                assert!(number > 0 || !plan.contains("Sort"), "{plan}");
            }
        }
    }

    #[tokio::test]
    async fn one_status_is_read_in_its_order() {
        let (_test, tx) = clinic_of_thousands().await;
        let listing = Listing {
            statuses: Some(vec!["on-hold".to_owned()]),
            ..Listing::default()
        };
        let rows = listing.selected(&tx).unwrap();
        let page = paging::asked(&tx, rows, ORDERS, &json!(null), &listing.paging);
        let plan = plans::of(&tx, page.unwrap().1).await;

        assert!(
            plan.contains("treatments_status_idx") && !plan.contains("Sort"),
            "{plan}"
        );
    }
}
