//! Lists of appointments.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::{Value as Json, json};
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
use crate::statuses::Statuses as _;

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
    let page = page(tx, listing).await?;
    let event = Event::search("appointment", listing.filters());
    audit::record(tx, event.about(listing.patient)).await?;
    Ok(page)
}

/// One page of a list, without a trace: for what leaves one of its own.
pub(crate) async fn page(tx: &TenantTx, listing: &Listing) -> Result<Page<Appointment>, RecordError> {
    let rows = listing.selected(tx)?;
    paging::page(tx, rows, ORDERS, &listing.filters(), &listing.paging).await
}

impl Listing {
    fn filters(&self) -> Json {
        json!({
            "patientId": self.patient,
            "practitionerId": self.practitioner,
            "roomId": self.room,
            "status": self.statuses,
            "from": self.from.and_then(instant),
            "to": self.to.and_then(instant),
            "deleted": self.deleted,
        })
    }

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

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;
    use wardkeep_testkit::TestDatabase;

    use super::*;
    use crate::appointments::busy::{Calendar, taking};
    use crate::calendar::Span;
    use crate::plans;

    const TUESDAY: OffsetDateTime = datetime!(2026-03-10 00:00 UTC);

    /// In each of ten clinics 300 patients and 5 rooms, and 5 practitioners with an appointment every half hour, in Salt Lane
    /// for five weeks: 9,000. Some were cancelled, and some deleted.
    const PATIENTS: &str = "insert into patients (organization_id, id, first_name, last_name)
        select id, md5(id::text || 'patient' || n)::uuid, 'Ana', 'Brandt' from organization, generate_series(0, 299) as n";
    const ROOMS: &str = "insert into rooms (organization_id, id, name)
        select id, md5(id::text || 'room' || n)::uuid, 'Room ' || n from organization, generate_series(0, 4) as n";
    const APPOINTMENTS: &str = "insert into appointments
          (organization_id, id, patient_id, practitioner_id, practitioner_name, room_id, starts_at, ends_at, time_zone,
           status, cancellation_reason, created_by, created_by_name, updated_at, deleted_at)
        select organization.id, gen_random_uuid(), md5(organization.id::text || 'patient' || n * 7 % 300)::uuid,
          md5('practitioner' || n % 5)::uuid, 'Ada', md5(organization.id::text || 'room' || n % 5)::uuid,
          '2026-03-01T00:00Z'::timestamptz + n / 5 * interval '30 minutes',
          '2026-03-01T00:30Z'::timestamptz + n / 5 * interval '30 minutes', 'UTC',
          case when n % 11 = 0 then 'cancelled' else 'booked' end, case when n % 11 = 0 then 'ill' end,
          gen_random_uuid(), 'Ada', '2026-03-01T00:00Z'::timestamptz + n * 7919 % 9000 * interval '1 minute',
          case when n % 53 = 0 then now() end
        from organization, generate_series(0, case slug when 'salt-lane' then 8999 else 999 end) as n";
    /// They would take their time for each of those rows, and no list uses them.
    const NO_CONSTRAINTS: &str = "alter table appointments drop constraint appointments_practitioner_id_excl,
        drop constraint appointments_room_id_excl";

    async fn clinic_of_thousands() -> (TestDatabase, TenantTx) {
        let statements = [
            NO_CONSTRAINTS,
            PATIENTS,
            ROOMS,
            APPOINTMENTS,
            "analyze patients",
            "analyze appointments",
        ];
        plans::ten_clinics(&statements).await
    }

    /// An appointment of the clinic whose list is read.
    async fn somebody(tx: &TenantTx) -> Appointment {
        tx.find::<Entity>().one(tx).await.unwrap().unwrap()
    }

    /// Every filter alone and with each other: that is what the bits of the number say.
    fn asked(number: u32, one: &Appointment) -> Listing {
        let asks = |bit: u32| number >> bit & 1 == 1;
        Listing {
            patient: asks(0).then_some(one.patient_id),
            practitioner: asks(1).then_some(one.practitioner_id),
            room: one.room_id.filter(|_| asks(2)),
            statuses: asks(3).then(|| vec!["booked".to_owned(), "arrived".to_owned()]),
            from: asks(4).then_some(TUESDAY),
            to: asks(4).then_some(TUESDAY + Duration::days(1)),
            deleted: asks(5),
            paging: Paging::default(),
        }
    }

    fn conditions(plan: &str) -> String {
        let lines = plan.lines().filter(|line| line.contains("Index Cond"));
        lines.collect()
    }

    #[tokio::test]
    async fn every_filter_in_every_order_is_found_by_an_index() {
        let (_test, tx) = clinic_of_thousands().await;
        let one = somebody(&tx).await;
        for number in 0..64 {
            for sort in ["start", "-start", "updatedAt", "-updatedAt"] {
                let mut listing = asked(number, &one);
                listing.paging.sort = Some(sort.to_owned());
                let rows = listing.selected(&tx).unwrap();
                let page = paging::asked(&tx, rows, ORDERS, &json!(null), &listing.paging);
                let plan = plans::of(&tx, page.unwrap().1).await;

                let used = conditions(&plan);
                let of_one = listing.patient.is_some();
                let by_start = sort.ends_with("start") && !of_one && !listing.deleted;
                for (column, needed) in [
                    ("organization_id", true),
                    ("patient_id", of_one),
                    ("starts_at", listing.from.is_some()),
                    (
                        "practitioner_id",
                        by_start && listing.practitioner.is_some() && listing.room.is_none(),
                    ),
                    (
                        "room_id",
                        by_start && listing.room.is_some() && listing.practitioner.is_none(),
                    ),
                ] {
                    assert!(!needed || used.contains(column), "{column}, {listing:?}\n{plan}");
                }
                assert!(!plan.contains("Seq Scan"), "{listing:?}\n{plan}");
                if number == 0 {
                    assert!(!plan.contains("Sort"), "{plan}");
                }
            }
        }
    }

    #[tokio::test]
    async fn what_is_taken_is_found_by_whom_and_when() {
        let (_test, tx) = clinic_of_thousands().await;
        let one = somebody(&tx).await;
        let within = Span {
            start: TUESDAY,
            end: TUESDAY + Duration::days(4),
        };
        for (calendar, column) in [
            (Calendar::Practitioner(one.practitioner_id), "practitioner_id"),
            (Calendar::Room(one.room_id.unwrap()), "room_id"),
        ] {
            let plan = plans::of(&tx, taking(&tx, calendar, within)).await;

            let used = conditions(&plan);
            assert!(used.contains(column) && used.contains("starts_at"), "{plan}");
            assert!(!plan.contains("Seq Scan"), "{plan}");
        }
    }
}
