use std::fmt::Debug;

use sqlx::Connection as _;
use uuid::Uuid;
use wardkeep_clinical::patients::{self, NewPatient, Patient, PatientId};
use wardkeep_clinical::treatment_sessions::TreatmentSessionId;
use wardkeep_tenancy::{AccessControl, Database, OrganizationId, RequestContext, TenantTx, UserId};
use wardkeep_testkit::{TestDatabase, context, scope};

/// Two clinics, and who is at work in them.
pub(crate) struct World {
    database: Database,
    pub(crate) salt_lane: OrganizationId,
    pub(crate) mill_road: OrganizationId,
    ada: UserId,
    /// One for all transactions, as its ids repeat in another one.
    cx: RequestContext,
    /// Dropped last: the database goes when nobody is connected any more.
    pub(crate) test: TestDatabase,
}

impl World {
    pub(crate) async fn new() -> Self {
        let test = TestDatabase::create().await;
        Self {
            database: test.connect().await,
            salt_lane: test.organization("Salt Lane").await,
            mill_road: test.organization("Mill Road").await,
            ada: test.user("Ada Byron").await,
            cx: context(7),
            test,
        }
    }

    /// A transaction with the rights of a built-in role; or of a clerk, who records patients and reads none, or of
    /// a reader, who reads them alone.
    pub(crate) async fn begin(&self, organization: OrganizationId, role: &str) -> TenantTx {
        let access = wardkeep_clinical::extend(AccessControl::new())
            .role("clerk", &[("patient", &["create"])])
            .role("reader", &[("patient", &["read"])]);
        let grants = access.grants(role, &[]);
        scope(&self.database, &self.cx, (organization, self.ada), grants)
            .begin()
            .await
            .unwrap()
    }

    /// A transaction of an owner who has signed in a short while ago.
    pub(crate) async fn begin_freshly(&self, organization: OrganizationId) -> TenantTx {
        let grants = wardkeep_clinical::extend(AccessControl::new()).grants("owner", &[]);
        let cx = self.cx.with_actor(self.ada).with_actor_name("Ada Byron");
        let cx = cx.with_recent_sign_in(true);
        let scope = scope(&self.database, &cx, (organization, self.ada), grants);
        scope.begin().await.unwrap()
    }

    /// A session of a patient, with its treatment and appointment.
    pub(crate) async fn session(&self, patient: &Patient) -> TreatmentSessionId {
        const SESSION: &str = "with appointment as (
              insert into appointments (organization_id, id, patient_id, practitioner_id, practitioner_name, starts_at, ends_at,
                time_zone, status, created_by, created_by_name)
              values ($1, gen_random_uuid(), $2, $3, 'Ada', '2026-03-02T08:00:00Z', '2026-03-02T09:00:00Z', 'UTC', 'arrived',
                $3, 'Ada')
              returning id
            ), treatment as (
              insert into treatments (organization_id, id, patient_id, title, practitioner_id, practitioner_name, status,
                created_by, created_by_name)
              values ($1, gen_random_uuid(), $2, 'Knee', $3, 'Ada', 'active', $3, 'Ada')
              returning id
            )
            insert into treatment_sessions (organization_id, id, treatment_id, appointment_id, patient_id, performer_id,
              performer_name, number, status, created_by, created_by_name)
            select $1, gen_random_uuid(), treatment.id, appointment.id, $2, $3, 'Ada', 1, 'in-progress', $3, 'Ada'
            from treatment cross join appointment
            returning id";
        let session = sqlx::query_scalar(SESSION)
            .bind(patient.organization_id.as_uuid())
            .bind(patient.id.as_uuid())
            .bind(self.ada.as_uuid());
        let id = session.fetch_one(&mut self.test.admin().await).await.unwrap();
        TreatmentSessionId::from_uuid(id)
    }

    /// Runs a statement as somebody whom no trigger stops.
    pub(crate) async fn past_the_trigger(&self, statement: &'static str) {
        let mut admin = self.test.admin().await;
        for statement in ["set session_replication_role = replica", statement] {
            sqlx::query(statement).execute(&mut admin).await.unwrap();
        }
    }

    /// Makes who is at work a member, who can treat.
    pub(crate) async fn join(&self, organization: OrganizationId) {
        self.test.member(organization, self.ada, "owner").await;
    }

    /// A patient, recorded and committed.
    pub(crate) async fn patient(&self, organization: OrganizationId, name: (&str, &str)) -> Patient {
        let tx = self.begin(organization, "owner").await;
        let patient = patients::create(&tx, named(name)).await.unwrap();
        tx.commit().await.unwrap();
        patient
    }

    /// Patients who were all born on 1900-01-01, as far as anybody knows.
    pub(crate) async fn crowd(&self, organization: OrganizationId, size: i32) {
        const CROWD: &str = "insert into patients (organization_id, id, first_name, last_name, date_of_birth)
            select $1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, md5(n::text), 'Nobody', '1900-01-01'
            from generate_series(1, $2) as n";
        let crowd = sqlx::query(CROWD).bind(organization.as_uuid()).bind(size);
        crowd.execute(&mut self.test.admin().await).await.unwrap();
    }

    /// An appointment of a patient.
    pub(crate) async fn appointment(&self, patient: &Patient, status: &str) {
        const APPOINTMENT: &str = "insert into appointments
              (organization_id, id, patient_id, practitioner_id, practitioner_name, starts_at, ends_at, time_zone, status,
               cancellation_reason, created_by, created_by_name)
            select $1, gen_random_uuid(), $2, gen_random_uuid(), 'Ada', '2026-01-05T09:00:00Z', '2026-01-05T10:00:00Z', 'UTC',
               $3, 'ill', gen_random_uuid(), 'Ada'";
        let appointment = sqlx::query(APPOINTMENT)
            .bind(patient.organization_id.as_uuid())
            .bind(patient.id.as_uuid())
            .bind(status);
        appointment.execute(&mut self.test.admin().await).await.unwrap();
    }

    /// The bytes of a patient's medical history as PostgreSQL prints it.
    pub(crate) async fn printed_history(&self, patient: PatientId) -> i32 {
        const LENGTH: &str = "select octet_length(medical_history::text) from patients where id = $1";
        sqlx::query_scalar(LENGTH)
            .bind(patient.as_uuid())
            .fetch_one(&mut self.test.admin().await)
            .await
            .unwrap()
    }
}

pub(crate) fn named((first_name, last_name): (&str, &str)) -> NewPatient {
    NewPatient {
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        ..NewPatient::default()
    }
}

/// The lock that a booking takes of a member.
pub(crate) const OF_MEMBER: &str = r#"select from member where "userId" = $1 for no key update"#;

/// That something waits for whoever holds the lock that this statement takes of a row, and is then done.
pub(crate) async fn assert_waits<T, E: Debug>(
    test: &TestDatabase,
    (lock, row): (&'static str, Uuid),
    name: &str,
    something: impl Future<Output = Result<T, E>>,
) -> T {
    let mut connection = test.admin().await;
    let mut holding = connection.begin().await.unwrap();
    sqlx::query(lock).bind(row).execute(&mut *holding).await.unwrap();
    let mut something = Box::pin(something);
    tokio::select! {
        biased;
        () = somebody_waits(test) => {}
        _ = &mut something => panic!("{name} did not wait"),
    }
    holding.commit().await.unwrap();
    something.await.unwrap()
}

pub(crate) async fn somebody_waits(test: &TestDatabase) {
    const WAITING: &str = "select exists (select from pg_stat_activity
        where datname = current_database() and usename = 'wardkeep_app' and wait_event_type = 'Lock')";
    let mut admin = test.admin().await;
    let mut waiting = false;
    while !waiting {
        waiting = sqlx::query_scalar(WAITING).fetch_one(&mut admin).await.unwrap();
    }
}
