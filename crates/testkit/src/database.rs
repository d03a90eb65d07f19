//! A database for one test.

use std::time::Duration;

use sqlx::{Connection, PgConnection, Row};
use tokio::sync::Mutex;
use wardkeep_tenancy::{Database, DatabaseConfig, Entropy, RequestContext, WorkerDatabase};

use crate::cluster::{Admin, Cluster};
use crate::context::context;
use crate::template;

/// Before the number of the database, in hex.
const PREFIX: &str = "wardkeep_test_";
/// Behind the name of a database: the login that owns it.
const OWNER: &str = "_owner";
/// The ids of fixtures follow from a seed that no test will choose.
const FIXTURE_SEED: u64 = 0x5a17_1a4e;

/// A database that belongs to one test and is dropped with this value, whatever is still connected to it.
///
/// A process that is killed leaves its databases behind; the next process that makes one drops them.
pub struct TestDatabase {
    number: i64,
    name: String,
    owner: Option<String>,
    pub(crate) fixtures: RequestContext,
    pub(crate) writer: Mutex<Option<PgConnection>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Migrated,
    Empty,
    EmptyOwned,
}

impl TestDatabase {
    /// A migrated database without a row.
    pub async fn create() -> Self {
        Self::make(Kind::Migrated).await
    }

    /// A database without a schema, owned by the superuser; for tests of migrations.
    pub async fn empty() -> Self {
        Self::make(Kind::Empty).await
    }

    /// A database without a schema, owned by a login of its own that is no superuser and has CREATEROLE, as on a managed
    /// PostgreSQL; see [`owner_url`](Self::owner_url).
    ///
    /// The roles of Wardkeep belong to the server, and other tests have made them; the login gets the right to give
    /// them away, which it would have if it had made them.
    pub async fn empty_owned() -> Self {
        Self::make(Kind::EmptyOwned).await
    }

    /// The name of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address for the application's login, which row security holds for.
    #[must_use]
    pub fn app_url(&self) -> String {
        Cluster::get().url_as("wardkeep_app", &self.name)
    }

    /// The address for the worker's login.
    #[must_use]
    pub fn worker_url(&self) -> String {
        Cluster::get().url_as("wardkeep_worker", &self.name)
    }

    /// The address for the superuser, who sees everything: to arrange and to look behind the curtain, never to act.
    #[must_use]
    pub fn admin_url(&self) -> String {
        Cluster::get().url(&self.name)
    }

    /// The address for the owner of the database: the login of [`empty_owned`](Self::empty_owned), else the superuser.
    #[must_use]
    pub fn owner_url(&self) -> String {
        match &self.owner {
            Some(owner) => Cluster::get().url_as(owner, &self.name),
            None => self.admin_url(),
        }
    }

    /// Connects as the application does.
    pub async fn connect(&self) -> Database {
        match Database::connect(DatabaseConfig::new(self.app_url())).await {
            Ok(database) => database,
            Err(error) => panic!("cannot connect to the test database: {error}"),
        }
    }

    /// Connects as the worker does.
    pub async fn connect_worker(&self) -> WorkerDatabase {
        match WorkerDatabase::connect(DatabaseConfig::new(self.worker_url())).await {
            Ok(database) => database,
            Err(error) => panic!("cannot connect to the test database as the worker: {error}"),
        }
    }

    /// Connects as the superuser.
    pub async fn admin(&self) -> PgConnection {
        match PgConnection::connect(&self.admin_url()).await {
            Ok(connection) => connection,
            Err(error) => panic!("cannot connect to the test database: {error}"),
        }
    }

    async fn make(kind: Kind) -> Self {
        // Starting a server blocks; the test's runtime may have one thread.
        let cluster = tokio::task::spawn_blocking(Cluster::get)
            .await
            .expect("a test server is there");
        let database = Self::unmade(kind);
        let (number, name, owner) = (database.number, database.name.clone(), database.owner.clone());
        let made = cluster.run(async move {
            let mut admin = cluster.admin().await;
            lock(&mut admin, number).await?;
            match (kind, owner) {
                (Kind::Migrated, _) => clone_template(cluster, &mut admin, &name).await?,
                (_, None) => {
                    admin
                        .execute(format!("create database {name} template template0"))
                        .await?
                }
                (_, Some(owner)) => create_owned(cluster, &mut admin, &name, &owner).await?,
            }
            sweep(&mut admin).await
        });
        match made.await {
            Ok(()) => database,
            Err(error) => panic!("no test database: {error}"),
        }
    }

    fn unmade(kind: Kind) -> Self {
        let mut bytes = [0; 8];
        Entropy::system().fill(&mut bytes);
        let number = i64::from_be_bytes(bytes);
        let name = format!("{PREFIX}{number:016x}");
        let owner = (kind == Kind::EmptyOwned).then(|| format!("{name}{OWNER}"));
        Self {
            number,
            name,
            owner,
            fixtures: context(FIXTURE_SEED),
            writer: Mutex::new(None),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let cluster = Cluster::get();
        let (number, name, owner) = (self.number, self.name.clone(), self.owner.clone());
        cluster.run_blocking(async move {
            let mut admin = cluster.admin().await;
            if let Err(error) = remove(&mut admin, &name, owner.as_deref()).await {
                eprintln!("warning: could not drop the database {name}: {error}");
            }
            // Kept until the process ends if this fails.
            let unlock = sqlx::query("select pg_advisory_unlock($1)").bind(number);
            let _not_ours_to_mend = unlock.execute(admin.connection()).await;
        });
    }
}

/// Holds as long as this process is connected: a database whose number nobody holds was left behind.
async fn lock(admin: &mut Admin<'_>, number: i64) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_lock($1)")
        .bind(number)
        .execute(admin.connection())
        .await
        .map(|_| ())
}

/// Clones the template. Of what `create database` does not copy, the fence is put up again: what
/// [`wardkeep_migration::fence_database`] would do, less what the template brings along, and without connecting.
async fn clone_template(cluster: &Cluster, admin: &mut Admin<'_>, name: &str) -> Result<(), sqlx::Error> {
    let template = template::ensure(cluster, admin).await?;
    admin
        .execute(format!(
            "create database {name} template {template} strategy file_copy"
        ))
        .await?;
    admin
        .execute(format!(
            "revoke connect, temporary on database {name} from public;
             grant connect on database {name} to wardkeep_app, wardkeep_worker"
        ))
        .await
}

async fn create_owned(
    cluster: &Cluster,
    admin: &mut Admin<'_>,
    name: &str,
    owner: &str,
) -> Result<(), sqlx::Error> {
    // Makes the roles if this server has none yet.
    template::ensure(cluster, admin).await?;
    admin
        .execute(format!("create role {owner} login createrole"))
        .await?;
    template::set_password(cluster, admin, owner).await?;
    // Not the logins: a member of those may connect to the databases of all other tests.
    let roles = "wardkeep_owner, wardkeep_lookup, wardkeep_auditor, authenticated, wardkeep_identity, wardkeep_credentials";
    admin
        .execute(format!("grant {roles} to {owner} with admin option"))
        .await?;
    admin
        .execute(format!("create database {name} template template0 owner {owner}"))
        .await
}

async fn remove(admin: &mut Admin<'_>, name: &str, owner: Option<&str>) -> Result<(), sqlx::Error> {
    disconnect(admin, name).await?;
    admin
        .execute(format!("drop database if exists {name} with (force)"))
        .await?;
    if let Some(owner) = owner {
        // What it granted to others must go first.
        admin.execute(format!("drop owned by {owner} cascade")).await?;
        admin.execute(format!("drop role if exists {owner}")).await?;
    }
    Ok(())
}

/// Ends the sessions of a database. Dropping it by force does so too, and then looks only every 100 ms whether they
/// are gone.
async fn disconnect(admin: &mut Admin<'_>, name: &str) -> Result<(), sqlx::Error> {
    for _ in 0..100 {
        let ended: i64 = sqlx::query_scalar(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = $1",
        )
        .bind(name)
        .fetch_one(admin.connection())
        .await?;
        if ended == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}

/// Drops what killed processes left behind. The names are read before the locks: whoever made a database that is in the
/// list held its lock by then.
async fn sweep(admin: &mut Admin<'_>) -> Result<(), sqlx::Error> {
    let left_over = sqlx::query(
        "select names.name, owner.rolname as owner
         from (
           select datname::text as name from pg_database where starts_with(datname, $1)
           union
           select replace(rolname, $2, '') from pg_roles where starts_with(rolname, $1)
         ) as names
         left join pg_roles owner on owner.rolname = names.name || $2
         where not exists (
           select
           from pg_locks
           where locktype = 'advisory'
             and lpad(to_hex(classid::bigint), 8, '0') || lpad(to_hex(objid::bigint), 8, '0') = substr(names.name, 15)
         )",
    )
    .bind(PREFIX)
    .bind(OWNER)
    .fetch_all(admin.connection())
    .await?;
    for row in left_over {
        let name: String = row.try_get("name")?;
        let owner: Option<String> = row.try_get("owner")?;
        // Several processes may sweep at once, and each finds some of it gone.
        let _gone_already = remove(admin, &name, owner.as_deref()).await;
    }
    Ok(())
}
