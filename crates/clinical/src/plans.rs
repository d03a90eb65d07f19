//! For tests that read the plans of statements: so many rows that the database takes an index wherever it can.

use sea_orm::{DbBackend, EntityTrait, QueryTrait as _, Select, Statement};
use wardkeep_tenancy::{AccessControl, TenantTx};
use wardkeep_testkit::{TestDatabase, context, scope};

/// Ten clinics, filled by these statements, and the transaction of an owner of the first.
pub(crate) async fn ten_clinics(statements: &[&'static str]) -> (TestDatabase, TenantTx) {
    let test = TestDatabase::create().await;
    let salt_lane = test.organization("Salt Lane").await;
    for number in 1..10 {
        test.organization(&format!("Clinic {number}")).await;
    }
    let mut admin = test.admin().await;
    for statement in statements {
        sqlx::query(*statement).execute(&mut admin).await.unwrap();
    }
    let ada = test.user("Ada Byron").await;
    let grants = crate::extend(AccessControl::new()).grants("owner", &[]);
    let scope = scope(&test.connect().await, &context(7), (salt_lane, ada), grants);
    let tx = scope.begin().await.unwrap();
    (test, tx)
}

/// The plan of a statement as the role `authenticated` gets it, under row security.
pub(crate) async fn of<E: EntityTrait>(tx: &TenantTx, statement: Select<E>) -> String {
    let Statement { sql, values, .. } = statement.build(DbBackend::Postgres);
    let values = values.map(|values| values.0).unwrap_or_default();
    // The test ends before the leak matters.
    let explain = Box::leak(format!("explain (costs off) {sql}").into_boxed_str());
    let lines = tx.sql(explain, values).all().await.unwrap();
    let lines = lines
        .iter()
        .map(|line| line.try_get_by_index::<String>(0).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}
