//! Reads the catalogue of a migrated database and names every breach of the rules that keep organizations apart.
//!
//! Nothing is changed and no row of a table is read, so any login that may connect can do it. Which tables there are,
//! and whose rows they hold, is a constant list: a table that nobody classified is a finding.
//!
//! ```no_run
//! # async fn example() -> Result<(), wardkeep_migration::lint::LintError> {
//! for finding in wardkeep_migration::lint::lint("postgres://postgres:secret@127.0.0.1/clinic").await? {
//!     println!("{finding}");
//! }
//! # Ok(())
//! # }
//! ```

mod classification;
mod rules;

use std::fmt;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, TransactionTrait, Value,
};

pub use classification::{CLASSIFICATION, Class, Classified, Fixed};
pub use rules::{RULES, Rule};

use crate::MigrateError;

/// One breach of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, one of [`RULES`].
    pub rule: &'static str,
    /// The table, policy, key, function or role that breaks it.
    pub object: String,
    /// What is wrong with it.
    pub detail: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// Whether the login that asked can mend it.
    pub severity: Severity,
}

/// How much a [`Finding`] weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The schema breaks a rule; a build fails.
    Breach,
    /// The server leaves a door open that only a superuser can close, and the login that asked is none: known, to be
    /// weighed by the operator of a managed PostgreSQL. Asked as a superuser, it is a breach.
    Advice,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = match self.severity {
            Severity::Breach => "",
            Severity::Advice => " (advice)",
        };
        write!(
            formatter,
            "{}{label}: {}: {}; {}",
            self.rule, self.object, self.detail, self.remedy
        )
    }
}

/// Why a database could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// No connection, or a server that is too old.
    #[error(transparent)]
    Connect(MigrateError),
    /// The database has no schema of Wardkeep.
    #[error("the database is not migrated; run `cargo xtask migrate` on it first")]
    NotMigrated,
    /// The database refused.
    #[error("the database refused to show its catalogue")]
    Database(#[from] DbErr),
}

/// Connects, judges the database, and returns every breach, ordered by rule and object; none when all is well.
///
/// # Errors
///
/// When the database cannot be reached, is older than PostgreSQL 15, or is not migrated.
pub async fn lint(url: &str) -> Result<Vec<Finding>, LintError> {
    let database = crate::run::connect(url).await.map_err(LintError::Connect)?;
    let findings = inspect(&database).await?;
    database.close().await?;
    Ok(findings)
}

/// [`lint`] on a connection that is open already. Within a transaction it sees what that transaction has done, so a
/// test can break a rule, look, and roll back.
///
/// # Errors
///
/// When the database is not migrated or the connection fails.
pub async fn inspect(
    connection: &impl TransactionTrait<Transaction = DatabaseTransaction>,
) -> Result<Vec<Finding>, LintError> {
    let transaction = connection.begin().await?;
    let findings = read_catalogue(&transaction).await?;
    transaction.rollback().await?;
    Ok(findings)
}

async fn read_catalogue(transaction: &DatabaseTransaction) -> Result<Vec<Finding>, LintError> {
    prepare(transaction).await?;
    let state = query(transaction, rules::STATE, []).await?;
    let state = state.first().ok_or(LintError::NotMigrated)?;
    if !state.try_get_by_index::<bool>(0)? {
        return Err(LintError::NotMigrated);
    }
    let superuser = state.try_get_by_index::<bool>(1)?;

    let mut findings = Vec::new();
    for text in rules::QUERIES {
        for row in query(transaction, text, classification::values()).await? {
            findings.push(finding(&row, superuser)?);
        }
    }
    findings.sort_by(|left, right| {
        (left.rule, &left.object, &left.detail).cmp(&(right.rule, &right.object, &right.detail))
    });
    Ok(findings)
}

/// PostgreSQL prints the names in a policy as far as the search path needs it: one path, one text.
#[expect(clippy::disallowed_methods, reason = "a constant text of two statements")]
async fn prepare(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    transaction
        .execute_unprepared("set transaction read only; set local search_path = pg_catalog")
        .await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "constant catalogue queries")]
async fn query(
    transaction: &DatabaseTransaction,
    text: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, values);
    transaction.query_all_raw(statement).await
}

fn finding(row: &QueryResult, superuser: bool) -> Result<Finding, DbErr> {
    let name: String = row.try_get_by_index(0)?;
    let rule = RULES
        .iter()
        .find(|rule| rule.name == name)
        .ok_or_else(|| DbErr::Custom(format!("the lint has no rule {name}")))?;
    Ok(Finding {
        rule: rule.name,
        object: row.try_get_by_index(1)?,
        detail: row.try_get_by_index(2)?,
        remedy: rule.remedy,
        severity: if rule.superuser_mends && !superuser {
            Severity::Advice
        } else {
            Severity::Breach
        },
    })
}
