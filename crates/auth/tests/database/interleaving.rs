//! Lets requests meet at one place: a lock is held until they wait for it.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::world::World;

/// A lock that the test holds, as another transaction would.
pub(crate) struct Held {
    holder: PgConnection,
    watcher: PgConnection,
}

impl Held {
    /// Runs a statement that locks, in a transaction of its own.
    pub(crate) async fn by(world: &World, statement: &str) -> Self {
        let (mut holder, watcher) = (world.admin().await, world.admin().await);
        holder.execute("begin").await.unwrap();
        holder.execute(AssertSqlSafe(statement.to_owned())).await.unwrap();
        Self { holder, watcher }
    }

    /// Waits until this many transactions of the application wait for a lock.
    pub(crate) async fn until_waiting(&mut self, count: i64) {
        while self.waiting().await < count {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }

    /// How many transactions of the application wait for a lock.
    pub(crate) async fn waiting(&mut self) -> i64 {
        sqlx::query_scalar(
            "select count(*) from pg_stat_activity
             where datname = current_database() and usename = 'wardkeep_app' and wait_event_type = 'Lock'",
        )
        .fetch_one(&mut self.watcher)
        .await
        .unwrap()
    }

    /// Lets go, and keeps what was done.
    pub(crate) async fn commit(mut self) {
        self.holder.execute("commit").await.unwrap();
        self.close().await;
    }

    /// Lets go, and undoes what was done.
    pub(crate) async fn release(mut self) {
        self.holder.execute("rollback").await.unwrap();
        self.close().await;
    }

    async fn close(self) {
        self.holder.close().await.unwrap();
        self.watcher.close().await.unwrap();
    }
}
