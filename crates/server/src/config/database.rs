//! The database and how much of it to use.

use std::time::Duration;

use url::Url;
use wardkeep_tenancy::DatabaseConfig;

use super::arguments::Arguments;
use super::{Problem, Problems, duration, number};

/// More connections than this cost PostgreSQL more than they give.
const MOST_CONNECTIONS: u32 = 1000;

/// The settings of the database.
pub(super) fn check(arguments: &Arguments, problems: &mut Problems) -> Option<DatabaseConfig> {
    let given = arguments.database_url.as_deref().unwrap_or_default();
    let url = problems.note(url("DATABASE_URL", "wardkeep_app", given));
    let connections = problems.note(number::parse(
        "MAX_CONNECTIONS",
        &arguments.max_connections,
        MOST_CONNECTIONS,
        "write 16, which serves most clinics",
    ));
    // One organization could otherwise take more than there are.
    let most = connections.unwrap_or(MOST_CONNECTIONS);
    let scopes = problems.note(number::parse(
        "SCOPES_PER_ORGANIZATION",
        &arguments.scopes_per_organization,
        most,
        &format!("write {} (more needs a larger MAX_CONNECTIONS)", most.min(10)),
    ));
    let acquire_timeout = problems.note(acquire_timeout(arguments));
    Some(DatabaseConfig {
        url: url?,
        max_connections: connections?,
        acquire_timeout: acquire_timeout?,
        scopes_per_organization: usize::try_from(scopes?).ok()?,
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
    use super::{Arguments, Problems};

    const URL: &str = "postgres://wardkeep_app:hunter2@db.example/clinic";

    /// What is wrong, a line each.
    fn problems(more: &[&str]) -> String {
        let mut problems = Problems::default();
        let arguments = Arguments::of(["wardkeep"].into_iter().chain(more.iter().copied()));
        let checked = super::check(&arguments, &mut problems);
        assert_eq!(checked.is_none(), !problems.0.is_empty());
        let said: Vec<_> = problems.0.iter().map(ToString::to_string).collect();
        said.join("\n")
    }

    #[test]
    fn a_database_is_needed() {
        assert!(problems(&[]).starts_with("DATABASE_URL: is not set"));
        assert!(problems(&["--database-url", " "]).contains("is not set"));
    }

    #[test]
    fn another_kind_of_database_is_refused_without_its_password() {
        let said = problems(&["--database-url", "mysql://root:hunter2@db.example/clinic"]);

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

        assert_eq!(
            problems(&more),
            "SCOPES_PER_ORGANIZATION: `9` is no whole number from 1 to 8; write 8 (more needs a larger MAX_CONNECTIONS)"
        );
    }

    #[test]
    fn everything_that_is_wrong_with_it_is_said() {
        let more = [
            "--max-connections=all",
            "--scopes-per-organization=0",
            "--acquire-timeout=5",
        ];

        let said = problems(&more);

        assert_eq!(said.lines().count(), 4, "{said}");
        assert!(
            said.contains("MAX_CONNECTIONS: `all` is no whole number from 1 to 1000; write 16, "),
            "{said}"
        );
    }

    #[test]
    fn no_connections_and_too_many_are_refused() {
        for number in ["0", "1001"] {
            let more = ["--database-url", URL, "--max-connections", number];
            assert!(problems(&more).starts_with("MAX_CONNECTIONS: "), "{number}");
        }
    }
}
