//! One level of a transaction. Handles of nested levels share the connection.

use std::sync::{Arc, Mutex as SyncMutex, PoisonError};

use sea_orm::sea_query::Values;
use sea_orm::{DbBackend, DbErr, ExecResult, QueryResult, StatementBuilder};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use tokio::sync::{Mutex, MutexGuard};

use crate::database::{Lease, LevelId, Settings, Slot};

/// One level of a transaction: the transaction itself, or a savepoint in it. Dropping it undoes the level.
pub(crate) struct Handle {
    shared: Arc<Shared>,
    level: LevelId,
}

struct Shared {
    lease: Mutex<Lease>,
    /// Levels dropped since the last statement. Beside the lease, as dropping cannot wait for it.
    dropped: SyncMutex<Vec<LevelId>>,
}

impl Handle {
    pub(crate) fn new(lease: Lease) -> Self {
        let shared = Shared {
            lease: Mutex::new(lease),
            dropped: SyncMutex::default(),
        };
        Self {
            shared: Arc::new(shared),
            level: LevelId::ROOT,
        }
    }

    pub(super) async fn execute<S: StatementBuilder>(&self, statement: &S) -> Result<ExecResult, DbErr> {
        let (text, values) = build(statement);
        self.lease()
            .await
            .execute(self.level, text, values)
            .await
            .map(ExecResult::from)
    }

    pub(super) async fn query_one<S: StatementBuilder>(
        &self,
        statement: &S,
    ) -> Result<Option<QueryResult>, DbErr> {
        let (text, values) = build(statement);
        self.fetch_optional(text, values).await
    }

    pub(super) async fn query_all<S: StatementBuilder>(
        &self,
        statement: &S,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let (text, values) = build(statement);
        self.fetch_all(text, values).await
    }

    pub(super) async fn fetch_optional(
        &self,
        text: SqlStr,
        values: Values,
    ) -> Result<Option<QueryResult>, DbErr> {
        let row = self
            .lease()
            .await
            .fetch_optional(self.level, text, values)
            .await?;
        Ok(row.map(QueryResult::from))
    }

    pub(super) async fn fetch_all(&self, text: SqlStr, values: Values) -> Result<Vec<QueryResult>, DbErr> {
        let rows = self.lease().await.fetch_all(self.level, text, values).await?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    pub(super) async fn rows_affected(&self, text: SqlStr, values: Values) -> Result<u64, DbErr> {
        let result = self.lease().await.execute(self.level, text, values).await?;
        Ok(result.rows_affected())
    }

    pub(super) async fn begin_nested(&self) -> Result<Self, DbErr> {
        let level = self.lease().await.begin_nested(self.level).await?;
        Ok(Self {
            shared: Arc::clone(&self.shared),
            level,
        })
    }

    pub(super) async fn commit_nested(&self) -> Result<(), DbErr> {
        self.lease().await.commit_nested(self.level).await
    }

    pub(super) async fn rollback_nested(&self) -> Result<(), DbErr> {
        self.lease().await.rollback_nested(self.level).await
    }

    pub(super) async fn narrow(&self, settings: &Settings, slot: Slot) -> Result<(), DbErr> {
        self.lease().await.narrow(settings, slot).await
    }

    pub(super) async fn commit(&self) -> Result<(), DbErr> {
        self.lease().await.commit().await
    }

    async fn lease(&self) -> MutexGuard<'_, Lease> {
        let mut lease = self.shared.lease.lock().await;
        let dropped =
            std::mem::take(&mut *self.shared.dropped.lock().unwrap_or_else(PoisonError::into_inner));
        for level in dropped {
            lease.abandon(level);
        }
        lease
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.level != LevelId::ROOT {
            self.shared
                .dropped
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(self.level);
        } else if let Ok(mut lease) = self.shared.lease.try_lock() {
            lease.put_away();
        }
        // Otherwise a nested transaction that outlives this one is at work; it gives the connection back when it is
        // dropped, and cannot commit anything.
    }
}

fn build<S: StatementBuilder>(statement: &S) -> (SqlStr, Values) {
    let statement = statement.build(&DbBackend::Postgres);
    (
        AssertSqlSafe(statement.sql).into_sql_str(),
        statement.values.unwrap_or(Values(Vec::new())),
    )
}
