//! A transaction of the worker.

use std::fmt;

use sea_orm::DbErr;
use time::OffsetDateTime;

use super::Handle;
use super::delegate::connection_traits;
use crate::context::RequestContext;

/// An open transaction of the worker, across organizations: the outbox, and what is over. It sees no name, no token and
/// nothing clinical. Dropping it rolls back.
pub struct WorkerTx {
    handle: Handle,
    context: RequestContext,
}

connection_traits!(WorkerTx);

impl WorkerTx {
    pub(crate) fn new(handle: Handle, context: RequestContext) -> Self {
        Self { handle, context }
    }

    /// When this round of work began.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.context.now()
    }

    /// This round of work.
    #[must_use]
    pub fn context(&self) -> &RequestContext {
        &self.context
    }

    /// Commits.
    ///
    /// # Errors
    ///
    /// When a statement failed or was abandoned, or the database refuses: then nothing is kept.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.handle.commit().await
    }
}

impl fmt::Debug for WorkerTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerTx").finish_non_exhaustive()
    }
}
