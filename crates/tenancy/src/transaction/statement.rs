//! Hand-written SQL.

use std::fmt;

use sea_orm::sea_query::Values;
use sea_orm::{DbErr, QueryResult, Value};
use sqlx::SqlSafeStr;

use super::Handle;

/// One statement with its values, not sent yet.
#[must_use = "it is not sent before one(), all() or execute()"]
pub struct Sql<'tx> {
    handle: &'tx Handle,
    text: &'static str,
    values: Values,
}

impl<'tx> Sql<'tx> {
    pub(super) fn new(handle: &'tx Handle, text: &'static str, values: Vec<Value>) -> Self {
        Self {
            handle,
            text,
            values: Values(values),
        }
    }

    /// Returns the first row.
    ///
    /// # Errors
    ///
    /// When the database refuses the statement.
    pub async fn one(self) -> Result<Option<QueryResult>, DbErr> {
        self.handle
            .fetch_optional(self.text.into_sql_str(), self.values)
            .await
    }

    /// Returns all rows.
    ///
    /// # Errors
    ///
    /// When the database refuses the statement.
    pub async fn all(self) -> Result<Vec<QueryResult>, DbErr> {
        self.handle.fetch_all(self.text.into_sql_str(), self.values).await
    }

    /// Returns how many rows the statement touched.
    ///
    /// # Errors
    ///
    /// When the database refuses the statement.
    pub async fn execute(self) -> Result<u64, DbErr> {
        self.handle
            .rows_affected(self.text.into_sql_str(), self.values)
            .await
    }
}

/// The text alone: values may be a patient's.
impl fmt::Debug for Sql<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sql").field(&self.text).finish()
    }
}
