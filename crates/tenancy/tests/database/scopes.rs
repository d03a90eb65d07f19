//! What each kind of transaction is, and what it shows.

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, Statement};
use wardkeep_tenancy::{Fault, Grants, Permission, sqlstate};

use crate::fixtures::{Patients, World, insert, patient_of};

const SETTINGS: &str = "select
  current_user::text as role,
  current_setting('app.current_organization_id', true) as organization,
  current_setting('app.current_user_id', true) as \"user\",
  current_setting('application_name') as application";

/// Role, organization, user and application name.
macro_rules! settings {
    ($tx:expr) => {{
        let row = $tx.sql(SETTINGS, []).one().await.unwrap().unwrap();
        ["role", "organization", "user", "application"].map(|column| {
            row.try_get::<Option<String>>("", column)
                .unwrap()
                .unwrap_or_default()
        })
    }};
}

#[tokio::test]
async fn a_tenant_transaction_has_its_role_organization_user_and_name() {
    let world = World::new().await;
    let database = world.database().await;

    let tx = world.scope(&database, world.north).begin().await.unwrap();

    let north = world.north.to_string();
    let application = format!("tenant_{north}");
    assert_eq!(
        settings!(tx),
        ["authenticated", &north, &world.user.to_string(), &application]
    );
    assert_eq!(world.backend().await.application, application);
}

#[tokio::test]
async fn nothing_of_a_transaction_is_left_on_its_connection() {
    let world = World::new().await;
    let database = world.database().await;

    drop(world.scope(&database, world.north).begin().await.unwrap());
    assert!(world.settles().await);
    let after_drop = world.backend().await;
    world
        .scope(&database, world.north)
        .begin()
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let after_commit = world.backend().await;
    let identity = database.identity(&world.cx, world.user).await.unwrap();
    assert_eq!(
        settings!(identity),
        ["wardkeep_identity", "", &world.user.to_string(), "identity"]
    );
    identity.commit().await.unwrap();
    assert!(world.settles().await);
    let credentials = database.credentials(&world.cx).await.unwrap();

    assert_eq!(
        settings!(credentials),
        ["wardkeep_credentials", "", "", "credentials"]
    );
    assert_eq!(after_drop.application, "wardkeep");
    assert_eq!(after_commit.application, "wardkeep");
    assert_eq!(
        world.backend().await.pid,
        after_drop.pid,
        "one connection served them all"
    );
}

#[tokio::test]
async fn a_clinic_sees_its_own_patients_and_no_others() {
    let world = World::new().await;
    let database = world.database().await;
    for (organization, name) in [(world.north, "Nora"), (world.south, "Sara")] {
        let tx = world.scope(&database, organization).begin().await.unwrap();
        insert(&tx, name).await.unwrap();
        tx.commit().await.unwrap();
    }

    let tx = world.scope(&database, world.north).begin().await.unwrap();
    let own = tx.find::<Patients>().all(&tx).await.unwrap();
    let any = Patients::find().all(&tx).await.unwrap();
    let theirs = Patients::find()
        .filter(sea_orm::ColumnTrait::eq(
            &crate::fixtures::patient::Column::OrganizationId,
            world.south,
        ))
        .count(&tx)
        .await
        .unwrap();

    assert_eq!(
        own.iter()
            .map(|patient| patient.first_name.as_str())
            .collect::<Vec<_>>(),
        ["Nora"]
    );
    assert_eq!(any, own);
    assert_eq!(theirs, 0);
}

#[tokio::test]
async fn a_row_for_another_clinic_is_refused() {
    let world = World::new().await;
    let database = world.database().await;
    let tx = world.scope(&database, world.north).begin().await.unwrap();

    let smuggled = patient_of(world.south, tx.new_id(), "Sara");
    let error = Patients::insert(smuggled)
        .exec_without_returning(&tx)
        .await
        .unwrap_err();

    assert_eq!(sqlstate(&error).as_deref(), Some("42501"));
    assert_eq!(world.patients().await, 0);
}

#[tokio::test]
async fn credentials_and_identity_see_no_patient() {
    let world = World::new().await;
    let database = world.database().await;

    let credentials = database.credentials(&world.cx).await.unwrap();
    let error = Patients::find().all(&credentials).await.unwrap_err();
    assert_eq!(sqlstate(&error).as_deref(), Some("42501"));
    drop(credentials);

    let identity = database.identity(&world.cx, world.user).await.unwrap();
    let error = Patients::find().all(&identity).await.unwrap_err();
    assert_eq!(sqlstate(&error).as_deref(), Some("42501"));
}

#[tokio::test]
async fn founding_narrows_an_identity_to_a_fresh_organization_in_the_same_transaction() {
    let world = World::new().await;
    let database = world.database().await;
    let identity = database.identity(&world.cx, world.user).await.unwrap();
    let before = identity
        .sql("select pg_current_xact_id()::text as id", [])
        .one()
        .await
        .unwrap()
        .unwrap();

    let founding = identity.found();
    let drawn = founding.organization();
    let tx = identity
        .into_founding(founding, Grants::one(&[("patient", &["read"])]))
        .await
        .unwrap();

    let organization = tx.organization();
    assert_eq!(organization, drawn);
    let after = tx
        .sql("select pg_current_xact_id()::text as id", [])
        .one()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        before.try_get::<String>("", "id").unwrap(),
        after.try_get::<String>("", "id").unwrap()
    );
    assert!(![world.north, world.south].contains(&organization));
    assert_eq!(organization.as_uuid().get_version_num(), 4);
    let application = format!("tenant_{organization}");
    assert_eq!(
        settings!(tx),
        [
            "authenticated",
            &organization.to_string(),
            &world.user.to_string(),
            &application
        ]
    );
    assert!(tx.allows(Permission::new("patient", "read")));
    assert!(!tx.allows(Permission::new("patient", "delete")));
}

#[tokio::test]
async fn a_transaction_knows_its_request() {
    let world = World::new().await;
    let database = world.database().await;

    let tx = world.scope(&database, world.north).begin().await.unwrap();

    assert_eq!(tx.user(), world.user);
    assert_eq!(tx.context().actor(), Some(world.user));
    assert_eq!(tx.now(), world.cx.now());
    assert_eq!(tx.context().request_id(), world.cx.request_id());
    let denied = tx.require(Permission::new("patient", "read")).unwrap_err();
    assert_eq!(denied.code(), "FORBIDDEN");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what is forbidden must also fail")]
async fn raw_statements_are_refused_and_do_no_harm() {
    let world = World::new().await;
    let database = world.database().await;
    let tx = world.scope(&database, world.north).begin().await.unwrap();
    let raw = || Statement::from_string(DbBackend::Postgres, "reset role");

    assert!(tx.execute_unprepared("reset role").await.is_err());
    assert!(tx.execute_raw(raw()).await.is_err());
    assert!(tx.query_one_raw(raw()).await.is_err());
    assert!(tx.query_all_raw(raw()).await.is_err());
    assert!(Patients::find().from_raw_sql(raw()).all(&tx).await.is_err());

    insert(&tx, "Nora").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.patients().await, 1);
}

#[tokio::test]
async fn hand_written_sql_binds_its_values_and_is_one_statement() {
    let world = World::new().await;
    let database = world.database().await;
    let tx = world.scope(&database, world.north).begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    insert(&tx, "Norma").await.unwrap();

    let one = tx.sql(
        "select first_name from patients where first_name = $1",
        ["Norma".into()],
    );
    let one = one.one().await.unwrap().unwrap();
    let all = tx.sql("select first_name from patients", []).all().await.unwrap();
    let changed = tx
        .sql("update patients set last_name = $1", ["O'Hara; --".into()])
        .execute()
        .await
        .unwrap();
    let two_statements = tx.sql("select 1; reset role", []).execute().await.unwrap_err();

    assert_eq!(one.try_get::<String>("", "first_name").unwrap(), "Norma");
    assert_eq!((all.len(), changed), (2, 2));
    assert_eq!(sqlstate(&two_statements).as_deref(), Some("42601"));
}

#[tokio::test]
async fn an_abandoned_scope_writes_nothing_and_a_committed_one_does() {
    let world = World::new().await;
    let database = world.database().await;
    let scope = world.scope(&database, world.north);

    let tx = scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    drop(tx);
    assert!(world.settles().await);
    assert_eq!(world.patients().await, 0);

    let tx = scope.begin().await.unwrap();
    insert(&tx, "Nora").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.patients().await, 1);
}

#[tokio::test]
async fn closing_lets_no_transaction_begin() {
    let world = World::new().await;
    let database = world.database().await;

    database.close().await;

    let error = world.scope(&database, world.north).begin().await.unwrap_err();
    assert_eq!(error.code(), "DATABASE_UNAVAILABLE");
    assert_eq!(database.ready().await.unwrap_err().code(), "DATABASE_UNAVAILABLE");
}

#[tokio::test]
async fn a_database_that_is_there_is_ready() {
    let world = World::new().await;
    let database = world.database().await;

    database.ready().await.unwrap();

    world
        .execute("delete from seaql_migrations where version = (select max(version) from seaql_migrations)")
        .await;
    assert!(database.ready().await.is_err(), "the schema is older");
    world.execute("drop schema tenancy cascade").await;
    assert!(database.ready().await.is_err(), "the schema is gone");
}
