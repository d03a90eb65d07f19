//! A nested transaction.

use std::fmt;

use sea_orm::{DbErr, TransactionSession};

use super::Handle;
use super::delegate::connection_traits;

/// A savepoint inside a transaction. While it is open, the outer transaction answers an error to every statement.
/// Dropping it undoes what was done since it began.
pub struct NestedTx {
    pub(super) handle: Handle,
}

connection_traits!(NestedTx);

impl NestedTx {
    pub(super) async fn begin(outer: &Handle) -> Result<Self, DbErr> {
        outer.begin_nested().await.map(|handle| Self { handle })
    }

    /// Keeps what was done, as part of the outer transaction.
    ///
    /// # Errors
    ///
    /// When a statement failed or was abandoned: then it is undone.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.handle.commit_nested().await
    }

    /// Undoes what was done, now.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.handle.rollback_nested().await
    }
}

#[async_trait::async_trait]
impl TransactionSession for NestedTx {
    async fn commit(self) -> Result<(), DbErr> {
        NestedTx::commit(self).await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        NestedTx::rollback(self).await
    }
}

impl fmt::Debug for NestedTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NestedTx").finish_non_exhaustive()
    }
}
