//! How to reach the database, and how much of it to take.

use std::fmt;
use std::time::Duration;

/// The settings of one [`Database`](crate::Database).
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `postgres://login:password@host:port/database`, with `?sslmode=verify-full` where the way is not one's own.
    pub url: String,
    /// Connections at most. PostgreSQL pays some megabytes for each.
    pub max_connections: u32,
    /// How long to wait for a connection, and for a place among the transactions of one organization.
    pub acquire_timeout: Duration,
    /// Transactions of one organization at once, so that no clinic takes the whole pool.
    pub scopes_per_organization: usize,
}

impl DatabaseConfig {
    /// The defaults: 16 connections, 10 transactions for each organization, 5 seconds.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            scopes_per_organization: 10,
        }
    }
}

/// Without the address: it holds the password.
impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("scopes_per_organization", &self.scopes_per_organization)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_password() {
        let config = DatabaseConfig::new("postgres://wardkeep_app:tulip@127.0.0.1/clinic");

        assert!(!format!("{config:?}").contains("tulip"));
    }
}
