//! What is refused at the start, and what it says.

use std::time::Duration;

use wardkeep_tenancy::{ConnectError, Database, DatabaseConfig, SCHEMA_VERSION};
use wardkeep_testkit::TestDatabase;

use crate::fixtures::World;

async fn refusal(url: &str) -> ConnectError {
    let mut config = DatabaseConfig::new(url);
    config.acquire_timeout = Duration::from_secs(60);
    Database::connect(config).await.unwrap_err()
}

/// A login of this test alone. Roles belong to the whole server; this one has the name of the database's own owner, so
/// that testkit sweeps it away when a test dies.
struct Login<'a> {
    test: &'a TestDatabase,
    name: String,
}

impl<'a> Login<'a> {
    async fn create(test: &'a TestDatabase, attributes: &str) -> Self {
        let name = format!("{}_owner", test.name());
        let login = Self { test, name };
        login
            .run(&format!(
                "create role {} login password 'tulip' {attributes}",
                login.name
            ))
            .await;
        login
            .run(&format!(
                "grant connect on database {} to {}",
                test.name(),
                login.name
            ))
            .await;
        login
    }

    async fn run(&self, text: &str) {
        let mut admin = self.test.admin().await;
        sqlx::query(sqlx::AssertSqlSafe(text))
            .execute(&mut admin)
            .await
            .unwrap();
    }

    async fn refusal(self) -> ConnectError {
        let url = self.test.app_url();
        let (_, place) = url.split_once('@').unwrap();
        let error = refusal(&format!("postgres://{}:tulip@{place}", self.name)).await;
        self.run(&format!("drop owned by {} cascade", self.name)).await;
        self.run(&format!("drop role {}", self.name)).await;
        error
    }
}

fn privilege(error: ConnectError) -> &'static str {
    match error {
        ConnectError::Privileged { why, .. } => why,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_applications_login_connects() {
    let world = World::new().await;

    world.database().await.ready().await.unwrap();
}

#[tokio::test]
async fn a_superuser_is_refused() {
    let world = World::new().await;

    let why = privilege(refusal(&world.test.admin_url()).await);

    assert_eq!(why, "is a superuser, or a member of one");
}

#[tokio::test]
async fn a_login_that_bypasses_row_security_is_refused() {
    let world = World::new().await;
    let login = Login::create(&world.test, "bypassrls").await;

    let why = privilege(login.refusal().await);

    assert_eq!(why, "has BYPASSRLS, or is a member of a role that has");
}

#[tokio::test]
async fn a_login_that_owns_something_is_refused() {
    let world = World::new().await;
    let login = Login::create(&world.test, "").await;
    login
        .run(&format!("create schema extra authorization {}", login.name))
        .await;

    let why = privilege(login.refusal().await);

    assert_eq!(
        why,
        "owns the database, a schema, a table or a function, or is a member of an owner"
    );
}

#[tokio::test]
async fn a_login_that_can_become_an_owner_is_refused() {
    let world = World::new().await;
    let login = Login::create(&world.test, "noinherit").await;
    login
        .run(&format!("grant wardkeep_owner to {}", login.name))
        .await;

    let why = privilege(login.refusal().await);

    assert_eq!(
        why,
        "owns the database, a schema, a table or a function, or is a member of an owner"
    );
}

#[tokio::test]
async fn a_login_that_could_give_itself_more_or_copy_the_database_is_refused() {
    let world = World::new().await;

    for (attributes, expected) in [
        ("createrole", "has CREATEROLE, or is a member of a role that has"),
        (
            "replication",
            "has REPLICATION, or is a member of a role that has",
        ),
    ] {
        let login = Login::create(&world.test, attributes).await;

        assert_eq!(privilege(login.refusal().await), expected);
    }
}

#[tokio::test]
async fn a_login_in_a_role_that_no_scope_sets_is_refused() {
    let world = World::new().await;

    for role in ["wardkeep_app", "pg_monitor", "authenticated, pg_read_all_data"] {
        let login = Login::create(&world.test, &format!("noinherit in role {role}")).await;

        let why = privilege(login.refusal().await);

        assert_eq!(why, "is a member of a role that no scope sets", "{role}");
    }
}

#[tokio::test]
async fn a_login_in_the_roles_of_scopes_is_not_refused_for_them() {
    let world = World::new().await;
    let roles = "noinherit in role authenticated, wardkeep_identity, wardkeep_credentials";
    let login = Login::create(&world.test, roles).await;

    // It may not call the functions that wardkeep_app may.
    let error = login.refusal().await;

    assert!(matches!(error, ConnectError::NotMigrated { .. }), "{error}");
}

#[tokio::test]
async fn a_login_without_the_applications_rights_is_told_as_whom_to_connect() {
    let world = World::new().await;
    let login = Login::create(&world.test, "").await;

    let error = login.refusal().await;

    assert!(
        matches!(error, ConnectError::NotMigrated { found: None, .. }),
        "{error}"
    );
    assert!(error.to_string().ends_with("connect as wardkeep_app"), "{error}");
}

#[tokio::test]
async fn a_database_without_the_schema_is_refused_with_the_command_that_makes_it() {
    let _migrated = World::new().await;
    let test = TestDatabase::empty().await;

    let error = refusal(&test.app_url()).await;

    assert!(
        matches!(error, ConnectError::NotMigrated { found: None, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("is not there"), "{error}");
    assert!(error.to_string().contains("cargo xtask migrate"), "{error}");
}

#[tokio::test]
async fn an_older_schema_is_refused_and_a_newer_one_is_not() {
    let world = World::new().await;

    world
        .execute("delete from seaql_migrations where version = (select max(version) from seaql_migrations)")
        .await;
    let error = refusal(&world.test.app_url()).await;
    world
        .execute("insert into seaql_migrations values ('m99991231_000001_later', 0)")
        .await;
    let newer = Database::connect(world.config()).await;

    assert!(
        matches!(&error, ConnectError::NotMigrated { found: Some(_), .. }),
        "{error}"
    );
    assert!(error.to_string().contains(SCHEMA_VERSION), "{error}");
    assert!(newer.is_ok());
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_without_the_password() {
    let error = refusal("postgres://wardkeep_app:tulip@127.0.0.1:1/clinic").await;

    assert!(matches!(error, ConnectError::Unreachable { .. }));
    assert!(
        error
            .to_string()
            .starts_with("cannot connect to wardkeep_app@127.0.0.1:1/clinic;"),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("tulip"));
}

#[tokio::test]
async fn a_wrong_password_is_unreachable_and_never_shown() {
    let world = World::new().await;
    let url = world.test.app_url();
    let (_, place) = url.split_once('@').unwrap();

    let error = refusal(&format!("postgres://wardkeep_nobody:tulip@{place}")).await;

    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("tulip"));
}

#[tokio::test]
async fn a_setting_that_makes_no_sense_is_refused() {
    let url = "postgres://wardkeep_app:tulip@127.0.0.1:1/clinic";
    let with = |change: fn(&mut DatabaseConfig)| {
        let mut config = DatabaseConfig::new(url);
        change(&mut config);
        Database::connect(config)
    };

    let refused = [
        with(|config| config.max_connections = 0).await,
        with(|config| config.scopes_per_organization = 0).await,
        with(|config| config.acquire_timeout = Duration::ZERO).await,
        with(|config| config.url = "mysql://clinic".to_owned()).await,
        with(|config| config.url = String::new()).await,
    ];

    for refusal in refused {
        assert!(matches!(refusal, Err(ConnectError::Setting(_))));
    }
    let unreadable = refusal("postgres://host:notaport/clinic").await;
    assert!(matches!(unreadable, ConnectError::Url(_)), "{unreadable}");
}
