//! What the worker does to the outbox.

use sea_orm::prelude::Expr;
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, FromQueryResult, QueryFilter as _, Value};
use time::OffsetDateTime;
use wardkeep_tenancy::WorkerTx;

use super::entity::{Column, Entity, OutboxId};

/// A mail that is ours to send until the lease is over.
#[derive(FromQueryResult)]
pub(super) struct Claimed {
    pub(super) id: OutboxId,
    pub(super) content: Vec<u8>,
    pub(super) created_at: OffsetDateTime,
    /// With the one that begins now.
    pub(super) attempts: i32,
}

/// Materialized, since a plan that asks the subquery again would claim more than the limit.
const CLAIM: &str = "
with due as materialized (
  select id
  from public.outbox
  where content is not null
    and next_attempt_at <= $1
  order by next_attempt_at
  limit $2
  for update skip locked
)
update public.outbox
set attempts = outbox.attempts + 1,
  next_attempt_at = $3
from due
where outbox.id = due.id
returning outbox.id, outbox.content, outbox.created_at, outbox.attempts";

/// Claims due mails that nobody else claims, oldest first.
pub(super) async fn claim(tx: &WorkerTx, limit: usize, until: OffsetDateTime) -> Result<Vec<Claimed>, DbErr> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [Value::from(tx.now()), Value::from(limit), Value::from(until)];
    let rows = tx.sql(CLAIM, values).all().await?;
    rows.iter()
        .map(|row| Claimed::from_query_result(row, ""))
        .collect()
}

/// Blanks a mail that was sent, or a decoy.
pub(super) async fn sent(tx: &WorkerTx, row: &Claimed) -> Result<(), DbErr> {
    end(tx, row, Column::SentAt).await
}

/// Blanks a mail that will never be sent.
pub(super) async fn give_up(tx: &WorkerTx, row: &Claimed) -> Result<(), DbErr> {
    end(tx, row, Column::GivenUpAt).await
}

/// Lets a mail wait, unless somebody else has claimed it since.
pub(super) async fn postpone(tx: &WorkerTx, row: &Claimed, until: OffsetDateTime) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(until))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Attempts.eq(row.attempts))
        .filter(Column::Content.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}

async fn end(tx: &WorkerTx, row: &Claimed, column: Column) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Content, Expr::value(None::<Vec<u8>>))
        .col_expr(column, Expr::value(tx.now()))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Content.is_not_null())
        .exec(tx)
        .await?;
    Ok(())
}
