//! The server under the tests, and the one connection by which this process makes and drops databases on it.

use std::path::Path;
use std::sync::OnceLock;

use percent_encoding::percent_decode_str;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;
use url::Url;
use wardkeep_local_postgres::{Durability, Settings, ensure_running, workspace_state_dir};

/// Where databases are made from, by every process: their locks count in one database.
const MAINTENANCE: &str = "postgres";

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

/// A server, as its superuser.
pub(crate) struct Cluster {
    url: Url,
    /// Whether it is the test server of this checkout, and not one that somebody lent us.
    ours: bool,
    /// Databases are made and dropped here, not in the test's own runtime: dropping one must be possible while that
    /// runtime stands still or is gone.
    runtime: Runtime,
    admin: Mutex<Option<PgConnection>>,
}

impl Cluster {
    /// The server of this process; started, or found, when it is first asked for.
    pub(crate) fn get() -> &'static Self {
        CLUSTER.get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("testkit")
                .enable_all()
                .build()
                .expect("the runtime of the test databases starts");
            let lent = lent_server();
            let ours = lent.is_none();
            let url = lent.unwrap_or_else(local_server).parse();
            Self {
                url: url
                    .expect("TEST_DATABASE_URL is written as postgres://login:password@host:port/database"),
                ours,
                runtime,
                admin: Mutex::new(None),
            }
        })
    }

    /// Runs a task beside the test.
    pub(crate) async fn run<T, F>(&'static self, task: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.runtime
            .spawn(task)
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Runs a task beside the test and blocks until it has ended; for `Drop`.
    pub(crate) fn run_blocking<F>(&'static self, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (done, wait) = std::sync::mpsc::channel();
        self.runtime.spawn(async move {
            task.await;
            // If nobody waits any more, nobody needs to know.
            let _nobody_waits = done.send(());
        });
        // A task that panicked hangs up without a word, which ends the waiting as well.
        let _panicked = wait.recv();
    }

    /// The connection to the maintenance database; one task at a time.
    pub(crate) async fn admin(&self) -> Admin<'_> {
        let mut admin = self.admin.lock().await;
        if admin.is_none() {
            let connection = PgConnection::connect(&self.url(MAINTENANCE)).await;
            *admin =
                Some(connection.unwrap_or_else(|error| panic!("cannot connect to the test server: {error}")));
        }
        Admin(admin)
    }

    /// The address of a database for the superuser.
    pub(crate) fn url(&self, database: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(database);
        url.into()
    }

    /// The same for another login. On a test server all logins have the superuser's password, so that every process
    /// knows them and none needs to be told.
    pub(crate) fn url_as(&self, login: &str, database: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(database);
        url.set_username(login)
            .expect("the address of a server has a place for a login");
        url.set_password(Some(&self.password()))
            .expect("the address of a server has a place for a password");
        url.into()
    }

    /// The logins whose password is set on this server. Setting the superuser's to what it is makes connecting quick.
    pub(crate) fn logins(&self) -> &'static [&'static str] {
        if self.ours {
            &["wardkeep_app", "wardkeep_worker", "postgres"]
        } else {
            &["wardkeep_app", "wardkeep_worker"]
        }
    }

    /// What the logins on this server are given as their password: letters, digits, `-` and `_` if the server is ours.
    pub(crate) fn password(&self) -> String {
        match self.url.password() {
            Some(password) => percent_decode_str(password).decode_utf8_lossy().into_owned(),
            // A server that lets its superuser in without one.
            None => "wardkeep".to_owned(),
        }
    }
}

/// The maintenance connection, while one task has it.
pub(crate) struct Admin<'a>(tokio::sync::MutexGuard<'a, Option<PgConnection>>);

impl Admin<'_> {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.0.as_mut().expect("Cluster::admin has connected")
    }

    /// Runs a statement that takes no values, as those about databases and roles do not.
    pub(crate) async fn execute(&mut self, statement: String) -> Result<(), sqlx::Error> {
        self.connection()
            .execute(AssertSqlSafe(statement))
            .await
            .map(|_| ())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a setting of the tests: a server to use instead of our own"
)]
fn lent_server() -> Option<String> {
    std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|address| !address.is_empty())
}

fn local_server() -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("/"));
    let settings = Settings::new(workspace_state_dir(workspace, "postgres-test"), Durability::Fast);
    match ensure_running(&settings) {
        Ok(server) => server.url("postgres"),
        Err(error) => panic!("no test server: {error}"),
    }
}
