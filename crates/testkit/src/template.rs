//! The migrated database that the others are cloned from.

use sqlx::Row;

use crate::cluster::{Admin, Cluster};
use crate::scram;

/// Before the fingerprint of the migrations.
const PREFIX: &str = "wardkeep_template_";
/// Templates of other fingerprints that are kept, so that changing branches does not migrate each time.
const KEPT: i64 = 4;
/// One process at a time makes a template or sets a password. (Advisory locks are per database; this one is taken in
/// the maintenance database.)
const LOCK: &str = "select pg_advisory_lock(hashtextextended('wardkeep template', 0))";
const UNLOCK: &str = "select pg_advisory_unlock(hashtextextended('wardkeep template', 0))";

/// The name of the template for the migrations of this build, which is made if it is not there.
pub(crate) async fn ensure(cluster: &Cluster, admin: &mut Admin<'_>) -> Result<String, sqlx::Error> {
    let name = format!("{PREFIX}{}", wardkeep_migration::fingerprint());
    if exists(admin, &name).await? {
        return Ok(name);
    }
    admin.execute(LOCK.to_owned()).await?;
    let made = match exists(admin, &name).await {
        Ok(true) => Ok(()),
        Ok(false) => make(cluster, admin, &name).await,
        Err(error) => Err(error),
    };
    admin.execute(UNLOCK.to_owned()).await?;
    made.map(|()| name)
}

/// Makes it under another name first: a template that exists is whole.
async fn make(cluster: &Cluster, admin: &mut Admin<'_>, name: &str) -> Result<(), sqlx::Error> {
    let unfinished = format!("{name}_unfinished");
    admin
        .execute(format!("drop database if exists {unfinished} with (force)"))
        .await?;
    admin
        .execute(format!("create database {unfinished} template template0"))
        .await?;
    let url = cluster.url(&unfinished);
    if let Err(error) = wardkeep_migration::up(&url, None, &mut |_| ()).await {
        panic!("the template cannot be migrated: {}", chain(&error));
    }
    for login in cluster.logins() {
        set_password(cluster, admin, login).await?;
    }
    // Nobody may be connected to a template while it is cloned.
    admin
        .execute(format!(
            "alter database {unfinished} with allow_connections false"
        ))
        .await?;
    admin
        .execute(format!("alter database {unfinished} rename to {name}"))
        .await?;
    for old in outdated(admin).await? {
        admin
            .execute(format!("drop database if exists {old} with (force)"))
            .await?;
    }
    Ok(())
}

/// Gives a login the password that every process on this server knows.
pub(crate) async fn set_password(
    cluster: &Cluster,
    admin: &mut Admin<'_>,
    login: &str,
) -> Result<(), sqlx::Error> {
    // The statement takes no parameters; format() quotes.
    let statement = sqlx::query_scalar("select format('alter role %I password %L', $1, $2)")
        .bind(login)
        .bind(scram::verifier(&cluster.password()))
        .fetch_one(admin.connection())
        .await?;
    admin.execute(statement).await
}

async fn exists(admin: &mut Admin<'_>, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(admin.connection())
        .await
}

async fn outdated(admin: &mut Admin<'_>) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query(
        "select datname from pg_database where starts_with(datname, $1) order by oid desc offset $2",
    )
    .bind(PREFIX)
    .bind(KEPT + 1)
    .fetch_all(admin.connection())
    .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// An error with its causes, which its own message leaves out.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
