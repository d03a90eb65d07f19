//! Connecting, and refusing a database on which the isolation would not hold.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, Row};

use super::lease::Guard;
use super::{DatabaseConfig, Pool};
use crate::policy::SCHEMA_VERSION;

/// The database cannot be used. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A setting makes no sense.
    #[error("the database setting {0}")]
    Setting(&'static str),
    /// The address cannot be read.
    #[error("cannot read the database address; write it as postgres://login:password@host:port/database")]
    Url(#[source] sqlx::Error),
    /// Nothing answers there, or it refuses the login.
    #[error(
        "cannot connect to {place}; check that PostgreSQL runs there and that login, password and database \
         are right"
    )]
    Unreachable {
        /// Login, host, port and database, without the password.
        place: String,
        /// What the driver said.
        #[source]
        source: sqlx::Error,
    },
    /// The server is older than PostgreSQL 15.
    #[error("{place} is PostgreSQL {found}; upgrade it to version 15 or newer")]
    TooOld {
        /// Login, host, port and database.
        place: String,
        /// The major version found.
        found: i32,
    },
    /// The login could read past row security.
    #[error(
        "the login of {place} {why}, so that row security would not hold for it; take that from it, or connect as \
         {instead}"
    )]
    Privileged {
        /// Login, host, port and database.
        place: String,
        /// Which privilege it has.
        why: &'static str,
        /// Which login will do.
        instead: &'static str,
    },
    /// The login cannot open a scope.
    #[error(
        "the login of {place} may not set role to authenticated, wardkeep_identity and wardkeep_credentials, so that no \
         request could be answered; connect as wardkeep_app"
    )]
    Powerless {
        /// Login, host, port and database.
        place: String,
    },
    /// The worker's login is on another database than the application's.
    #[error(
        "the worker would work on {place}, which is not the application's database; name the same host and database"
    )]
    Elsewhere {
        /// The worker's login, host, port and database.
        place: String,
    },
    /// A role that a scope sets has rights besides its own.
    #[error(
        "a role that scopes set on {place} is a member of another, so that row security would not hold in them; \
         run as a superuser: {revoke}"
    )]
    NotApart {
        /// Login, host, port and database.
        place: String,
        /// The statements that undo the memberships.
        revoke: String,
    },
    /// The schema is missing or older than this build needs.
    #[error(
        "the schema of {place} is {}, and this build needs {SCHEMA_VERSION}; run `cargo xtask migrate` against it, \
         and connect as {login}",
        .found.as_deref().unwrap_or("not there")
    )]
    NotMigrated {
        /// Login, host, port and database.
        place: String,
        /// The login that the migrations made for this.
        login: &'static str,
        /// The newest migration applied, if any can be seen.
        found: Option<String>,
    },
}

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Login {
    /// Becomes the role of each scope.
    Application,
    /// Acts as itself, across organizations.
    Worker,
}

impl Login {
    fn name(self) -> &'static str {
        match self {
            Self::Application => "wardkeep_app",
            Self::Worker => "wardkeep_worker",
        }
    }

    /// Which login will do.
    fn description(self) -> &'static str {
        match self {
            Self::Application => {
                "wardkeep_app, or as a login that may only set role to authenticated, wardkeep_identity and \
                 wardkeep_credentials"
            }
            Self::Worker => "wardkeep_worker",
        }
    }
}

pub(super) async fn connect(config: &DatabaseConfig, login: Login) -> Result<Pool, ConnectError> {
    let options = options(config)?;
    let identity = check(&options, login, config.acquire_timeout).await?;
    // A dead connection is found out by its BEGIN, which is then sent once more: testing each would cost every
    // request a round trip.
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections)
        .acquire_timeout(config.acquire_timeout)
        .test_before_acquire(false);
    Ok(Pool {
        place: place(&options),
        identity,
        connections: pool.connect_lazy_with(options),
        max_connections: config.max_connections,
        acquire_timeout: config.acquire_timeout,
        guard: Guard::On,
    })
}

fn options(config: &DatabaseConfig) -> Result<PgConnectOptions, ConnectError> {
    if config.max_connections == 0 {
        return Err(ConnectError::Setting("max_connections is 0; allow at least one"));
    }
    if config.scopes_per_organization == 0 {
        return Err(ConnectError::Setting(
            "scopes_per_organization is 0; allow at least one",
        ));
    }
    if config.acquire_timeout.is_zero() {
        return Err(ConnectError::Setting(
            "acquire_timeout is 0; give it some seconds",
        ));
    }
    if !config.url.starts_with("postgres://") && !config.url.starts_with("postgresql://") {
        return Err(ConnectError::Setting(
            "url is not one of PostgreSQL; it starts with postgres://",
        ));
    }
    let options: PgConnectOptions = config.url.parse().map_err(ConnectError::Url)?;
    Ok(options.application_name("wardkeep"))
}

/// Returns what tells this database from any other.
async fn check(options: &PgConnectOptions, login: Login, timeout: Duration) -> Result<String, ConnectError> {
    let place = place(options);
    let look = async {
        let mut connection = options.connect().await?;
        let found = Found::on(&mut connection).await?;
        connection.close().await?;
        Ok(found)
    };
    match tokio::time::timeout(timeout, look).await {
        Ok(Ok(found)) => {
            let identity = found.identity.clone();
            found.judge(place, login).map(|()| identity)
        }
        Ok(Err(source)) => Err(ConnectError::Unreachable { place, source }),
        Err(_) => Err(ConnectError::Unreachable {
            place,
            source: sqlx::Error::PoolTimedOut,
        }),
    }
}

fn place(options: &PgConnectOptions) -> String {
    let (login, host, port) = (options.get_username(), options.get_host(), options.get_port());
    format!(
        "{login}@{host}:{port}/{}",
        options.get_database().unwrap_or(login)
    )
}

/// What the server is, what the login may do that would lead past row security, by itself or by a role it may take
/// on, and how far the schema is.
#[derive(Debug, Clone)]
struct Found {
    /// The database's name, and when its server was started.
    identity: String,
    version: i32,
    superuser: bool,
    bypasses: bool,
    owner: bool,
    creates_roles: bool,
    replicates: bool,
    member: bool,
    /// Whether it may become any role at all.
    becomes: bool,
    /// Whether it may become every role of the scopes.
    enters: bool,
    /// What would part the roles that scopes set from others.
    revoke: Option<String>,
    schema: Option<String>,
}

/// `pg_has_role(.., 'member')` follows memberships of memberships, and holds for the role itself.
const LOOK: &str = "
with recursive scope_role as (
  select oid, rolname from pg_catalog.pg_roles
  where rolname in ('authenticated', 'wardkeep_identity', 'wardkeep_credentials')
),
role_of_login as (
  select roleid from pg_catalog.pg_auth_members
  join pg_catalog.pg_roles on pg_roles.oid = member
  where rolname = session_user
  union
  select pg_auth_members.roleid from pg_catalog.pg_auth_members
  join role_of_login on role_of_login.roleid = member
)
select
  current_database() || ' ' || extract(epoch from pg_postmaster_start_time())::text as identity,
  current_setting('server_version_num')::int4 as version,
  exists (
    select from pg_catalog.pg_roles
    where rolsuper and pg_has_role(session_user, oid, 'member')
  ) as superuser,
  exists (
    select from pg_catalog.pg_roles
    where rolbypassrls and pg_has_role(session_user, oid, 'member')
  ) as bypasses,
  exists (
    select from pg_catalog.pg_database
    where datname = current_database() and pg_has_role(session_user, datdba, 'member')
    union all
    select from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and pg_has_role(session_user, nspowner, 'member')
    union all
    select from pg_catalog.pg_class
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and pg_has_role(session_user, relowner, 'member')
    union all
    select from pg_catalog.pg_proc
    join pg_catalog.pg_namespace on pg_namespace.oid = pronamespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and pg_has_role(session_user, proowner, 'member')
  ) as owner,
  exists (
    select from pg_catalog.pg_roles
    where rolcreaterole and pg_has_role(session_user, oid, 'member')
  ) as creates_roles,
  exists (
    select from pg_catalog.pg_roles
    where rolreplication and pg_has_role(session_user, oid, 'member')
  ) as replicates,
  exists (
    select from role_of_login
    where roleid not in (select oid from scope_role)
  ) as member,
  exists (select from role_of_login) as becomes,
  (select count(*) = 3 from scope_role where pg_has_role(session_user, oid, 'member')) as enters,
  (
    select string_agg(format('revoke %I from %I;', granted.rolname, scope_role.rolname), ' ' order by scope_role.rolname)
    from scope_role
    join pg_catalog.pg_auth_members on member = scope_role.oid
    join pg_catalog.pg_roles granted on granted.oid = roleid
  ) as revoke";

impl Found {
    async fn on(connection: &mut PgConnection) -> sqlx::Result<Self> {
        let row = sqlx::query(LOOK).fetch_one(&mut *connection).await?;
        Ok(Self {
            identity: row.try_get("identity")?,
            version: row.try_get("version")?,
            superuser: row.try_get("superuser")?,
            bypasses: row.try_get("bypasses")?,
            owner: row.try_get("owner")?,
            creates_roles: row.try_get("creates_roles")?,
            replicates: row.try_get("replicates")?,
            member: row.try_get("member")?,
            becomes: row.try_get("becomes")?,
            enters: row.try_get("enters")?,
            revoke: row.try_get("revoke")?,
            schema: schema_version(connection).await?,
        })
    }

    fn judge(self, place: String, login: Login) -> Result<(), ConnectError> {
        if self.version < 150_000 {
            return Err(ConnectError::TooOld {
                place,
                found: self.version / 10_000,
            });
        }
        let why = self.privilege(login);
        // Before the login, which is a member of what they are members of.
        if let Some(revoke) = self.revoke {
            return Err(ConnectError::NotApart { place, revoke });
        }
        if let Some(why) = why {
            return Err(ConnectError::Privileged {
                place,
                why,
                instead: login.description(),
            });
        }
        // Migrations are named by the day, and sort by their names.
        if self.schema.as_deref().is_none_or(|found| found < SCHEMA_VERSION) {
            return Err(ConnectError::NotMigrated {
                place,
                login: login.name(),
                found: self.schema,
            });
        }
        if login == Login::Application && !self.enters {
            return Err(ConnectError::Powerless { place });
        }
        Ok(())
    }

    fn privilege(&self, login: Login) -> Option<&'static str> {
        if self.superuser {
            Some("is a superuser, or a member of one")
        } else if self.bypasses {
            Some("has BYPASSRLS, or is a member of a role that has")
        } else if self.owner {
            Some("owns the database, a schema, a table or a function, or is a member of an owner")
        } else if self.creates_roles {
            Some("has CREATEROLE, or is a member of a role that has")
        } else if self.replicates {
            Some("has REPLICATION, or is a member of a role that has")
        } else if self.member {
            Some("is a member of a role that no scope sets")
        } else if login == Login::Worker && self.becomes {
            Some("may become a role of the scopes, which the worker has no business with")
        } else {
            None
        }
    }
}

/// None where there is no such function, or where this login may not call it.
async fn schema_version(connection: &mut PgConnection) -> sqlx::Result<Option<String>> {
    match sqlx::query_scalar(super::SCHEMA_VERSION)
        .fetch_one(connection)
        .await
    {
        Err(sqlx::Error::Database(error))
            if matches!(
                error.code().as_deref(),
                Some("3F000" | "42883" | "42501" | "42P01")
            ) =>
        {
            Ok(None)
        }
        version => version,
    }
}

#[cfg(test)]
mod tests {
    use wardkeep_testkit::TestDatabase;

    use super::*;

    fn found() -> Found {
        let schema = Some(SCHEMA_VERSION.to_owned());
        Found {
            identity: "clinic 1".to_owned(),
            version: 150_000,
            superuser: false,
            bypasses: false,
            owner: false,
            creates_roles: false,
            replicates: false,
            member: false,
            enters: true,
            becomes: true,
            revoke: None,
            schema,
        }
    }

    fn judge(found: Found) -> Result<(), ConnectError> {
        found.judge(
            "wardkeep_app@localhost:5432/clinic".to_owned(),
            Login::Application,
        )
    }

    #[test]
    fn postgresql_15_with_the_schema_and_a_plain_login_will_do() {
        assert!(judge(found()).is_ok());
    }

    #[test]
    fn an_older_postgresql_is_told_to_upgrade() {
        let error = judge(Found {
            version: 140_015,
            ..found()
        })
        .unwrap_err();

        assert_eq!(
            error.to_string(),
            "wardkeep_app@localhost:5432/clinic is PostgreSQL 14; upgrade it to version 15 or newer"
        );
    }

    #[test]
    fn a_login_that_can_open_no_scope_is_told_so() {
        let error = judge(Found {
            enters: false,
            ..found()
        })
        .unwrap_err();

        assert!(matches!(error, ConnectError::Powerless { .. }), "{error}");
    }

    #[test]
    fn a_privileged_login_is_told_before_a_missing_schema() {
        let error = judge(Found {
            superuser: true,
            schema: None,
            ..found()
        })
        .unwrap_err();

        assert!(matches!(error, ConnectError::Privileged { .. }));
    }

    #[tokio::test]
    async fn a_scopes_role_that_is_a_member_of_another_is_told_with_what_parts_them() {
        let test = TestDatabase::create().await;
        let mut admin = test.admin().await;
        // Never committed: the roles belong to the whole server, and all other tests use these.
        let mut transaction = admin.begin().await.unwrap();
        let before = Found::on(&mut transaction).await.unwrap();
        let extra = format!("{}_owner", test.name());
        for statement in [
            format!("create role {extra}"),
            format!("grant {extra} to authenticated"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&mut *transaction)
                .await
                .unwrap();
        }

        let after = Found::on(&mut transaction).await.unwrap();
        transaction.rollback().await.unwrap();

        assert_eq!(before.revoke, None);
        let error = judge(after).unwrap_err();
        assert!(matches!(error, ConnectError::NotApart { .. }), "{error}");
        let statement = format!("run as a superuser: revoke {extra} from authenticated;");
        assert!(error.to_string().ends_with(&statement), "{error}");
    }
}
