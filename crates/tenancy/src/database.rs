//! The pool, and what may be asked of it: a transaction with a role, or the one session lookup.

mod config;
mod connect;
mod lease;
mod settings;
mod slots;
mod worker;

pub use config::DatabaseConfig;
pub use connect::ConnectError;
pub use worker::WorkerDatabase;

pub(crate) use lease::{Lease, LevelId, refused};
pub(crate) use settings::Settings;
pub(crate) use slots::Slot;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DbErr, QueryResult, Value};
use sqlx::PgPool;
use sqlx::postgres::PgRow;

use crate::context::RequestContext;
use crate::faults::{Fault, FaultKind};
use crate::id::{OrganizationId, UserId};
use crate::permissions::Grants;
use crate::scope::TenantScope;
use crate::sessions::{Asked, Membership, SessionRow};
use crate::transaction::{CredentialsTx, Handle, IdentityTx, Place};
use lease::Guard;
use slots::Slots;

/// One PostgreSQL database: a bounded pool that nothing outside this crate can reach. Cheap to clone.
///
/// ```compile_fail,E0616
/// fn pool(database: &wardkeep_tenancy::Database) {
///     let _ = &database.inner.pool;
/// }
/// ```
///
/// What it gives is transactions in which a role and an organization or a user are set:
///
/// ```
/// # use wardkeep_tenancy::{BeginError, Database, RequestContext, UserId};
/// async fn identity(database: &Database, cx: &RequestContext, user: UserId) -> Result<(), BeginError> {
///     let _transaction = database.identity(cx, user).await?;
///     Ok(())
/// }
/// ```
///
/// It is no connection itself, so there is no query without one of them:
///
/// ```compile_fail,E0277
/// # use sea_orm::{DbErr, Select};
/// # use wardkeep_tenancy::{Database, OrganizationOwned};
/// async fn all<E: OrganizationOwned>(database: &Database) -> Result<Vec<E::Model>, DbErr> {
///     E::find().all(database).await
/// }
/// ```
///
/// ```
/// # use sea_orm::{DbErr, Select};
/// # use wardkeep_tenancy::{OrganizationOwned, TenantTx};
/// async fn all<E: OrganizationOwned>(tx: &TenantTx) -> Result<Vec<E::Model>, DbErr> {
///     E::find().all(tx).await
/// }
/// ```
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    slots: Slots,
}

/// Connections of one login, and what holds for borrowing one.
#[derive(Clone)]
struct Pool {
    /// Login, host, port and database, without the password.
    place: String,
    /// What tells the database from any other.
    identity: String,
    connections: PgPool,
    max_connections: u32,
    acquire_timeout: Duration,
    guard: Guard,
}

const SCHEMA_VERSION: &str = "select tenancy.schema_version()";

impl Database {
    /// Connects, and refuses a database on which the isolation would not hold or the queries would not run.
    ///
    /// # Errors
    ///
    /// When the configuration makes no sense, the server does not answer, is older than PostgreSQL 15 or is not
    /// migrated, or when the login could pass by row security. Each message says what to do.
    pub async fn connect(config: DatabaseConfig) -> Result<Self, ConnectError> {
        let pool = connect::connect(&config, connect::Login::Application).await?;
        let inner = Inner {
            pool,
            slots: Slots::new(config.scopes_per_organization, config.acquire_timeout),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Whether the database answers and still has the schema that this build needs: a readiness probe.
    ///
    /// # Errors
    ///
    /// When it does not answer in time, or the schema is missing or older than [`crate::SCHEMA_VERSION`].
    pub async fn ready(&self) -> Result<(), DbErr> {
        let row = self.fetch_one(SCHEMA_VERSION, Vec::new()).await?;
        let found: Option<String> = row
            .map(|row| QueryResult::from(row).try_get_by_index(0))
            .transpose()?
            .flatten();
        // Migrations are named by the day, and sort by their names.
        if found.as_deref().is_none_or(|found| found < crate::SCHEMA_VERSION) {
            return Err(DbErr::Custom(
                "the schema is missing or older than this build needs".to_owned(),
            ));
        }
        Ok(())
    }

    /// Opens a transaction for nobody yet: sign-up, sign-in, proofs of an address.
    ///
    /// # Errors
    ///
    /// When the database cannot give a connection.
    pub async fn credentials(&self, cx: &RequestContext) -> Result<CredentialsTx, BeginError> {
        let lease = self.lease(&Settings::credentials(), None).await?;
        Ok(CredentialsTx::new(Handle::new(lease), cx.clone()))
    }

    /// Opens a transaction for one signed-in user: the own user, sessions, accounts and memberships.
    ///
    /// # Errors
    ///
    /// When the database cannot give a connection.
    pub async fn identity(&self, cx: &RequestContext, user: UserId) -> Result<IdentityTx, BeginError> {
        self.open_identity(cx, user, None).await
    }

    /// The same for a user who is invited to an organization, which the transaction may [join](IdentityTx::join). It waits
    /// for its place among the organization's transactions first, as those of members do: before it has a connection,
    /// and before it locks anything that those wait for.
    ///
    /// # Errors
    ///
    /// [`BeginError::Busy`] when that wait is too long; otherwise when the database cannot give a connection.
    pub async fn invited(
        &self,
        cx: &RequestContext,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<IdentityTx, BeginError> {
        let slot = self.slots().enter(organization).await?;
        let place = Place { organization, slot };
        self.open_identity(cx, user, Some(place)).await
    }

    async fn open_identity(
        &self,
        cx: &RequestContext,
        user: UserId,
        place: Option<Place>,
    ) -> Result<IdentityTx, BeginError> {
        let lease = self.lease(&Settings::identity(user), None).await?;
        let (handle, cx) = (Handle::new(lease), cx.with_actor(user));
        Ok(IdentityTx::new(self.clone(), handle, cx, user, place))
    }

    /// Finds the session that has this token hash, its user, and the user's membership in the organization asked for. One
    /// statement, nothing kept. It does not look at the time: the caller compares the session's expiry with its own
    /// instant.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn find_session(
        &self,
        token_hash: &str,
        asked: Asked<'_>,
    ) -> Result<Option<SessionRow>, DbErr> {
        let [by, key] = asked.values();
        self.fetch_one(SessionRow::FIND, vec![token_hash.into(), by, key])
            .await?
            .map(SessionRow::read)
            .transpose()
    }

    /// The scope of a member in the member's organization.
    #[must_use]
    pub fn tenant(&self, cx: &RequestContext, membership: &Membership, grants: Grants) -> TenantScope {
        TenantScope::new(
            self.clone(),
            cx,
            membership.organization(),
            membership.user(),
            grants,
        )
    }

    /// The scope of an organization and a user for which the caller vouches: no membership was looked up. For
    /// services that keep their own members; Wardkeep itself does not call it.
    #[must_use]
    pub fn vouched(
        &self,
        cx: &RequestContext,
        organization: OrganizationId,
        user: UserId,
        grants: Grants,
    ) -> TenantScope {
        TenantScope::new(self.clone(), cx, organization, user, grants)
    }

    /// Closes the pool: open transactions may end, no new one begins.
    pub async fn close(&self) {
        self.inner.pool.connections.close().await;
    }

    /// The same database with the guards against abandoned work off, to show what they are for. Tests only.
    #[cfg(feature = "unguarded")]
    #[must_use]
    pub fn unguarded(&self) -> Self {
        let inner = Inner {
            pool: Pool {
                guard: Guard::Off,
                ..self.inner.pool.clone()
            },
            slots: self.inner.slots.clone(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn slots(&self) -> &Slots {
        &self.inner.slots
    }

    /// Opens a transaction with these settings.
    pub(crate) async fn lease(&self, settings: &Settings, slot: Option<Slot>) -> Result<Lease, DbErr> {
        Lease::open(&self.inner.pool, settings, slot).await
    }

    async fn fetch_one(&self, text: &'static str, values: Vec<Value>) -> Result<Option<PgRow>, DbErr> {
        Lease::fetch_one(&self.inner.pool, text, values).await
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("connections", &self.inner.pool.connections.size())
            .field("idle", &self.inner.pool.connections.num_idle())
            .finish_non_exhaustive()
    }
}

/// A transaction could not be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BeginError {
    /// The organization has as many open transactions as it may have, and none ended in time.
    #[error("too many open transactions of this organization")]
    Busy,
    /// The database gave no connection, or refused to begin.
    #[error("cannot open a transaction")]
    Database(#[from] DbErr),
}

impl Fault for BeginError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Busy => FaultKind::Unavailable,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Busy => "TENANT_BUSY",
            Self::Database(error) => error.code(),
        }
    }
}
