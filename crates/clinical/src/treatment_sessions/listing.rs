//! Lists of sessions.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::{Value as Json, json};
use wardkeep_tenancy::{TenantTx, UserId};

use super::READ;
use super::entity::{Column, Entity};
use super::errors::SessionError;
use super::plan::PlannedSession;
use super::status::Status;
use crate::appointments::AppointmentId;
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::patients::PatientId;
use crate::records::{self, RecordError};
use crate::statuses::Statuses as _;
use crate::treatments::TreatmentId;

const ORDERS: &[Order<Column>] = &[
    // Ids sort by time.
    Order {
        name: "createdAt",
        key: &[Column::Id],
    },
    // Only of one treatment, whose index has them so.
    Order {
        name: NUMBER,
        key: &[Column::Number, Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
];

const NUMBER: &str = "number";

/// Which sessions to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those of this treatment.
    pub treatment: Option<TreatmentId>,
    /// Only those in this appointment.
    pub appointment: Option<AppointmentId>,
    /// Only those of this patient.
    pub patient: Option<PatientId>,
    /// Only those that this practitioner performs.
    pub performer: Option<UserId>,
    /// Only those with one of these statuses.
    pub statuses: Option<Vec<String>>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list. They are in the order of their numbers only within one treatment.
    pub paging: Paging,
}

/// Lists sessions.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<PlannedSession>, SessionError> {
    tx.require(READ).map_err(RecordError::from)?;
    listing.check()?;
    let page = page(tx, listing).await?;
    let event = Event::search("treatmentSession", listing.filters());
    audit::record(tx, event.about(listing.patient)).await?;
    Ok(page)
}

/// One page of a list, without a trace: for what leaves one of its own.
pub(crate) async fn page(tx: &TenantTx, listing: &Listing) -> Result<Page<PlannedSession>, RecordError> {
    let rows = listing.selected(tx)?;
    let page = paging::page(tx, rows, ORDERS, &listing.filters(), &listing.paging).await?;
    Ok(Page {
        items: PlannedSession::of_all(tx, page.items).await?,
        next: page.next,
        total: page.total,
    })
}

impl Listing {
    fn filters(&self) -> Json {
        json!({
            "treatmentId": self.treatment,
            "appointmentId": self.appointment,
            "patientId": self.patient,
            "performerId": self.performer,
            "status": self.statuses,
            "deleted": self.deleted,
        })
    }

    fn check(&self) -> Result<(), RecordError> {
        let mut refusals = Refusals::default();
        for name in self.statuses.iter().flatten() {
            Status::any(&mut refusals, name);
        }
        let sort = self.paging.sort.as_deref().unwrap_or_default();
        refusals.unless(
            sort.trim_start_matches('-') != NUMBER || self.treatment.is_some(),
            "sort",
            "can be by number only with a treatmentId",
        );
        refusals.none()
    }

    fn selected(&self, tx: &TenantTx) -> Result<Select<Entity>, RecordError> {
        let rows = if self.deleted {
            records::deleted::<Entity>(tx)?
        } else {
            records::present::<Entity>(tx)
        };
        let conditions = [
            self.treatment.map(|id| Column::TreatmentId.eq(id)),
            self.appointment.map(|id| Column::AppointmentId.eq(id)),
            self.patient.map(|id| Column::PatientId.eq(id)),
            self.performer.map(|id| Column::PerformerId.eq(id)),
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
        for number in 0..64_u32 {
            let asks = |bit: u32| number >> bit & 1 == 1;
            for sort in [
                "createdAt",
                "-createdAt",
                "updatedAt",
                "-updatedAt",
                "number",
                "-number",
            ] {
                let listing = Listing {
                    treatment: asks(0).then_some(one.treatment_id),
                    appointment: asks(1).then_some(one.appointment_id),
                    patient: asks(2).then_some(one.patient_id),
                    performer: asks(3).then_some(one.performer_id),
                    statuses: asks(4).then(|| vec!["preparation".to_owned(), "stopped".to_owned()]),
                    deleted: asks(5),
                    paging: Paging {
                        sort: Some(sort.to_owned()),
                        ..Paging::default()
                    },
                };
                if listing.check().is_err() {
                    assert!(sort.ends_with(NUMBER) && listing.treatment.is_none());
                    continue;
                }
                let rows = listing.selected(&tx).unwrap();
                let page = paging::asked(&tx, rows, ORDERS, &json!(null), &listing.paging);
                let plan = plans::of(&tx, page.unwrap().1).await;

                let used: String = plan.lines().filter(|line| line.contains("Index Cond")).collect();
                let named = ["treatment_id", "appointment_id", "patient_id"];
                let of_few = (0..3).any(asks);
                assert!(used.contains("organization_id"), "{listing:?}\n{plan}");
                assert!(
                    !of_few || named.iter().any(|column| used.contains(column)),
                    "{listing:?}\n{plan}"
                );
                let of_patient = asks(2) && !asks(0) && !asks(1);
                assert!(
                    !of_patient || plan.contains("treatment_sessions_patient_id_idx"),
                    "{listing:?}\n{plan}"
                );
                let of_performer = asks(3) && !of_few && !asks(4) && !asks(5) && sort.ends_with("createdAt");
                assert!(
                    !of_performer || used.contains("performer_id"),
                    "{listing:?}\n{plan}"
                );
                assert!(!plan.contains("Seq Scan"), "{listing:?}\n{plan}");
                assert!(number > 0 || !plan.contains("Sort"), "{plan}");
            }
        }
    }

    #[tokio::test]
    async fn one_status_is_read_in_its_order() {
        let (_test, tx) = clinic_of_thousands().await;
        let listing = Listing {
            statuses: Some(vec!["in-progress".to_owned()]),
            ..Listing::default()
        };
        let rows = listing.selected(&tx).unwrap();
        let page = paging::asked(&tx, rows, ORDERS, &json!(null), &listing.paging);
        let plan = plans::of(&tx, page.unwrap().1).await;

        assert!(
            plan.contains("treatment_sessions_status_idx") && !plan.contains("Sort"),
            "{plan}"
        );
    }
}
