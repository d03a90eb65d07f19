//! The pool of the worker, beside that of the application.

use std::fmt;
use std::sync::Arc;

use super::connect::{self, ConnectError, Login};
use super::{BeginError, Database, DatabaseConfig, Lease, Pool, Settings};
use crate::context::RequestContext;
use crate::transaction::{Handle, WorkerTx};

/// A worker does one thing after the other; the second connection is for a round that is still being rolled back.
const MOST_CONNECTIONS: u32 = 2;

/// The same PostgreSQL database for the worker's login: work across organizations, and no role to become. Cheap to
/// clone.
///
/// ```no_run
/// # use wardkeep_tenancy::{DatabaseConfig, RequestContext, WorkerDatabase};
/// # async fn example(cx: &RequestContext) -> Result<(), Box<dyn std::error::Error>> {
/// let config = DatabaseConfig::new("postgres://wardkeep_worker:password@localhost/clinic");
/// let database = WorkerDatabase::connect(config).await?;
/// database.begin(cx).await?.commit().await?;
/// # Ok(())
/// # }
/// ```
///
/// There is no way from it into an organization:
///
/// ```compile_fail,E0599
/// # use wardkeep_tenancy::{RequestContext, UserId, WorkerDatabase};
/// async fn identity(database: &WorkerDatabase, cx: &RequestContext, user: UserId) {
///     let _ = database.identity(cx, user).await;
/// }
/// ```
#[derive(Clone)]
pub struct WorkerDatabase {
    pool: Arc<Pool>,
}

impl WorkerDatabase {
    /// Connects with two connections at most, and refuses what [`Database::connect`](crate::Database::connect) refuses,
    /// and besides a login that may become any role: the worker acts as itself.
    ///
    /// # Errors
    ///
    /// As for [`Database::connect`](crate::Database::connect).
    pub async fn connect(config: DatabaseConfig) -> Result<Self, ConnectError> {
        let config = DatabaseConfig {
            max_connections: config.max_connections.min(MOST_CONNECTIONS),
            ..config
        };
        let pool = connect::connect(&config, Login::Worker).await?;
        Ok(Self { pool: Arc::new(pool) })
    }

    /// Refuses to work on another database than the application does: its mails would never be sent.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Elsewhere`].
    pub fn check_same(&self, database: &Database) -> Result<(), ConnectError> {
        if self.pool.identity == database.inner.pool.identity {
            return Ok(());
        }
        Err(ConnectError::Elsewhere {
            place: self.pool.place.clone(),
        })
    }

    /// Opens a transaction as the worker's login.
    ///
    /// # Errors
    ///
    /// When the database cannot give a connection.
    pub async fn begin(&self, cx: &RequestContext) -> Result<WorkerTx, BeginError> {
        let lease = Lease::open(&self.pool, &Settings::worker(), None).await?;
        Ok(WorkerTx::new(Handle::new(lease), cx.clone()))
    }

    /// Closes the pool: open transactions may end, no new one begins.
    pub async fn close(&self) {
        self.pool.connections.close().await;
    }
}

impl fmt::Debug for WorkerDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerDatabase")
            .field("connections", &self.pool.connections.size())
            .field("idle", &self.pool.connections.num_idle())
            .finish_non_exhaustive()
    }
}
