//! Who saw, searched, changed or was refused what (FHIR AuditEvent).
//!
//! Every operation of this crate writes one row, in the transaction that it tells of. The row is never changed: the
//! application's role may insert and read, and a trigger refuses everybody else.

mod entity;
mod list;
mod subject;

use sea_orm::{ActiveValue, DbErr, EntityTrait};
use serde_json::Value as Json;
use uuid::Uuid;
use wardkeep_tenancy::{Permission, TenantTx};

pub use entity::{AuditEvent, AuditEventId};
pub use list::{Listing, list, of_patient};

use crate::patients::PatientId;

/// The right to see who saw what.
pub const READ: Permission = Permission::new("audit", "read");

/// What happened, as far as an operation knows it. Who, when and from where comes from the transaction.
pub(crate) struct Event {
    action: &'static str,
    resource: &'static str,
    id: Option<Uuid>,
    patient: Option<PatientId>,
    outcome: Outcome,
    changes: Option<Json>,
    query: Option<Json>,
}

enum Outcome {
    Success,
    Replayed,
    Refused(String),
}

impl Event {
    pub(crate) fn new(action: &'static str, resource: &'static str) -> Self {
        Self {
            action,
            resource,
            id: None,
            patient: None,
            outcome: Outcome::Success,
            changes: None,
            query: None,
        }
    }

    /// A search in records of one kind: what was asked for, as a JSON object. What is null was not asked for.
    pub(crate) fn search(resource: &'static str, mut query: Json) -> Self {
        if let Some(asked) = query.as_object_mut() {
            asked.retain(|_, value| !value.is_null());
        }
        Self {
            query: Some(query),
            ..Self::new("search", resource)
        }
    }

    /// Names the record.
    pub(crate) fn of(self, id: Uuid) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Names the patient whom it is about.
    pub(crate) fn about(self, patient: Option<PatientId>) -> Self {
        Self { patient, ..self }
    }

    /// Says what was asked for beside the record, as a JSON object.
    pub(crate) fn asking(self, query: Json) -> Self {
        Self {
            query: Some(query),
            ..self
        }
    }

    /// Says what changed.
    pub(crate) fn changing(self, changes: Json) -> Self {
        Self {
            changes: Some(changes),
            ..self
        }
    }

    /// Says that an earlier answer was given once more.
    pub(crate) fn replayed(self) -> Self {
        Self {
            outcome: Outcome::Replayed,
            ..self
        }
    }
}

/// Writes what happened.
pub(crate) async fn record(tx: &TenantTx, event: Event) -> Result<(), DbErr> {
    let (outcome, code) = match event.outcome {
        Outcome::Success => ("success", None),
        Outcome::Replayed => ("replayed", None),
        Outcome::Refused(code) => ("refused", Some(code)),
    };
    let row = entity::ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        recorded_at: ActiveValue::Set(tx.now()),
        user_id: ActiveValue::Set(tx.user()),
        user_name: ActiveValue::Set(tx.context().actor_name().to_owned()),
        action: ActiveValue::Set(event.action.to_owned()),
        resource: ActiveValue::Set(event.resource.to_owned()),
        resource_id: ActiveValue::Set(event.id),
        patient_id: ActiveValue::Set(event.patient),
        address: ActiveValue::Set(tx.context().address().map(str::to_owned)),
        request_id: ActiveValue::Set(tx.context().request_id().to_owned()),
        outcome: ActiveValue::Set(outcome.to_owned()),
        code: ActiveValue::Set(code),
        changes: ActiveValue::Set(event.changes),
        query: ActiveValue::Set(event.query),
    };
    entity::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// What somebody was refused: an action on a kind of record, the ids that they named, and the code of the answer.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The kind of record, such as `patient`.
    pub resource: &'static str,
    /// What was to be done: as [`Listing::action`].
    pub action: &'static str,
    /// The record that was named, whether or not there is one.
    pub id: Option<Uuid>,
    /// The patient who was named, whether or not there is one.
    pub patient: Option<PatientId>,
    /// The code of the answer, such as `FORBIDDEN`.
    pub code: String,
    /// What was asked for beside that, as a JSON object, such as the filters of a list.
    pub query: Option<Json>,
}

/// Writes that somebody was refused. In a transaction of its own: the one that was refused is rolled back. Of a record
/// that is about a patient it is told whose it is.
///
/// # Errors
///
/// When the database fails. Then the answer may not be given.
pub async fn refused(tx: &TenantTx, refusal: Refusal) -> Result<(), DbErr> {
    let named = match refusal.id {
        Some(id) => subject::patient_of(tx, refusal.resource, id).await?,
        None => None,
    };
    let event = Event {
        id: refusal.id,
        outcome: Outcome::Refused(refusal.code),
        query: refusal.query,
        ..Event::new(refusal.action, refusal.resource)
    };
    record(tx, event.about(named.or(refusal.patient))).await
}
