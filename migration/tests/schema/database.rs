//! Connections to the databases of these tests, below the scopes.

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement,
};
use wardkeep_testkit::TestDatabase;

/// A connection, and no more than one.
#[expect(
    clippy::disallowed_methods,
    reason = "these tests look at the schema from below the scopes"
)]
pub(crate) async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.expect("a connection")
}

/// Runs statements.
#[expect(
    clippy::disallowed_methods,
    reason = "these tests look at the schema from below the scopes"
)]
pub(crate) async fn run(connection: &impl ConnectionTrait, statements: &str) -> Result<(), DbErr> {
    connection.execute_unprepared(statements).await.map(drop)
}

/// Runs one statement and counts the rows that it changed.
#[expect(
    clippy::disallowed_methods,
    reason = "these tests look at the schema from below the scopes"
)]
pub(crate) async fn changed(connection: &impl ConnectionTrait, statement: &str) -> Result<u64, DbErr> {
    let result = connection.execute_unprepared(statement).await?;
    Ok(result.rows_affected())
}

/// The rows of one query.
#[expect(
    clippy::disallowed_methods,
    reason = "these tests look at the schema from below the scopes"
)]
pub(crate) async fn rows(connection: &impl ConnectionTrait, query: &str) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_string(DbBackend::Postgres, query);
    connection.query_all_raw(statement).await
}

/// The first column of a query, as text; null is the word.
pub(crate) async fn texts(connection: &impl ConnectionTrait, query: &str) -> Result<Vec<String>, DbErr> {
    let query = format!("select coalesce(found::text, 'null') from ({query}) as answer (found)");
    rows(connection, &query)
        .await?
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect()
}

/// The SQLSTATE of a refusal.
pub(crate) fn state<T: std::fmt::Debug>(result: Result<T, DbErr>) -> String {
    let error = result.expect_err("a refusal");
    wardkeep_tenancy::sqlstate(&error).expect("an error of the server")
}

/// Makes one database anew with another as its template, of that one's owner.
pub(crate) async fn copy(template: &TestDatabase, copy: &TestDatabase) {
    let maintenance = connect(&copy.admin_url().replace(copy.name(), "postgres")).await;
    let (template, copy) = (template.name(), copy.name());
    let owner = texts(
        &maintenance,
        &format!("select pg_get_userbyid(datdba) from pg_database where datname = '{template}'"),
    )
    .await
    .expect("a template")
    .concat();
    run(&maintenance, &format!("drop database {copy}"))
        .await
        .expect("room for the copy");
    run(
        &maintenance,
        &format!("create database {copy} template {template} owner {owner}"),
    )
    .await
    .expect("a copy");
}
