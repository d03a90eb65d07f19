//! Applies, reverts and lists migrations, each run in one outer transaction under an advisory lock.

use std::time::{Duration, Instant};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, Statement,
    TransactionTrait,
};

use crate::{MigrateError, Migrator};

/// The pool tries again for as long as a server refuses connections: it may be starting.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What happens to one migration, reported as it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The migration's name.
    pub name: String,
    /// What is happening to it.
    pub step: Step,
}

/// A moment of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is being applied.
    Applying,
    /// It was applied, within the transaction that is still open.
    Applied {
        /// How long it took.
        elapsed: Duration,
    },
    /// It is being reverted.
    Reverting,
    /// It was reverted, within the transaction that is still open.
    Reverted {
        /// How long it took.
        elapsed: Duration,
    },
}

/// One migration and whether the database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// The migration's name.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// Applies pending migrations (all, or the first `steps`), and returns their names. Nothing stays half-applied: one
/// transaction holds them all. A second migrator waits for the first, and then finds nothing to do.
///
/// The login must be a superuser, or the owner of the database with CREATEROLE.
///
/// # Errors
///
/// When the database cannot be reached, is older than PostgreSQL 15, the login may not do it, or a migration fails.
pub async fn up(
    url: &str,
    steps: Option<u32>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<String>, MigrateError> {
    let database = connect(url).await?;
    let transaction = begin(&database).await?;
    let applied = apply(&transaction, steps, progress).await?;
    finish(database, transaction).await?;
    Ok(applied)
}

/// Reverts the newest `steps` migrations (all when `None`), and returns their names, newest first. Their data is gone.
/// With the last migration go the ledger and the schema `tenancy`. The roles belong to the cluster and stay, as does the
/// extension `btree_gist`, which somebody else may use.
///
/// # Errors
///
/// As [`up`].
pub async fn down(
    url: &str,
    steps: Option<u32>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<String>, MigrateError> {
    let database = connect(url).await?;
    let transaction = begin(&database).await?;
    let applied = applied_versions(&transaction).await?;
    let wanted = steps.map_or(applied.len(), |steps| steps as usize);
    let mut reverted = Vec::new();
    for name in applied.iter().rev().take(wanted) {
        let started = Instant::now();
        progress(Progress {
            name: name.clone(),
            step: Step::Reverting,
        });
        Migrator::down(&transaction, Some(1))
            .await
            .map_err(|source| MigrateError::Failed {
                name: name.clone(),
                source,
            })?;
        progress(Progress {
            name: name.clone(),
            step: Step::Reverted {
                elapsed: started.elapsed(),
            },
        });
        reverted.push(name.clone());
    }
    if !applied.is_empty() && reverted.len() == applied.len() {
        run(
            &transaction,
            "drop table public.seaql_migrations; drop schema tenancy",
        )
        .await?;
    }
    finish(database, transaction).await?;
    Ok(reverted)
}

/// Lists every migration, oldest first, and whether the database has it. Changes nothing. A database that was never
/// migrated has none.
///
/// # Errors
///
/// When the database cannot be reached, may not be read, or has a migration that this build does not know.
pub async fn status(url: &str) -> Result<Vec<MigrationState>, MigrateError> {
    let database = connect(url).await?;
    let transaction = database.begin().await?;
    let applied = applied_versions(&transaction).await?;
    finish(database, transaction).await?;
    Ok(known_versions()
        .map(|name| MigrationState {
            applied: applied.contains(&name),
            name,
        })
        .collect())
}

/// Drops every table of Wardkeep in the database, with its data, and applies all migrations, in one transaction.
/// Tables of other owners stay.
///
/// # Errors
///
/// As [`up`].
pub async fn fresh(
    url: &str,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<String>, MigrateError> {
    let database = connect(url).await?;
    let transaction = begin(&database).await?;
    run(&transaction, include_str!("sql/drop.sql")).await?;
    let applied = apply(&transaction, None, progress).await?;
    finish(database, transaction).await?;
    Ok(applied)
}

/// The per-database step: takes TEMP and CONNECT from PUBLIC, and `set_config` where the login may (a superuser).
/// [`up`] does it; repeat it after `create database … template` and after a restore, which give them back.
///
/// # Errors
///
/// When the database cannot be reached, or does not belong to the login.
pub async fn fence_database(url: &str) -> Result<(), MigrateError> {
    let database = connect(url).await?;
    run(&database, include_str!("sql/database.sql")).await?;
    database.close().await?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "migrations run on a connection of their own, as the owner"
)]
pub(crate) async fn connect(url: &str) -> Result<DatabaseConnection, MigrateError> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .acquire_timeout(CONNECT_TIMEOUT)
        .sqlx_logging(false);
    let database = Database::connect(options).await.map_err(MigrateError::Connect)?;
    let version: String = text(&database, "select current_setting('server_version_num')").await?;
    match version.parse::<u32>() {
        Ok(number) if number >= crate::OLDEST_SERVER => Ok(database),
        _ => Err(MigrateError::TooOld(version)),
    }
}

/// Opens the outer transaction and waits for other migrators of this database: sea-orm-migration reads the pending
/// list before its own transactions, so a lock inside them would not serialise two migrators.
async fn begin(database: &DatabaseConnection) -> Result<DatabaseTransaction, MigrateError> {
    let transaction = database.begin().await?;
    run(
        &transaction,
        "select pg_advisory_xact_lock(hashtextextended('wardkeep migration', 0))",
    )
    .await?;
    Ok(transaction)
}

async fn finish(database: DatabaseConnection, transaction: DatabaseTransaction) -> Result<(), MigrateError> {
    transaction.commit().await?;
    database.close().await?;
    Ok(())
}

async fn apply(
    transaction: &DatabaseTransaction,
    steps: Option<u32>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<String>, MigrateError> {
    run(transaction, include_str!("sql/roles.sql")).await?;
    run(transaction, include_str!("sql/database.sql")).await?;
    applied_versions(transaction).await?;
    become_owner(transaction).await?;
    let pending = Migrator::get_pending_migrations(transaction).await?;
    let wanted = steps.map_or(pending.len(), |steps| steps as usize);
    let mut applied = Vec::new();
    for migration in pending.iter().take(wanted) {
        let name = migration.name().to_owned();
        let started = Instant::now();
        progress(Progress {
            name: name.clone(),
            step: Step::Applying,
        });
        Migrator::up(transaction, Some(1))
            .await
            .map_err(|source| MigrateError::Failed {
                name: name.clone(),
                source,
            })?;
        progress(Progress {
            name: name.clone(),
            step: Step::Applied {
                elapsed: started.elapsed(),
            },
        });
        applied.push(name);
    }
    Ok(applied)
}

/// The owner of every table sees no row of a forced one. With row security off such a read is an error, not a
/// silent zero. The ledger is named without a schema by sea-orm-migration: the path of the login does not decide.
async fn become_owner(transaction: &DatabaseTransaction) -> Result<(), MigrateError> {
    run(
        transaction,
        "set local role wardkeep_owner; set local row_security = off; set local search_path = public",
    )
    .await
}

fn known_versions() -> impl Iterator<Item = String> {
    Migrator::migrations()
        .into_iter()
        .map(|migration| migration.name().to_owned())
}

/// The versions in the ledger, oldest first; none when there is no ledger. From here on the transaction acts as the
/// owner, who alone may read it.
async fn applied_versions(transaction: &DatabaseTransaction) -> Result<Vec<String>, MigrateError> {
    let ledger = text(
        transaction,
        "select coalesce(to_regclass('public.seaql_migrations')::text, '')",
    )
    .await?;
    if ledger.is_empty() {
        return Ok(Vec::new());
    }
    become_owner(transaction).await?;
    let versions = text(
        transaction,
        "select coalesce(string_agg(version, ',' order by version), '') from public.seaql_migrations",
    )
    .await?;
    let versions = versions
        .split(',')
        .filter(|version| !version.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>();
    let unknown = versions
        .iter()
        .find(|version| known_versions().all(|known| known != **version));
    match unknown {
        Some(unknown) => Err(MigrateError::Unknown(unknown.clone())),
        None => Ok(versions),
    }
}

#[expect(clippy::disallowed_methods, reason = "constant texts of several statements")]
async fn run(connection: &impl ConnectionTrait, statements: &str) -> Result<(), MigrateError> {
    connection.execute_unprepared(statements).await?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "constant catalogue queries without values"
)]
async fn text(connection: &impl ConnectionTrait, query: &str) -> Result<String, MigrateError> {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    let row = connection.query_one_raw(statement).await?;
    row.map_or(Ok(String::new()), |row| row.try_get_by_index(0))
        .map_err(MigrateError::from)
}
