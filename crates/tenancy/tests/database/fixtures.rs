//! Clinics, patients and a view of the server's backends.

use std::time::Duration;

use sea_orm::entity::prelude::*;
use sea_orm::{DbErr, IntoActiveValue, NotSet, Set};
use sqlx::PgConnection;
use tokio::sync::{Mutex, MutexGuard};
use wardkeep_tenancy::{
    Database, DatabaseConfig, Grants, OrganizationId, OrganizationOwned, RequestContext, TenantScope,
    TenantTx, UserId,
};
use wardkeep_testkit::TestDatabase;

/// As much of a patient as these tests need.
pub(crate) mod patient {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "patients")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: wardkeep_tenancy::Id<Entity>,
        pub first_name: String,
        pub last_name: String,
        pub email: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl OrganizationOwned for Entity {
        fn organization_column() -> Column {
            Column::OrganizationId
        }
    }
}

pub(crate) use patient::Entity as Patients;

pub(crate) type PatientId = wardkeep_tenancy::Id<Patients>;

/// A database of its own, one user, and two clinics.
pub(crate) struct World {
    pub(crate) test: TestDatabase,
    pub(crate) cx: RequestContext,
    pub(crate) user: UserId,
    pub(crate) north: OrganizationId,
    pub(crate) south: OrganizationId,
    /// One connection for all looks behind the curtain: signing in takes longer than looking.
    admin: Mutex<PgConnection>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let test = TestDatabase::create().await;
        let user = test.user("Ana Reyes").await;
        let (north, south) = (test.organization("North").await, test.organization("South").await);
        let admin = Mutex::new(test.admin().await);
        Self {
            test,
            admin,
            cx: wardkeep_testkit::context(1),
            user,
            north,
            south,
        }
    }

    /// The settings of most tests: one connection, so that what is left behind meets the next borrower.
    pub(crate) fn config(&self) -> DatabaseConfig {
        let mut config = DatabaseConfig::new(self.test.app_url());
        config.max_connections = 1;
        // A machine that builds meanwhile is slow; the tests of timeouts have their own.
        config.acquire_timeout = Duration::from_secs(60);
        config
    }

    pub(crate) async fn database(&self) -> Database {
        Database::connect(self.config()).await.unwrap()
    }

    pub(crate) fn scope(&self, database: &Database, organization: OrganizationId) -> TenantScope {
        wardkeep_testkit::scope(database, &self.cx, (organization, self.user), Grants::none())
    }

    /// The superuser's connection.
    pub(crate) async fn admin(&self) -> MutexGuard<'_, PgConnection> {
        self.admin.lock().await
    }

    /// Runs a statement as the superuser.
    pub(crate) async fn execute(&self, text: &'static str) {
        sqlx::query(text).execute(&mut *self.admin().await).await.unwrap();
    }

    /// How many patients are there, of any clinic.
    pub(crate) async fn patients(&self) -> i64 {
        let mut admin = self.admin().await;
        sqlx::query_scalar("select count(*) from patients")
            .fetch_one(&mut *admin)
            .await
            .unwrap()
    }

    /// What the application's connections are doing.
    pub(crate) async fn backends(&self) -> Vec<Backend> {
        let mut admin = self.admin().await;
        let rows: Vec<(i32, String, String, String)> = sqlx::query_as(
            "select pid, coalesce(state, ''), application_name, query from pg_stat_activity
             where datname = current_database() and usename = 'wardkeep_app' order by pid",
        )
        .fetch_all(&mut *admin)
        .await
        .unwrap();
        rows.into_iter()
            .map(|(pid, state, application, query)| Backend {
                pid,
                state,
                application,
                query,
            })
            .collect()
    }

    /// What the application's one connection is doing, once the one that looked the database over at the start is gone.
    pub(crate) async fn backend(&self) -> Backend {
        loop {
            let backends = self.backends().await;
            if let [backend] = &backends[..] {
                return backend.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until every connection of the application is at rest, or gone; false if that takes some twenty seconds.
    pub(crate) async fn settles(&self) -> bool {
        for _ in 0..1000 {
            if self
                .backends()
                .await
                .iter()
                .all(|backend| backend.state == "idle")
            {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        false
    }

    /// Runs a future until the server shows this query in this state, and drops it there.
    pub(crate) async fn abandon<F: Future>(&self, future: F, state: &str, query: &str) {
        let reached = async {
            while !self
                .backends()
                .await
                .iter()
                .any(|backend| backend.state == state && backend.query.starts_with(query))
            {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            _ = future => panic!("it was to be in flight"),
            () = reached => {}
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    pub(crate) pid: i32,
    pub(crate) state: String,
    pub(crate) application: String,
    pub(crate) query: String,
}

/// A patient of this transaction's clinic.
pub(crate) fn patient(tx: &TenantTx, first_name: &str) -> patient::ActiveModel {
    patient_of(tx.organization(), tx.new_id(), first_name)
}

pub(crate) fn patient_of(
    organization: OrganizationId,
    id: PatientId,
    first_name: &str,
) -> patient::ActiveModel {
    patient::ActiveModel {
        organization_id: organization.into_active_value(),
        id: id.into_active_value(),
        first_name: Set(first_name.to_owned()),
        last_name: Set("Prueba".to_owned()),
        email: NotSet,
    }
}

pub(crate) async fn insert(tx: &TenantTx, first_name: &str) -> Result<(), DbErr> {
    Patients::insert(patient(tx, first_name))
        .exec_without_returning(tx)
        .await
        .map(|_| ())
}

/// Waits until this many connections are back in the pool: a rollback and the pool's own check come after the drop.
pub(crate) async fn at_rest(database: &Database, connections: usize) {
    while !format!("{database:?}").contains(&format!("idle: {connections},")) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs a future until it has waited `waits` times, and drops it there. None when it was dropped.
pub(crate) async fn waiting_at_most<F: Future>(future: F, waits: usize) -> Option<F::Output> {
    let mut future = Box::pin(future);
    let mut left = waits;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending if left == 0 => std::task::Poll::Ready(None),
        std::task::Poll::Pending => {
            left -= 1;
            std::task::Poll::Pending
        }
    })
    .await
}
