//! The PostgreSQL of this checkout, started while a command needs it.

mod scratch;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wardkeep_local_postgres::{Durability, Running, Settings, ensure_running, workspace_state_dir};

pub(crate) use self::scratch::ScratchDatabase;
use crate::failure::{Failure, OrFail};
use crate::process::block_on;
use crate::secrets::Secrets;
use crate::workspace::Workspace;

/// The database of `cargo xtask dev`.
pub(crate) const DEVELOPMENT_DATABASE: &str = "wardkeep";

/// In the lock file when a command started the server, and the last user is to stop it.
const STOP_WHEN_UNUSED: &str = "stop when unused\n";

/// A running server on this machine, in use while this value lives.
///
/// Commands run side by side (a `dev` in one terminal, a `demo` in another) and share it. Each holds a shared lock on
/// a file; whoever ends, and can then lock that file alone, was the last one and stops the server, unless it ran before
/// any of them came.
#[derive(Debug)]
pub(crate) struct LocalServer {
    settings: Settings,
    running: Running,
    users: Option<File>,
}

impl LocalServer {
    /// The development server, with data that survives a power cut.
    pub(crate) fn development(workspace: &Workspace) -> Result<Self, Failure> {
        Self::start(workspace, "postgres", Durability::Durable)
    }

    /// The server that the tests' databases live on.
    pub(crate) fn for_tests(workspace: &Workspace) -> Result<Self, Failure> {
        Self::start(workspace, "postgres-test", Durability::Fast)
    }

    fn start(workspace: &Workspace, name: &str, durability: Durability) -> Result<Self, Failure> {
        let settings = Settings::new(workspace_state_dir(workspace.root(), name), durability);
        let mut users = open_users(workspace, name)?;
        users
            .lock_shared()
            .or_fail("could not lock the list of users", "see the message above")?;
        let running = ensure_running(&settings).or_fail(
            "could not start PostgreSQL",
            "do what the message says, then run this again",
        )?;
        let what = if running.started_now {
            "started"
        } else {
            "runs already"
        };
        println!("==> PostgreSQL {what} on 127.0.0.1:{}", running.port);
        if running.started_now {
            rewrite(&mut users, STOP_WHEN_UNUSED)?;
        }
        Ok(Self {
            settings,
            running,
            users: Some(users),
        })
    }

    /// The address of a database, for the superuser.
    pub(crate) fn url(&self, database: &str) -> String {
        self.running.url(database)
    }

    /// Makes the database if it does not exist.
    pub(crate) fn ensure_database(&self, name: &str) -> Result<(), Failure> {
        block_on(async {
            let mut admin = PgConnection::connect(&self.url("postgres")).await?;
            let found = sqlx::query("select from pg_catalog.pg_database where datname = $1").bind(name);
            if found.fetch_optional(&mut admin).await?.is_none() {
                admin
                    .execute(AssertSqlSafe(format!("create database \"{name}\"")))
                    .await?;
            }
            admin.close().await
        })?
        .or_fail(
            &format!("could not make the database {name}"),
            "see .wardkeep/postgres/server.log",
        )
    }

    /// Gives the logins that the migrations made the passwords of this checkout.
    ///
    /// Logins belong to the server, not to a database, so all commands use the same; changing one twice at once would
    /// be an error.
    pub(crate) fn set_passwords(&self, secrets: &Secrets) -> Result<(), Failure> {
        let logins = [
            ("wardkeep_app", &secrets.app_password),
            ("wardkeep_worker", &secrets.worker_password),
        ];
        block_on(async {
            let mut admin = PgConnection::connect(&self.url("postgres")).await?;
            admin
                .execute("select pg_advisory_lock(hashtextextended('wardkeep logins', 0))")
                .await?;
            for (login, password) in logins {
                admin
                    .execute(AssertSqlSafe(format!("alter role {login} password '{password}'")))
                    .await?;
            }
            admin.close().await
        })?
        .or_fail(
            "could not set the passwords of the logins",
            "run `cargo xtask migrate` first",
        )
    }

    /// The address of a database, for the application's login.
    pub(crate) fn app_url(&self, database: &str, secrets: &Secrets) -> String {
        self.login_url("wardkeep_app", &secrets.app_password, database)
    }

    /// The address of a database, for the worker's login.
    pub(crate) fn worker_url(&self, database: &str, secrets: &Secrets) -> String {
        self.login_url("wardkeep_worker", &secrets.worker_password, database)
    }

    fn login_url(&self, login: &str, password: &str, database: &str) -> String {
        let port = self.running.port;
        format!("postgres://{login}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// Leaves the server running when the last user is gone.
    pub(crate) fn keep(mut self) -> Result<(), Failure> {
        match &mut self.users {
            Some(users) => rewrite(users, ""),
            None => Ok(()),
        }
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        let Some(mut users) = self.users.take() else {
            return;
        };
        let mut wish = String::new();
        let last = users.unlock().is_ok() && users.try_lock().is_ok();
        let read = users.rewind().and_then(|()| users.read_to_string(&mut wish));
        if !last || read.is_err() || wish != STOP_WHEN_UNUSED {
            return;
        }
        match wardkeep_local_postgres::stop(&self.settings) {
            Ok(_) => println!("==> PostgreSQL stopped"),
            Err(error) => eprintln!("warning: could not stop PostgreSQL: {error}"),
        }
        let _ = rewrite(&mut users, "");
    }
}

/// The settings of the development server, to look at it without starting it.
pub(crate) fn development_settings(workspace: &Workspace) -> Settings {
    Settings::new(
        workspace_state_dir(workspace.root(), "postgres"),
        Durability::Durable,
    )
}

/// The folder for what a command keeps between runs. PostgreSQL's user may have to pass through it.
pub(crate) fn state_folder(workspace: &Workspace) -> Result<PathBuf, Failure> {
    let folder = workspace.root().join(".wardkeep");
    let made = match DirBuilder::new().mode(0o755).create(&folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    made.or_fail(
        &format!("could not make {}", folder.display()),
        "make the checkout writable",
    )?;
    Ok(folder)
}

fn open_users(workspace: &Workspace, name: &str) -> Result<File, Failure> {
    let path = state_folder(workspace)?.join(format!("{name}.users"));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path);
    file.or_fail(
        &format!("could not open {}", path.display()),
        "make the checkout writable",
    )
}

fn rewrite(file: &mut File, text: &str) -> Result<(), Failure> {
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .or_fail("could not note who uses the server", "make the checkout writable")
}
