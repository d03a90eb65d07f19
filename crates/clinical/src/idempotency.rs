//! Creates that can be sent again: the answer to the first one is the answer to all of them, for 24 hours
//! (draft-ietf-httpapi-idempotency-key-header).

mod entity;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::Value as Json;
use time::Duration;
use uuid::Uuid;
use wardkeep_tenancy::{Denied, Fault, FaultKind, Permission, TenantTx};

use crate::audit::{self, Event};
use crate::patients::PatientId;
use entity::Column;

const REMEMBERED: Duration = Duration::hours(24);

/// A create that names itself. It counts for one user of one organization on one route.
#[derive(Debug, Clone)]
pub struct Key {
    /// Which create it is, such as `POST /api/v1/rooms`.
    pub route: String,
    /// What the caller called it.
    pub key: String,
    /// A hash of everything else that the request says.
    pub fingerprint: Vec<u8>,
}

/// What was answered.
#[derive(Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status, or what stands for it.
    pub status: u16,
    /// A JSON object of what belongs to the answer beside its body.
    pub headers: Json,
    /// The body.
    pub body: String,
}

/// Claims the key for this transaction, or returns what was answered when it was used before. Another transaction that has
/// claimed it is waited for: if it is rolled back, this one has the key. `create` is the right to do what the key is for; a
/// repeated answer leaves an audit event, which takes the record from the fields `id` and `patientId` of the body.
///
/// # Errors
///
/// When the caller may not do it, the key was used for another request, or the database fails.
pub async fn claim(tx: &TenantTx, create: Permission, key: &Key) -> Result<Option<Answer>, IdempotencyError> {
    tx.require(create)?;
    let row = entity::ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        id: ActiveValue::Set(tx.new_id()),
        user_id: ActiveValue::Set(tx.user()),
        route: ActiveValue::Set(key.route.clone()),
        key: ActiveValue::Set(key.key.clone()),
        fingerprint: ActiveValue::Set(key.fingerprint.clone()),
        status: ActiveValue::Set(None),
        headers: ActiveValue::Set(None),
        body: ActiveValue::Set(None),
        created_at: ActiveValue::Set(tx.now()),
        expires_at: ActiveValue::Set(tx.now() + REMEMBERED),
    };
    // One that is over and was not swept yet is taken over.
    let mut taken = OnConflict::columns([Column::OrganizationId, Column::UserId, Column::Route, Column::Key]);
    taken
        .update_columns([
            Column::Id,
            Column::Fingerprint,
            Column::Status,
            Column::Headers,
            Column::Body,
            Column::CreatedAt,
            Column::ExpiresAt,
        ])
        .action_and_where(Expr::col((entity::Entity, Column::ExpiresAt)).lte(tx.now()));
    let claimed = entity::Entity::insert(row)
        .on_conflict(taken)
        .exec_without_returning(tx)
        .await?;
    if claimed > 0 {
        return Ok(None);
    }
    let used = of(tx, key).one(tx).await?.ok_or(IdempotencyError::Vanished)?;
    if used.fingerprint != key.fingerprint {
        return Err(IdempotencyError::Reused);
    }
    let body = used.body.unwrap_or_default();
    audit::record(tx, replayed(create, &body)).await?;
    Ok(Some(Answer {
        status: used
            .status
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(200),
        headers: used.headers.unwrap_or_default(),
        body,
    }))
}

/// Keeps the answer under the key that this transaction claimed.
///
/// # Errors
///
/// When the database fails.
pub async fn keep(tx: &TenantTx, key: &Key, answer: &Answer) -> Result<(), DbErr> {
    entity::Entity::update_many()
        .set(entity::ActiveModel {
            status: ActiveValue::Set(i16::try_from(answer.status).ok()),
            headers: ActiveValue::Set(Some(answer.headers.clone())),
            body: ActiveValue::Set(Some(answer.body.clone())),
            ..Default::default()
        })
        .filter(Column::OrganizationId.eq(tx.organization()))
        .filter(Column::UserId.eq(tx.user()))
        .filter(Column::Route.eq(key.route.as_str()))
        .filter(Column::Key.eq(key.key.as_str()))
        .exec(tx)
        .await?;
    Ok(())
}

fn of(tx: &TenantTx, key: &Key) -> sea_orm::Select<entity::Entity> {
    tx.find::<entity::Entity>()
        .filter(Column::UserId.eq(tx.user()))
        .filter(Column::Route.eq(key.route.as_str()))
        .filter(Column::Key.eq(key.key.as_str()))
}

/// The create is told of once more, as an answer that was repeated.
fn replayed(create: Permission, body: &str) -> Event {
    let body: Json = serde_json::from_str(body).unwrap_or_default();
    let id = |name: &str| body.get(name)?.as_str()?.parse::<Uuid>().ok();
    let patient = if create.resource == "patient" {
        id("id")
    } else {
        id("patientId")
    };
    let event = Event::new("create", create.resource)
        .about(patient.map(PatientId::from_uuid))
        .replayed();
    match id("id") {
        Some(id) => event.of(id),
        None => event,
    }
}

/// Why a key could not be used.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// No role of the caller allows what the key is for.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request; take a new one")]
    Reused,
    /// The key ended between two statements: the request can be sent again.
    #[error("the idempotency key ended while it was looked at")]
    Vanished,
    /// The database failed.
    #[error("the idempotency key could not be looked at")]
    Database(#[from] DbErr),
}

impl Fault for IdempotencyError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Denied(denied) => denied.kind(),
            Self::Reused => FaultKind::Unprocessable,
            Self::Vanished => FaultKind::Unavailable,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::Reused => "IDEMPOTENCY_KEY_REUSED",
            Self::Vanished => "DATABASE_CONFLICT",
            Self::Database(error) => error.code(),
        }
    }
}
