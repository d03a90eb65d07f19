//! A database that is dropped again.

use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, test_kill_process};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use super::LocalServer;
use crate::failure::{Failure, OrFail};
use crate::process::block_on;

/// Before the number of the process that made the database.
const PREFIX: &str = "wardkeep_scratch_";
const NEXT: &str = "see the log of the server: .wardkeep/postgres/server.log";

static MADE: AtomicU32 = AtomicU32::new(0);

/// An empty database of this process, on the local server; dropped with its sessions when the value is.
pub(crate) struct ScratchDatabase {
    admin_url: String,
    url: String,
    name: String,
}

impl ScratchDatabase {
    /// Makes one, and drops what a killed process left behind.
    pub(crate) fn create(server: &LocalServer) -> Result<Self, Failure> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}_{number}", std::process::id());
        let admin_url = server.url("postgres");
        block_on(async {
            let mut admin = PgConnection::connect(&admin_url).await?;
            for left_over in left_over(&mut admin).await? {
                drop_database(&mut admin, &left_over).await?;
            }
            drop_database(&mut admin, &name).await?;
            admin
                .execute(AssertSqlSafe(format!("create database {name}")))
                .await?;
            admin.close().await
        })?
        .or_fail("could not make a scratch database", NEXT)?;
        Ok(Self {
            url: server.url(&name),
            admin_url,
            name,
        })
    }

    /// Its address, for the superuser.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for ScratchDatabase {
    fn drop(&mut self) {
        let dropped = block_on(async {
            let mut admin = PgConnection::connect(&self.admin_url).await?;
            drop_database(&mut admin, &self.name).await?;
            admin.close().await
        });
        if let Ok(Err(error)) = dropped {
            eprintln!("warning: could not drop the database {}: {error}", self.name);
        }
    }
}

async fn drop_database(admin: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    admin
        .execute(AssertSqlSafe(format!(
            "drop database if exists {name} with (force)"
        )))
        .await
        .map(drop)
}

/// Scratch databases whose process is gone.
async fn left_over(admin: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    let rows = admin
        .fetch_all("select datname from pg_catalog.pg_database")
        .await?;
    let names = rows
        .iter()
        .map(|row| row.try_get::<String, _>(0))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(names.into_iter().filter(|name| is_left_over(name)).collect())
}

fn is_left_over(name: &str) -> bool {
    let maker = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
    let Some((Ok(pid), Ok(_))) = maker.map(|(pid, number)| (pid.parse::<i32>(), number.parse::<u32>()))
    else {
        return false;
    };
    Pid::from_raw(pid).is_some_and(|pid| test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::is_left_over;

    #[test]
    fn only_databases_of_dead_processes_are_left_over() {
        let dead = 4_194_304; // above the largest number that Linux gives
        assert!(is_left_over(&format!("wardkeep_scratch_{dead}_0")));
        assert!(!is_left_over(&format!(
            "wardkeep_scratch_{}_0",
            std::process::id()
        )));
        assert!(!is_left_over("wardkeep_scratch_notes"));
        assert!(!is_left_over("wardkeep"));
    }
}
