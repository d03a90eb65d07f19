//! The schema of Wardkeep and how it gets into a database.
//!
//! Migrations are SQL, applied in order and in one transaction, as the role `wardkeep_owner`, which owns everything and
//! is named by no policy. Every organization-owned table goes through [`wardkeep_tenancy::policy::protect`]. The crate
//! does not touch a database that is not named to it, and it never gives a login a password.
//!
//! ```no_run
//! # async fn example() -> Result<(), wardkeep_migration::MigrateError> {
//! let url = "postgres://postgres:secret@127.0.0.1/clinic";
//! let applied = wardkeep_migration::up(url, None, &mut |progress| println!("{progress:?}")).await?;
//! println!("{} migrations applied", applied.len());
//! # Ok(())
//! # }
//! ```

pub mod lint;
mod migrations;
mod run;

use sea_orm_migration::prelude::*;
use sha2::{Digest as _, Sha256};

pub use run::{MigrationState, Progress, Step, down, fence_database, fresh, status, up};

/// The oldest PostgreSQL that works, as `server_version_num` (15: `security_invoker` views, the public schema closed).
pub(crate) const OLDEST_SERVER: u32 = 150_000;

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        migrations::all()
            .into_iter()
            .map(|migration| Box::new(migration) as Box<dyn MigrationTrait>)
            .collect()
    }
}

/// A hash of everything that [`up`] does, for naming a template database after the schema that it holds.
#[must_use]
pub fn fingerprint() -> String {
    let mut hash = Sha256::new();
    hash.update(include_str!("sql/roles.sql"));
    hash.update(include_str!("sql/database.sql"));
    for migration in migrations::all() {
        for text in migration.text() {
            hash.update(text);
            hash.update([0]);
        }
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Why a migration did not happen.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection: wrong address, wrong password, or no server.
    #[error("cannot connect to the database; check the URL, the password and that the server runs")]
    Connect(#[source] DbErr),
    /// The server is too old; holds its `server_version_num`.
    #[error("the server is older than PostgreSQL 15 (server_version_num {0}); use a newer one")]
    TooOld(String),
    /// The database has a migration that this build does not know: it was migrated by a newer one.
    #[error("the database has the migration {0}, which this build does not know; use a newer build")]
    Unknown(String),
    /// One migration failed, and with it the whole run; nothing was changed.
    #[error("the migration {name} failed; nothing was changed")]
    Failed {
        /// The migration's name.
        name: String,
        /// What the database said.
        source: DbErr,
    },
    /// The database refused something else; nothing was changed.
    #[error("the database refused; nothing was changed")]
    Database(#[from] DbErr),
}
