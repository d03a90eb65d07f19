//! Which database a command works on.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::failure::{Failure, OrFail};
use crate::local::{DEVELOPMENT_DATABASE, LocalServer};
use crate::workspace::Workspace;

/// The address of a database that a login may migrate; without one the local development server is used.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct AdminUrl {
    /// The database, for a login that may migrate it [default: ADMIN_DATABASE_URL, else DATABASE_URL, else the local
    /// development server].
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// The database that was chosen.
pub(crate) struct Target {
    /// Its address, password included.
    pub(crate) url: String,
    /// Its name.
    pub(crate) name: String,
    /// Where it is, without the password.
    pub(crate) place: String,
    /// The local server, if it is the development database.
    pub(crate) local: Option<LocalServer>,
}

impl AdminUrl {
    /// The address that was given, if any: the option, else the environment. An empty one counts as none.
    fn given(&self, environment: impl Fn(&str) -> Option<String>) -> Option<String> {
        let variables = ["ADMIN_DATABASE_URL", "DATABASE_URL"]
            .into_iter()
            .map(environment);
        std::iter::once(self.database_url.clone())
            .chain(variables)
            .flatten()
            .find(|url| !url.is_empty())
    }

    /// The database that was given, if any.
    pub(crate) fn named(&self) -> Result<Option<Target>, Failure> {
        self.given(variable).map(|url| Target::at(&url, None)).transpose()
    }

    /// The given database, else the local one, which is started and made if need be.
    pub(crate) fn target(&self, workspace: &Workspace) -> Result<Target, Failure> {
        if let Some(target) = self.named()? {
            return Ok(target);
        }
        let server = LocalServer::development(workspace)?;
        server.ensure_database(DEVELOPMENT_DATABASE)?;
        Target::at(&server.url(DEVELOPMENT_DATABASE), Some(server))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a program of the developer's, which reads its variables here"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Target {
    fn at(url: &str, local: Option<LocalServer>) -> Result<Self, Failure> {
        let options = PgConnectOptions::from_str(url).or_fail(
            "the address of the database cannot be read",
            "write it as postgres://login:password@host:5432/database",
        )?;
        let name = options
            .get_database()
            .unwrap_or(options.get_username())
            .to_owned();
        let place = format!("{name} on {}:{}", options.get_host(), options.get_port());
        Ok(Self {
            url: url.to_owned(),
            name,
            place,
            local,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{AdminUrl, Target};

    #[test]
    fn the_option_comes_first_then_the_administrator_and_empty_is_none() {
        let given = |option: &str, admin: &'static str, application: &'static str| {
            let url = AdminUrl {
                database_url: Some(option.to_owned()),
            };
            url.given(|name| {
                Some(
                    if name == "DATABASE_URL" {
                        application
                    } else {
                        admin
                    }
                    .to_owned(),
                )
            })
        };

        assert_eq!(
            given("postgres://o/z", "postgres://a/x", "postgres://b/y").as_deref(),
            Some("postgres://o/z")
        );
        assert_eq!(
            given("", "postgres://a/x", "postgres://b/y").as_deref(),
            Some("postgres://a/x")
        );
        assert_eq!(given("", "", "postgres://b/y").as_deref(), Some("postgres://b/y"));
        assert_eq!(given("", "", ""), None);
    }

    #[test]
    fn the_place_of_a_database_shows_no_password() {
        let target = Target::at("postgres://owner:s3cret@db.example:6543/clinic", None).unwrap();

        assert_eq!(target.name, "clinic");
        assert_eq!(target.place, "clinic on db.example:6543");
    }
}
