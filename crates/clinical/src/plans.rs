//! For tests that read the plans of statements.

use sea_orm::{DbBackend, EntityTrait, QueryTrait as _, Select, Statement};
use wardkeep_tenancy::TenantTx;

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
