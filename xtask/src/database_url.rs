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
    /// The database, for a login that may migrate it [default: the local development server].
    #[arg(long, env = "ADMIN_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    admin_database_url: Option<String>,
    /// The same, when ADMIN_DATABASE_URL is not set.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
}

/// The database that was chosen.
#[derive(Debug)]
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
    /// The address that was given, if any. An empty one counts as none.
    fn given(&self) -> Option<&str> {
        let given = [&self.admin_database_url, &self.database_url];
        given
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|url| !url.is_empty())
    }

    /// The given database, else the local one, which is started and made if need be.
    pub(crate) fn target(&self, workspace: &Workspace) -> Result<Target, Failure> {
        if let Some(url) = self.given() {
            return Target::at(url, None);
        }
        let server = LocalServer::development(workspace)?;
        server.ensure_database(DEVELOPMENT_DATABASE)?;
        Target::at(&server.url(DEVELOPMENT_DATABASE), Some(server))
    }
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
    fn the_administrator_comes_first_and_empty_is_none() {
        let url = |admin: &str, application: &str| {
            let url = AdminUrl {
                admin_database_url: Some(admin.into()),
                database_url: Some(application.into()),
            };
            url.given().map(str::to_owned)
        };

        assert_eq!(
            url("postgres://a/x", "postgres://b/y").as_deref(),
            Some("postgres://a/x")
        );
        assert_eq!(url("", "postgres://b/y").as_deref(), Some("postgres://b/y"));
        assert_eq!(url("", ""), None);
    }

    #[test]
    fn the_place_of_a_database_shows_no_password() {
        let target = Target::at("postgres://owner:s3cret@db.example:6543/clinic", None).unwrap();

        assert_eq!(target.name, "clinic");
        assert_eq!(target.place, "clinic on db.example:6543");
    }
}
