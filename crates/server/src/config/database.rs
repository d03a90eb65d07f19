//! The database and how much of it to use.

use std::time::Duration;

use url::Url;
use wardkeep_tenancy::DatabaseConfig;

use super::arguments::Arguments;
use super::{Problem, duration};

/// More connections than this cost PostgreSQL more than they give.
const MOST_CONNECTIONS: u32 = 1000;

/// The settings of the database.
pub(super) fn check(arguments: &Arguments) -> Result<DatabaseConfig, Problem> {
    let connections = arguments.max_connections;
    if !(1..=MOST_CONNECTIONS).contains(&connections) {
        let message = format!("{connections} is not from 1 to {MOST_CONNECTIONS}; 16 serves most clinics");
        return Err(Problem::new("MAX_CONNECTIONS", message));
    }
    let scopes = arguments.scopes_per_organization;
    if scopes == 0 || u32::try_from(scopes).is_ok_and(|scopes| scopes > connections) {
        let message = format!(
            "{scopes} is not from 1 to MAX_CONNECTIONS ({connections}): one organization could take every connection, \
                 or get none"
        );
        return Err(Problem::new("SCOPES_PER_ORGANIZATION", message));
    }
    Ok(DatabaseConfig {
        url: url(
            "DATABASE_URL",
            "wardkeep_app",
            arguments.database_url.as_deref().unwrap_or_default(),
        )?,
        max_connections: connections,
        acquire_timeout: acquire_timeout(arguments)?,
        scopes_per_organization: scopes,
    })
}

pub(super) fn acquire_timeout(arguments: &Arguments) -> Result<Duration, Problem> {
    duration::parse("ACQUIRE_TIMEOUT", &arguments.acquire_timeout)
}

/// What to write for a login.
pub(super) fn form(login: &str) -> String {
    format!("write it as postgres://{login}:password@host:5432/database")
}

/// The address of a database, for a login.
pub(super) fn url(setting: &'static str, login: &str, given: &str) -> Result<String, Problem> {
    let problem = |what: &str| Problem::new(setting, format!("{what}; {}", form(login)));
    let given = given.trim();
    if given.is_empty() {
        return Err(problem("is not set"));
    }
    // The text of the address is not repeated: it holds a password.
    let url = Url::parse(given).map_err(|error| problem(&format!("cannot be read ({error})")))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(problem("does not begin with postgres://"));
    }
    Ok(given.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Arguments, DatabaseConfig, Problem};

    const URL: &str = "postgres://wardkeep_app:hunter2@db.example/clinic";

    fn check(more: &[&str]) -> Result<DatabaseConfig, Problem> {
        super::check(&Arguments::of(
            ["wardkeep"].into_iter().chain(more.iter().copied()),
        ))
    }

    #[test]
    fn a_database_is_needed() {
        assert!(
            check(&[])
                .unwrap_err()
                .to_string()
                .starts_with("DATABASE_URL: is not set")
        );
        assert!(
            check(&["--database-url", " "])
                .unwrap_err()
                .to_string()
                .contains("is not set")
        );
    }

    #[test]
    fn another_kind_of_database_is_refused_without_its_password() {
        let said = check(&["--database-url", "mysql://root:hunter2@db.example/clinic"])
            .unwrap_err()
            .to_string();

        assert!(said.contains("does not begin with postgres://"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[test]
    fn one_organization_may_not_have_more_than_all_connections() {
        let more = [
            "--database-url",
            URL,
            "--max-connections",
            "8",
            "--scopes-per-organization",
            "9",
        ];

        assert!(
            check(&more)
                .unwrap_err()
                .to_string()
                .starts_with("SCOPES_PER_ORGANIZATION: 9")
        );
    }

    #[test]
    fn no_connections_and_too_many_are_refused() {
        for number in ["0", "1001"] {
            let more = ["--database-url", URL, "--max-connections", number];
            assert!(
                check(&more)
                    .unwrap_err()
                    .to_string()
                    .starts_with("MAX_CONNECTIONS: "),
                "{number}"
            );
        }
    }
}
