//! What was recorded, for who may see it.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, ModelTrait, QueryFilter, QuerySelect};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use wardkeep_tenancy::{TenantTx, UserId};

use super::entity::{Column, Entity};
use super::{AuditEvent, Event, READ, record};
use crate::RESOURCES;
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::patients::{Patient, PatientId};
use crate::records::{RecordError, instant};

const OUTCOMES: [&str; 3] = ["success", "replayed", "refused"];
/// What is done beside that for which there are rights.
const SEARCH: &str = "search";

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
    /// What was to be done: `search`, or something for which there is a right, such as `read`.
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
        return Err(RecordError::NotFound {
            resource: "patient",
            code: "PATIENT_NOT_FOUND",
        });
    }
    let listing = Listing {
        patient: Some(patient),
        ..listing
    };
    list(tx, &listing).await
}

/// A deleted patient was, too.
async fn ever_was(tx: &TenantTx, patient: PatientId) -> Result<bool, DbErr> {
    type Patients = <Patient as ModelTrait>::Entity;
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
        let actions: Vec<_> = actions.chain([SEARCH]).collect();
        for (field, given, known) in [
            ("resource", &self.resource, &resources[..]),
            ("action", &self.action, &actions),
            ("outcome", &self.outcome, &OUTCOMES),
        ] {
            let holds = given.as_deref().is_none_or(|given| known.contains(&given));
            refusals.unless(holds, field, "names nothing that is recorded");
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
