//! Deletes what is over.

use sea_orm::Value;
use time::{Duration, OffsetDateTime};
use wardkeep_tenancy::{RequestContext, WorkerDatabase};

use super::WorkerError;

/// How many rows one transaction deletes.
const BATCH: i64 = 1_000;
/// How long a mail that was sent or given up is remembered.
const MEMORY: Duration = Duration::days(7);

/// How many rows were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Expired verifications.
    pub verifications: u64,
    /// Expired sessions.
    pub sessions: u64,
    /// Mails sent or given up more than seven days ago.
    pub mails: u64,
    /// Answers to creates that are not repeated any more.
    pub idempotency_keys: u64,
}

const VERIFICATIONS: &str = r#"
delete from public.verification
where id in (
  select id
  from public.verification
  where "expiresAt" < $1
  order by "expiresAt"
  limit $2
)"#;

const SESSIONS: &str = r#"
delete from public.session
where id in (
  select id
  from public.session
  where "expiresAt" < $1
  order by "expiresAt"
  limit $2
)"#;

const MAILS: &str = "
delete from public.outbox
where id in (
  select id
  from public.outbox
  where content is null
    and coalesce(sent_at, given_up_at) < $1
  order by coalesce(sent_at, given_up_at)
  limit $2
)";

/// An id is unique within its organization alone, which the worker does not see: what is deleted is over by itself.
const IDEMPOTENCY_KEYS: &str = "
delete from public.idempotency_keys
where expires_at < $1
  and id in (
    select id
    from public.idempotency_keys
    where expires_at < $1
    order by expires_at
    limit $2
  )";

pub(super) async fn all(database: &WorkerDatabase, cx: &RequestContext) -> Result<Swept, WorkerError> {
    Ok(Swept {
        verifications: batches(database, cx, VERIFICATIONS, cx.now()).await?,
        sessions: batches(database, cx, SESSIONS, cx.now()).await?,
        mails: batches(database, cx, MAILS, cx.now() - MEMORY).await?,
        idempotency_keys: batches(database, cx, IDEMPOTENCY_KEYS, cx.now()).await?,
    })
}

async fn batches(
    database: &WorkerDatabase,
    cx: &RequestContext,
    statement: &'static str,
    before: OffsetDateTime,
) -> Result<u64, WorkerError> {
    let mut deleted = 0;
    loop {
        let tx = database.begin(cx).await?;
        let values = [Value::from(before), Value::from(BATCH)];
        let batch = tx.sql(statement, values).execute().await?;
        tx.commit().await?;
        deleted += batch;
        if i64::try_from(batch).unwrap_or(i64::MAX) < BATCH {
            return Ok(deleted);
        }
    }
}
