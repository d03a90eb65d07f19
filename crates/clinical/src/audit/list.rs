//! What was recorded, for who may see it.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ModelTrait, QueryFilter, QuerySelect};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use wardkeep_tenancy::{TenantTx, UserId};

use super::entity::{Column, Entity};
use super::{AuditEvent, Event, READ, record};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::patients::{Patient, PatientId};
use crate::records::{RecordError, instant, not_found};
use crate::rights::RESOURCES;

type Patients = <Patient as ModelTrait>::Entity;

const OUTCOMES: [&str; 3] = ["success", "replayed", "refused"];
/// What is done beside that for which there are rights.
const OTHERS: [&str; 3] = ["search", "download", "verify"];

const ORDERS: &[Order<Column>] = &[Order {
    name: "recordedAt",
    key: &[Column::RecordedAt, Column::Id],
}];

/// Which events to list; those that fit all that is said.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// About this patient.
    pub patient: Option<PatientId>,
    /// By this user.
    pub user: Option<UserId>,
    /// About this kind of record: one of those for which there are rights, such as `patient` or `audit`.
    pub resource: Option<String>,
    /// What was to be done: `search`, `download` (the content of a document), `verify` (the signature of a note), or something
    /// for which there is a right, such as `read`.
    pub action: Option<String>,
    /// `success`, `replayed` or `refused`.
    pub outcome: Option<String>,
    /// Recorded at this instant or later.
    pub from: Option<OffsetDateTime>,
    /// Recorded before this instant.
    pub to: Option<OffsetDateTime>,
    /// Which part of the list; the newest first, unless an order is asked for.
    pub paging: Paging,
}

/// Lists what was recorded in this organization.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<AuditEvent>, RecordError> {
    tx.require(READ)?;
    listing.check()?;
    let filters = listing.filters();
    let paging = listing.paging.or_sorted_by("-recordedAt");
    let page = paging::page(tx, listing.events(tx), ORDERS, &filters, &paging).await?;
    record(tx, Event::search("audit", filters).about(listing.patient)).await?;
    Ok(page)
}

/// Lists what was recorded about one patient: who opened the file, and what was done with it. Of a deleted one too.
///
/// # Errors
///
/// As [`list`], and when there never was such a patient in this organization.
pub async fn of_patient(
    tx: &TenantTx,
    patient: PatientId,
    listing: Listing,
) -> Result<Page<AuditEvent>, RecordError> {
    tx.require(READ)?;
    if !ever_was(tx, patient).await? {
        return Err(not_found::<Patients>());
    }
    let listing = Listing {
        patient: Some(patient),
        ..listing
    };
    list(tx, &listing).await
}

/// A deleted patient was, too.
async fn ever_was(tx: &TenantTx, patient: PatientId) -> Result<bool, DbErr> {
    let found = Patients::find_by_id((tx.organization(), patient))
        .select_only()
        .expr(Expr::val(1))
        .into_tuple::<i32>()
        .one(tx)
        .await?;
    Ok(found.is_some())
}

impl Listing {
    fn check(&self) -> Result<(), RecordError> {
        let mut refusals = Refusals::default();
        let resources: Vec<_> = RESOURCES.iter().map(|(resource, ..)| *resource).collect();
        let actions = RESOURCES.iter().flat_map(|(_, actions, _)| *actions).copied();
        let actions: Vec<_> = actions.chain(OTHERS).collect();
        for (field, given, known) in [
            ("resource", &self.resource, &resources[..]),
            ("action", &self.action, &actions),
            ("outcome", &self.outcome, &OUTCOMES),
        ] {
            let holds = given.as_deref().is_none_or(|given| known.contains(&given));
            let mut known = known.to_vec();
            known.sort_unstable();
            known.dedup();
            refusals.unless(holds, field, format!("must be one of {}", known.join(", ")));
        }
        for (field, at) in [("from", self.from), ("to", self.to)] {
            if let Some(at) = at {
                refusals.instant(field, at);
            }
        }
        let ends_later = match (self.from, self.to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        refusals.unless(ends_later, "to", "must be later than from");
        refusals.none()
    }

    /// Each condition is over an index of its own, which has the events in the order of time.
    fn events(&self, tx: &TenantTx) -> sea_orm::Select<Entity> {
        let mut events = tx.find::<Entity>();
        if let Some(patient) = self.patient {
            events = events.filter(Column::PatientId.eq(patient));
        }
        if let Some(user) = self.user {
            events = events.filter(Column::UserId.eq(user));
        }
        if let Some(resource) = &self.resource {
            events = events.filter(Column::Resource.eq(resource.as_str()));
        }
        if let Some(action) = &self.action {
            events = events.filter(Column::Action.eq(action.as_str()));
        }
        if let Some(outcome) = &self.outcome {
            events = events.filter(Column::Outcome.eq(outcome.as_str()));
            if outcome != "success" {
                // Not as a value: a plan for any value could not use the index, which is over these alone.
                events = events.filter(Expr::cust("outcome <> 'success'"));
            }
        }
        if let Some(from) = self.from {
            events = events.filter(Column::RecordedAt.gte(from));
        }
        if let Some(to) = self.to {
            events = events.filter(Column::RecordedAt.lt(to));
        }
        events
    }

    fn filters(&self) -> Json {
        json!({
            "patientId": self.patient.map(|id| id.as_uuid()),
            "userId": self.user.map(|id| id.as_uuid()),
            "resource": self.resource,
            "action": self.action,
            "outcome": self.outcome,
            "from": self.from.and_then(instant),
            "to": self.to.and_then(instant),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans;
    use time::macros::datetime;
    use wardkeep_testkit::TestDatabase;

    /// Ten clinics with 4,000 events each, of which a few stand out.
    const EVENTS: &str = r#"
        insert into audit_events (organization_id, id, recorded_at, user_id, user_name, action, resource, patient_id,
          request_id, outcome, code)
        select
          organization.id,
          gen_random_uuid(),
          timestamptz '2026-01-01 00:00Z' + number * interval '1 minute',
          ('00000000-0000-4000-8000-' || lpad((case when number % 800 = 1 then 77 else number % 4 end)::text, 12, '0'))::uuid,
          'Somebody',
          case when number % 800 = 2 then 'restore' else 'read' end,
          case when number % 800 = 3 then 'room' else 'patient' end,
          ('00000000-0000-7000-8000-' || lpad((number % 400)::text, 12, '0'))::uuid,
          number,
          case number % 800 when 4 then 'refused' when 5 then 'replayed' else 'success' end,
          case number % 800 when 4 then 'FORBIDDEN' end
        from organization, generate_series(1, 4000) as number"#;

    async fn long_log() -> (TestDatabase, TenantTx) {
        plans::ten_clinics(&[EVENTS, "analyze audit_events"]).await
    }

    fn page(tx: &TenantTx, listing: &Listing) -> sea_orm::Select<Entity> {
        let paging = listing.paging.or_sorted_by("-recordedAt");
        let asked = paging::asked(tx, listing.events(tx), ORDERS, &json!(null), &paging);
        asked.unwrap().1
    }

    fn id<T>(text: &str) -> Option<wardkeep_tenancy::Id<T>> {
        Some(text.parse().unwrap())
    }

    fn named(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[tokio::test]
    async fn the_newest_are_read_off_the_index_of_time() {
        let (_test, tx) = long_log().await;
        let few = Listing {
            paging: Paging {
                limit: 1,
                ..Paging::default()
            },
            ..Listing::default()
        };
        let paging = few.paging.or_sorted_by("-recordedAt");
        let first = paging::page(&tx, few.events(&tx), ORDERS, &json!(null), &paging);
        let cursor = first.await.unwrap().next;
        let later = Listing {
            paging: Paging {
                cursor,
                ..Paging::default()
            },
            ..Listing::default()
        };
        let common = Listing {
            action: named("read"),
            outcome: named("success"),
            ..Listing::default()
        };
        let week = Listing {
            from: Some(datetime!(2026-01-01 00:00 UTC)),
            to: Some(datetime!(2026-01-08 00:00 UTC)),
            ..Listing::default()
        };

        for listing in [Listing::default(), later, week, common] {
            let plan = plans::of(&tx, page(&tx, &listing)).await;
            assert!(plan.contains("Index Scan Backward using audit_events_"), "{plan}");
            assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{plan}");
        }
    }

    #[tokio::test]
    async fn what_is_rare_is_found_over_an_index_of_its_own() {
        let (_test, tx) = long_log().await;
        let day = |listing| Listing {
            from: Some(datetime!(2026-01-01 00:00 UTC)),
            to: Some(datetime!(2026-01-03 00:00 UTC)),
            ..listing
        };
        let default = Listing::default;
        let cases = [
            (
                "patient_id",
                Listing {
                    patient: id("00000000-0000-7000-8000-000000000007"),
                    ..default()
                },
            ),
            (
                "user_id",
                Listing {
                    user: id("00000000-0000-4000-8000-000000000077"),
                    ..default()
                },
            ),
            (
                "resource",
                Listing {
                    resource: named("room"),
                    ..default()
                },
            ),
            (
                "action",
                Listing {
                    action: named("restore"),
                    ..default()
                },
            ),
            (
                "outcome",
                Listing {
                    outcome: named("refused"),
                    ..default()
                },
            ),
            (
                "outcome",
                Listing {
                    outcome: named("replayed"),
                    ..default()
                },
            ),
        ];

        for (column, listing) in cases {
            let found = listing.events(&tx).all(&tx).await.unwrap().len();
            assert!((5..=10).contains(&found), "{column}: {found}");
            let both = Listing {
                resource: Some(listing.resource.clone().unwrap_or("patient".to_owned())),
                ..listing.clone()
            };
            for listing in [listing.clone(), day(listing), both] {
                let plan = plans::of(&tx, page(&tx, &listing)).await;
                let conditions: Vec<_> = plan.lines().filter(|line| line.contains("Index Cond")).collect();
                assert!(!plan.contains("Seq Scan"), "{column}\n{plan}");
                assert!(
                    conditions
                        .iter()
                        .all(|line| line.contains(&format!("({column} = "))),
                    "{column}\n{plan}"
                );
                assert!(!conditions.is_empty(), "{column}\n{plan}");
            }
        }
    }
}
