//! A connection on loan from the pool, and what must become of it when work on it is abandoned.
//!
//! A connection may go back to the pool only when it is known to be outside of a transaction, or when a rollback is
//! queued that the pool flushes before it lends the connection again. Everything else is closed: a message whose
//! answer was not awaited may have opened a transaction, or may still be running.

mod levels;

pub(crate) use levels::LevelId;

use std::io;
use std::time::Duration;

use sea_orm::sea_query::Values;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError, Value};
use sea_query_sqlx::SqlxValues;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgQueryResult, PgRow, PgSeverity, PgTransactionManager};
use sqlx::{AssertSqlSafe, Connection, Executor, Postgres, SqlSafeStr, SqlStr};
use sqlx_core::transaction::TransactionManager;

use super::slots::Slot;
use super::{Pool, Settings};
use levels::Levels;

/// A connection, and what it is doing.
pub(crate) struct Lease {
    connection: Option<PoolConnection<Postgres>>,
    state: State,
    levels: Levels,
    guard: Guard,
    slot: Option<Slot>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The opening message was sent; whether a transaction is open is not known.
    Opening,
    /// In a transaction, and nothing is under way.
    Idle,
    /// A statement is under way, or was abandoned, or the connection broke.
    Busy,
    /// In no transaction.
    Done,
}

/// Whether abandoned work closes its connection. Off only in tests, to show what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    On,
    #[cfg(feature = "unguarded")]
    Off,
}

impl Guard {
    fn is_on(self) -> bool {
        self == Self::On
    }
}

impl Lease {
    /// Opens a transaction in one round trip. The pool does not test its connections before it lends them: when this
    /// one turns out to be dead, the message is sent once more, on a connection that has just answered.
    pub(super) async fn open(pool: &Pool, settings: &Settings, slot: Option<Slot>) -> Result<Self, DbErr> {
        let text = settings.begin();
        let timeout = pool.acquire_timeout;
        let mut lease = Self::borrow(pool, State::Opening).await?;
        match lease.begin(&text, timeout).await {
            Ok(()) => {}
            Err(error) if died(&error) => {
                tracing::debug!(%error, "a pooled connection was dead");
                drop(lease);
                lease = Self::borrow_tested(pool, State::Opening).await?;
                lease.begin(&text, timeout).await.map_err(connection_error)?;
            }
            Err(error) => return Err(connection_error(error)),
        }
        lease.slot = slot;
        Ok(lease)
    }

    /// Runs one statement outside of a transaction, and gives the connection back.
    pub(super) async fn fetch_one(
        pool: &Pool,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<PgRow>, DbErr> {
        let mut lease = Self::borrow(pool, State::Busy).await?;
        match lease.fetch_one_here(text, values.clone()).await {
            Err(error) if died(&error) => {
                tracing::debug!(%error, "a pooled connection was dead");
                drop(lease);
                let mut lease = Self::borrow_tested(pool, State::Busy).await?;
                lease.fetch_one_here(text, values).await
            }
            outcome => outcome,
        }
        .map_err(query_error)
    }

    async fn borrow(pool: &Pool, state: State) -> Result<Self, DbErr> {
        let connection = pool.connections.acquire().await.map_err(acquire_error)?;
        Ok(Self {
            connection: Some(connection),
            state,
            levels: Levels::default(),
            guard: pool.guard,
            slot: None,
        })
    }

    /// Borrows a connection that answers. After a restart of the server every idle one is dead.
    async fn borrow_tested(pool: &Pool, state: State) -> Result<Self, DbErr> {
        for _ in 0..pool.max_connections {
            let mut lease = Self::borrow(pool, State::Busy).await?;
            let ping = tokio::time::timeout(pool.acquire_timeout, lease.connection()?.ping()).await;
            if matches!(ping, Ok(Ok(()))) {
                lease.state = state;
                return Ok(lease);
            }
        }
        Self::borrow(pool, state).await
    }

    async fn begin(&mut self, text: &str, timeout: Duration) -> Result<(), SqlxError> {
        let connection = self.connection.as_mut().ok_or(SqlxError::PoolClosed)?;
        let begin = PgTransactionManager::begin(connection, Some(AssertSqlSafe(text).into_sql_str()));
        match tokio::time::timeout(timeout, begin).await {
            Ok(outcome) => outcome?,
            Err(_) => return Err(SqlxError::Io(io::ErrorKind::TimedOut.into())),
        }
        self.state = State::Idle;
        Ok(())
    }

    async fn fetch_one_here(
        &mut self,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<PgRow>, SqlxError> {
        let connection = self.connection.as_mut().ok_or(SqlxError::PoolClosed)?;
        let query = sqlx::query_with(text, SqlxValues(Values(values)));
        let outcome = query.fetch_optional(&mut **connection).await;
        if !outcome.as_ref().is_err_and(breaks) {
            self.state = State::Done;
        }
        outcome
    }

    /// Runs one statement and returns its rows.
    pub(crate) async fn fetch_all(
        &mut self,
        level: LevelId,
        text: SqlStr,
        values: Values,
    ) -> Result<Vec<PgRow>, DbErr> {
        let connection = self.enter(level).await?;
        let outcome = sqlx::query_with(text, SqlxValues(values))
            .fetch_all(connection)
            .await;
        self.leave(outcome).map_err(query_error)
    }

    /// Runs one statement and returns its first row. The rest of the answer is read, so that no error hides in it.
    pub(crate) async fn fetch_optional(
        &mut self,
        level: LevelId,
        text: SqlStr,
        values: Values,
    ) -> Result<Option<PgRow>, DbErr> {
        let connection = self.enter(level).await?;
        let outcome = sqlx::query_with(text, SqlxValues(values))
            .fetch_optional(connection)
            .await;
        self.leave(outcome).map_err(query_error)
    }

    /// Runs one statement and returns what it changed.
    pub(crate) async fn execute(
        &mut self,
        level: LevelId,
        text: SqlStr,
        values: Values,
    ) -> Result<PgQueryResult, DbErr> {
        let connection = self.enter(level).await?;
        let outcome = sqlx::query_with(text, SqlxValues(values))
            .execute(connection)
            .await;
        self.leave(outcome).map_err(exec_error)
    }

    /// Narrows the transaction: another role and more settings, in one round trip.
    pub(crate) async fn narrow(&mut self, settings: &Settings, slot: Slot) -> Result<(), DbErr> {
        let connection = self.enter(LevelId::ROOT).await?;
        let outcome = connection.execute(AssertSqlSafe(settings.narrow())).await;
        self.leave(outcome).map_err(exec_error)?;
        self.slot = Some(slot);
        Ok(())
    }

    /// Sets a savepoint inside the innermost level.
    pub(crate) async fn begin_nested(&mut self, level: LevelId) -> Result<LevelId, DbErr> {
        let nested = self.levels.next();
        let connection = self.enter(level).await?;
        let outcome = connection.execute(AssertSqlSafe(nested.savepoint())).await;
        self.leave(outcome).map_err(exec_error)?;
        self.levels.push(nested);
        Ok(nested)
    }

    /// Keeps what was done since the savepoint.
    pub(crate) async fn commit_nested(&mut self, level: LevelId) -> Result<(), DbErr> {
        self.refuse_failed(level)?;
        let connection = self.enter(level).await?;
        let outcome = connection.execute(AssertSqlSafe(level.release())).await;
        self.leave(outcome).map_err(exec_error)?;
        self.levels.pop(level);
        Ok(())
    }

    /// Undoes what was done since the savepoint, now.
    pub(crate) async fn rollback_nested(&mut self, level: LevelId) -> Result<(), DbErr> {
        self.levels.abandon(level);
        let innermost = self.levels.innermost();
        self.enter(innermost).await?;
        self.state = State::Idle;
        Ok(())
    }

    /// Marks a level as dropped: the next statement rolls back to its savepoint first.
    pub(crate) fn abandon(&mut self, level: LevelId) {
        self.levels.abandon(level);
    }

    /// Commits, and gives the connection back.
    pub(crate) async fn commit(&mut self) -> Result<(), DbErr> {
        self.refuse_failed(LevelId::ROOT)?;
        let connection = self.enter(LevelId::ROOT).await?;
        let outcome = PgTransactionManager::commit(connection).await;
        self.leave(outcome).map_err(exec_error)?;
        self.state = State::Done;
        self.put_away();
        Ok(())
    }

    /// Gives the connection back, or closes it. Without waiting: this is what dropping does.
    pub(crate) fn put_away(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        match self.state {
            State::Done => {}
            State::Idle => PgTransactionManager::start_rollback(&mut connection),
            State::Opening | State::Busy if self.guard.is_on() => {
                tracing::debug!(state = ?self.state, "closing a connection with abandoned work");
                connection.close_on_drop();
            }
            State::Opening | State::Busy => PgTransactionManager::start_rollback(&mut connection),
        }
        self.slot = None;
    }

    fn connection(&mut self) -> Result<&mut PgConnection, DbErr> {
        self.connection
            .as_deref_mut()
            .ok_or_else(|| refused("the transaction has ended"))
    }

    /// Takes the connection for one message of the innermost level. Whoever is dropped between this and
    /// [`leave`](Self::leave) leaves it Busy, and nothing more is sent on it.
    async fn enter(&mut self, level: LevelId) -> Result<&mut PgConnection, DbErr> {
        match self.state {
            State::Idle => {}
            State::Busy if !self.guard.is_on() => {}
            State::Done => return Err(refused("the transaction has ended")),
            State::Opening | State::Busy => {
                return Err(refused(
                    "an earlier statement of this transaction was abandoned, or lost its connection; nothing is kept",
                ));
            }
        }
        self.levels.check(level)?;
        self.state = State::Busy;
        if let Some(text) = self.levels.unwinding() {
            let outcome = self.connection()?.execute(AssertSqlSafe(text)).await;
            self.leave(outcome).map_err(exec_error)?;
            self.levels.unwound();
            self.state = State::Busy;
        }
        self.connection()
    }

    fn leave<T>(&mut self, outcome: Result<T, SqlxError>) -> Result<T, SqlxError> {
        match &outcome {
            Ok(_) => self.state = State::Idle,
            Err(error) => {
                self.levels.fail();
                if !breaks(error) {
                    self.state = State::Idle;
                }
            }
        }
        outcome
    }

    /// PostgreSQL answers ROLLBACK to the COMMIT of a failed transaction, and the driver takes that for a success.
    fn refuse_failed(&self, level: LevelId) -> Result<(), DbErr> {
        if self.guard.is_on() && self.levels.failed(level) {
            return Err(refused(
                "a statement of this transaction failed; it is rolled back",
            ));
        }
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.put_away();
    }
}

/// Whether the connection must not be used again. `0A000` is a cached plan whose table has changed its shape under a
/// migration: a new connection plans anew.
fn breaks(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::Protocol(_) | SqlxError::WorkerCrashed => true,
        SqlxError::Database(error) => error.try_downcast_ref::<PgDatabaseError>().is_none_or(|error| {
            matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic) || error.code() == "0A000"
        }),
        _ => false,
    }
}

/// Whether the connection was lost, rather than slow.
fn died(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(error) => error.kind() != io::ErrorKind::TimedOut,
        error => breaks(error),
    }
}

fn acquire_error(error: SqlxError) -> DbErr {
    match error {
        SqlxError::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        SqlxError::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => connection_error(error),
    }
}

fn connection_error(error: SqlxError) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

fn query_error(error: SqlxError) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn exec_error(error: SqlxError) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

pub(crate) fn refused(why: &str) -> DbErr {
    DbErr::Exec(RuntimeErr::Internal(why.to_owned()))
}
