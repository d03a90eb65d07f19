//! Each rule of the lint, broken in a transaction that is rolled back, and what the lint says to it.

mod database_rules;
mod functions;
mod grants;
mod keys;
mod policies;
mod roles;
mod tables;
mod views;

use sea_orm::{DatabaseConnection, TransactionTrait};
use wardkeep_migration::lint::{self, Finding, RULES, Severity};
use wardkeep_testkit::TestDatabase;

use crate::database::{connect, rows, run};

/// A migrated database in which rules are broken.
struct Schema {
    admin: DatabaseConnection,
    database: TestDatabase,
}

impl Schema {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let admin = connect(&database.admin_url()).await;
        Self { admin, database }
    }

    async fn name(&self) -> String {
        let rows = rows(&self.admin, "select current_database()::text")
            .await
            .unwrap();
        rows[0].try_get_by_index(0).unwrap()
    }

    /// What the lint finds once a superuser has run the statements. They are rolled back, also those on roles, which
    /// belong to the whole server.
    async fn findings(&self, statements: &str) -> Vec<Finding> {
        for _ in 0..50 {
            let transaction = self.admin.begin().await.unwrap();
            match run(&transaction, statements).await {
                Ok(()) => return lint::inspect(&transaction).await.unwrap(),
                // Another test changed the same role at the same moment.
                Err(error) if error.to_string().contains("concurrently updated") => {
                    transaction.rollback().await.unwrap();
                }
                Err(error) => panic!("{error}\n{statements}"),
            }
        }
        panic!("the roles of this server never come to rest");
    }

    /// Each of the statements breaks one rule on one object, and nothing else is found.
    async fn breaks(&self, rule: &str, object: &str, each: &[&str]) {
        for statements in each {
            let findings = self.findings(statements).await;

            let found: Vec<_> = findings
                .iter()
                .map(|finding| (finding.rule, finding.object.as_str()))
                .collect();
            assert_eq!(found, [(rule, object)], "{statements}\n{findings:#?}");
        }
    }

    /// As [`Schema::breaks`], run as the owner of the schema.
    async fn owner_breaks(&self, rule: &str, object: &str, each: &[&str]) {
        for statements in each {
            let statements = format!("set local role wardkeep_owner; {statements}; reset role");
            self.breaks(rule, object, &[&statements]).await;
        }
    }

    /// Each of the statements is allowed.
    async fn keeps(&self, each: &[&str]) {
        for statements in each {
            assert_eq!(self.findings(statements).await, [], "{statements}");
        }
    }
}

#[tokio::test]
async fn a_migrated_database_breaks_no_rule() {
    let schema = Schema::new().await;

    schema.keeps(&["select"]).await;
}

#[tokio::test]
async fn looking_changes_nothing_and_leaves_the_connection_as_it_was() {
    let schema = Schema::new().await;
    let transaction = schema.admin.begin().await.unwrap();

    lint::inspect(&transaction).await.unwrap();

    run(&transaction, "create table wards (id uuid)").await.unwrap();
}

#[tokio::test]
async fn any_login_that_may_connect_can_look() {
    let schema = Schema::new().await;
    assert_eq!(lint::lint(&schema.database.app_url()).await.unwrap(), []);
    run(
        &schema.admin,
        "alter table public.patients no force row level security",
    )
    .await
    .unwrap();

    let findings = lint::lint(&schema.database.app_url()).await.unwrap();

    let found: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["row-security"]);
}

#[tokio::test]
async fn a_finding_says_what_to_do() {
    let schema = Schema::new().await;

    let findings = schema
        .findings("alter table public.patients disable row level security")
        .await;

    assert_eq!(
        findings[0].to_string(),
        "row-security: public.patients: row security is off; put the table through tenancy::policy::protect, or: \
         alter table … enable row level security, force row level security"
    );
    assert_eq!(findings[0].severity, Severity::Breach);
}

#[tokio::test]
async fn a_database_that_is_not_migrated_is_not_judged() {
    let database = TestDatabase::empty().await;

    let error = lint::lint(&database.admin_url()).await.unwrap_err();

    assert!(matches!(error, lint::LintError::NotMigrated), "{error}");
}

#[test]
fn each_rule_is_broken_in_a_test() {
    let tests = [
        include_str!("lint/database_rules.rs"),
        include_str!("lint/functions.rs"),
        include_str!("lint/grants.rs"),
        include_str!("lint/keys.rs"),
        include_str!("lint/policies.rs"),
        include_str!("lint/roles.rs"),
        include_str!("lint/tables.rs"),
        include_str!("lint/views.rs"),
    ];

    for rule in RULES {
        let name = format!("\"{}\"", rule.name);
        assert!(
            tests.iter().any(|text| text.contains(&name)),
            "no test breaks {name}"
        );
    }
}
