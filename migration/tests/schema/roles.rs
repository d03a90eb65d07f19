//! The roles belong to the server, which several databases share. Each test has a server of its own, on which
//! nothing was ever migrated.

use std::path::{Path, PathBuf};

use sea_orm::DatabaseConnection;
use wardkeep_local_postgres::{Durability, Running, Settings, ensure_running, stop, workspace_state_dir};
use wardkeep_migration::lint::{Severity, lint};
use wardkeep_migration::up;

use crate::database::{connect, run, state, texts};

const MIGRATIONS: usize = 11;

struct Server {
    settings: Settings,
    running: Running,
}

impl Server {
    /// A server; the folder is named after the test.
    fn start(test: &str) -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let name = format!("postgres-{test}-{}", std::process::id());
        let settings = Settings::new(workspace_state_dir(workspace, &name), Durability::Fast);
        let running = ensure_running(&settings).unwrap();
        Self { settings, running }
    }

    async fn admin(&self) -> DatabaseConnection {
        connect(&self.running.url("postgres")).await
    }

    /// Makes a database of a login that is no superuser and has CREATEROLE; the login's address for it.
    async fn owned(&self, database: &str, login: &str) -> String {
        let admin = self.admin().await;
        run(
            &admin,
            &format!("create role {login} login createrole password 'secret'"),
        )
        .await
        .unwrap();
        run(&admin, &format!("create database {database} owner {login}"))
            .await
            .unwrap();
        self.owned_url(database, login)
    }

    fn owned_url(&self, database: &str, login: &str) -> String {
        format!(
            "postgres://{login}:secret@127.0.0.1:{}/{database}",
            self.running.port
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let folder: PathBuf = self.settings.state_dir.clone();
        if stop(&self.settings).is_ok() {
            let _left_for_the_next_clean = std::fs::remove_dir_all(folder);
        }
    }
}

async fn up_all(url: String) -> usize {
    up(&url, None, &mut |_| ()).await.unwrap().len()
}

#[tokio::test]
async fn two_databases_migrated_at_once_make_the_roles_once() {
    let server = Server::start("at-once");
    let admin = server.admin().await;
    run(&admin, "create database one").await.unwrap();
    run(&admin, "create database other").await.unwrap();

    let (one, other) = tokio::join!(
        tokio::spawn(up_all(server.running.url("one"))),
        tokio::spawn(up_all(server.running.url("other"))),
    );

    assert_eq!([one.unwrap(), other.unwrap()], [MIGRATIONS; 2]);
    for database in ["one", "other"] {
        assert_eq!(lint(&server.running.url(database)).await.unwrap(), []);
    }
}

#[tokio::test]
async fn the_owner_of_a_database_makes_the_roles() {
    let server = Server::start("owner");
    let url = server.owned("clinic", "manager").await;

    assert_eq!(up_all(url.clone()).await, MIGRATIONS);

    let findings = lint(&url).await.unwrap();
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule, finding.severity))
        .collect();
    assert_eq!(found, [("set-config", Severity::Advice)], "{findings:#?}");
}

#[tokio::test]
async fn only_the_login_that_migrates_becomes_the_auditor() {
    let server = Server::start("auditor");
    let url = server.owned("clinic", "manager").await;
    up_all(url.clone()).await;
    let admin = server.admin().await;
    run(
        &admin,
        "create role stranger login password 'secret'; grant connect on database clinic to stranger",
    )
    .await
    .unwrap();

    let attributes = "select concat_ws(' ', rolcanlogin, rolinherit, rolbypassrls, rolsuper) from pg_roles \
                      where rolname = 'wardkeep_auditor'";
    assert_eq!(texts(&admin, attributes).await.unwrap(), ["f f f f"]);
    let members = "select member::regrole from pg_auth_members where roleid = 'wardkeep_auditor'::regrole";
    assert_eq!(texts(&admin, members).await.unwrap(), ["manager"]);
    run(&connect(&url).await, "set role wardkeep_auditor")
        .await
        .unwrap();
    let strangers = server.owned_url("clinic", "stranger");
    let becomes = run(&connect(&strangers).await, "set role wardkeep_auditor").await;
    assert_eq!(state(becomes), "42501");
}

#[tokio::test]
async fn memberships_that_two_migrators_write_at_once_are_written_once() {
    let server = Server::start("memberships");
    let admin = server.admin().await;
    run(&admin, "create database first").await.unwrap();
    assert_eq!(up_all(server.running.url("first")).await, MIGRATIONS);
    server.owned("one", "manager").await;
    run(
        &admin,
        "grant wardkeep_owner, wardkeep_lookup, wardkeep_auditor, authenticated, wardkeep_identity, wardkeep_credentials
           to manager with admin option",
    )
    .await
    .unwrap();

    for round in 0..8 {
        run(
            &admin,
            "revoke authenticated, wardkeep_identity, wardkeep_credentials from wardkeep_app",
        )
        .await
        .unwrap();
        let databases = [format!("one_{round}"), format!("other_{round}")];
        for database in &databases {
            run(&admin, &format!("create database {database} owner manager"))
                .await
                .unwrap();
        }
        let [one, other] = databases.map(|database| server.owned_url(&database, "manager"));

        let (one, other) = tokio::join!(tokio::spawn(up_all(one)), tokio::spawn(up_all(other)));

        assert_eq!([one.unwrap(), other.unwrap()], [MIGRATIONS; 2]);
    }
}
