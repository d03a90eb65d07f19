//! How the schema gets into a database and out of it again.

use wardkeep_migration::lint::{Severity, lint};
use wardkeep_migration::{
    MigrateError, MigrationState, Progress, Step, down, fence_database, fresh, status, up,
};
use wardkeep_testkit::TestDatabase;

use crate::database::{connect, copy, run, state, texts};

const MIGRATIONS: usize = 11;

async fn up_all(url: &str) -> Result<Vec<String>, MigrateError> {
    up(url, None, &mut |_| ()).await
}

async fn applied(url: &str) -> usize {
    let states = status(url).await.unwrap();
    assert_eq!(states.len(), MIGRATIONS);
    states.iter().filter(|state| state.applied).count()
}

/// Tables, functions, schemas and types of our roles in this database.
async fn objects_of_ours(database: &TestDatabase) -> Vec<String> {
    let admin = connect(&database.admin_url()).await;
    texts(
        &admin,
        "select pg_describe_object(classid, objid, objsubid)
         from pg_shdepend
         join pg_roles on pg_roles.oid = refobjid
         where dbid = (select oid from pg_database where datname = current_database())
           and deptype = 'o'
           and (rolname = 'authenticated'
             or rolname ~ '^wardkeep_(owner|identity|credentials|lookup|auditor|app|worker)$')",
    )
    .await
    .unwrap()
}

#[tokio::test]
async fn all_migrations_apply_in_order() {
    let database = TestDatabase::empty().await;

    let names = up_all(&database.admin_url()).await.unwrap();

    assert_eq!(names.len(), MIGRATIONS);
    assert!(names.is_sorted());
    let expected: Vec<_> = names
        .into_iter()
        .map(|name| MigrationState { name, applied: true })
        .collect();
    assert_eq!(status(&database.admin_url()).await.unwrap(), expected);
}

#[tokio::test]
async fn a_second_run_applies_nothing() {
    let database = TestDatabase::create().await;

    assert_eq!(up_all(&database.admin_url()).await.unwrap(), Vec::<String>::new());
    assert_eq!(applied(&database.admin_url()).await, MIGRATIONS);
}

#[tokio::test]
async fn progress_is_told_as_it_happens() {
    let database = TestDatabase::empty().await;
    let mut told = Vec::new();
    let mut tell = |progress: Progress| told.push((progress.name, progress.step));

    up(&database.admin_url(), Some(1), &mut tell).await.unwrap();
    down(&database.admin_url(), None, &mut tell).await.unwrap();

    assert!(told.iter().all(|(name, _)| name == "m20261123_000001_tenancy"));
    let steps: Vec<_> = told.iter().map(|(_, step)| step).collect();
    assert!(
        matches!(
            steps[..],
            [
                Step::Applying,
                Step::Applied { .. },
                Step::Reverting,
                Step::Reverted { .. }
            ]
        ),
        "{steps:?}"
    );
}

#[tokio::test]
async fn each_migration_goes_up_and_down_by_itself() {
    let database = TestDatabase::empty().await;
    let url = database.admin_url();

    for count in 1..=MIGRATIONS {
        assert_eq!(up(&url, Some(1), &mut |_| ()).await.unwrap().len(), 1);
        assert_eq!(applied(&url).await, count);
    }
    for count in (0..MIGRATIONS).rev() {
        assert_eq!(down(&url, Some(1), &mut |_| ()).await.unwrap().len(), 1);
        assert_eq!(applied(&url).await, count);
    }
    assert_eq!(up_all(&url).await.unwrap().len(), MIGRATIONS);
    assert_eq!(lint(&url).await.unwrap(), []);
}

#[tokio::test]
async fn no_steps_are_no_change() {
    let database = TestDatabase::create().await;
    let url = database.admin_url();

    assert!(down(&url, Some(0), &mut |_| ()).await.unwrap().is_empty());
    assert!(up(&url, Some(0), &mut |_| ()).await.unwrap().is_empty());

    assert_eq!(applied(&url).await, MIGRATIONS);
}

#[tokio::test]
async fn down_leaves_nothing_of_ours() {
    let database = TestDatabase::create().await;
    assert!(!objects_of_ours(&database).await.is_empty());

    let names = down(&database.admin_url(), None, &mut |_| ()).await.unwrap();

    assert_eq!(names.len(), MIGRATIONS);
    assert!(names.is_sorted_by(|newer, older| newer > older));
    assert_eq!(objects_of_ours(&database).await, Vec::<String>::new());
    assert_eq!(applied(&database.admin_url()).await, 0);
}

#[tokio::test]
async fn a_database_that_was_never_migrated_has_nothing_to_revert() {
    let database = TestDatabase::empty().await;

    assert!(
        down(&database.admin_url(), None, &mut |_| ())
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(applied(&database.admin_url()).await, 0);
}

#[tokio::test]
async fn fresh_starts_over_and_keeps_the_tables_of_others() {
    let database = TestDatabase::create().await;
    let admin = connect(&database.admin_url()).await;
    run(
        &admin,
        r#"insert into "user" (name, email) values ('ana', 'ana@example.test');
           create table wards as select 1 as number"#,
    )
    .await
    .unwrap();

    let names = fresh(&database.admin_url(), &mut |_| ()).await.unwrap();

    assert_eq!(names.len(), MIGRATIONS);
    assert_eq!(
        texts(&admin, r#"select count(*) from "user""#).await.unwrap(),
        ["0"]
    );
    assert_eq!(texts(&admin, "select number from wards").await.unwrap(), ["1"]);
}

#[tokio::test]
async fn of_two_migrators_one_applies_and_both_succeed() {
    for _ in 0..8 {
        let database = TestDatabase::empty().await;
        let url = database.admin_url();

        let (one, other) = tokio::join!(
            tokio::spawn(up_url(url.clone())),
            tokio::spawn(up_url(url.clone()))
        );

        let mut counts = [one.unwrap().unwrap().len(), other.unwrap().unwrap().len()];
        counts.sort_unstable();
        assert_eq!(counts, [0, MIGRATIONS]);
        assert_eq!(applied(&url).await, MIGRATIONS);
    }
}

async fn up_url(url: String) -> Result<Vec<String>, MigrateError> {
    up_all(&url).await
}

#[tokio::test]
async fn a_migration_that_fails_changes_nothing() {
    let database = TestDatabase::empty().await;
    let admin = connect(&database.admin_url()).await;
    run(&admin, "create table public.team (mine integer)")
        .await
        .unwrap();

    let error = up_all(&database.admin_url()).await.unwrap_err();

    assert!(
        matches!(&error, MigrateError::Failed { name, .. } if name == "m20261123_000003_organizations"),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "the migration m20261123_000003_organizations failed; nothing was changed"
    );
    assert_eq!(objects_of_ours(&database).await, Vec::<String>::new());
    assert_eq!(applied(&database.admin_url()).await, 0);
    run(&admin, "drop table public.team").await.unwrap();
    assert_eq!(up_all(&database.admin_url()).await.unwrap().len(), MIGRATIONS);
}

#[tokio::test]
async fn the_owner_of_the_database_builds_the_same_schema() {
    let database = TestDatabase::empty_owned().await;
    let url = database.owner_url();

    assert_eq!(up_all(&url).await.unwrap().len(), MIGRATIONS);

    // All that a superuser would have done besides is an advice, and a superuser is told that it can still be done.
    let findings = lint(&url).await.unwrap();
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule, finding.severity))
        .collect();
    assert_eq!(found, [("set-config", Severity::Advice)], "{findings:#?}");
    let findings = lint(&database.admin_url()).await.unwrap();
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule, finding.severity))
        .collect();
    assert_eq!(found, [("set-config", Severity::Breach)], "{findings:#?}");
    fence_database(&database.admin_url()).await.unwrap();
    assert_eq!(lint(&url).await.unwrap(), []);
}

/// Patients who were there before `patient_phones`: their numbers are put into it, as the application would.
#[tokio::test]
async fn the_numbers_of_patients_who_are_there_already_can_be_searched() {
    let database = TestDatabase::empty_owned().await;
    let url = database.owner_url();
    up(&url, Some(8), &mut |_| ()).await.unwrap();
    let admin = connect(&database.admin_url()).await;
    let clinic = "00000000-0000-4000-8000-00000000000a";
    run(
        &admin,
        &format!(
            "insert into organization (id, name, slug, \"createdAt\") values ('{clinic}', 'A', 'a', now());
             insert into patients (organization_id, id, first_name, last_name, phone, deleted_at)
             select '{clinic}', gen_random_uuid(), 'Ana', 'Brandt', phone, deleted_at
             from (values
               ('+49 (0)30 90-1820', null), ('0171/5550142', null), ('000', null), (null, null), ('4711', now())
             ) as numbers (phone, deleted_at)"
        ),
    )
    .await
    .unwrap();

    up_all(&url).await.unwrap();

    let digits = texts(&admin, "select digits from patient_phones order by digits")
        .await
        .unwrap();
    assert_eq!(digits, ["0281090394", "2410555171"]);
}

#[tokio::test]
async fn the_owner_of_the_database_reverts_and_starts_over() {
    let database = TestDatabase::empty_owned().await;
    let url = database.owner_url();
    up_all(&url).await.unwrap();

    assert_eq!(fresh(&url, &mut |_| ()).await.unwrap().len(), MIGRATIONS);
    assert_eq!(applied(&url).await, MIGRATIONS);
    assert_eq!(down(&url, None, &mut |_| ()).await.unwrap().len(), MIGRATIONS);
    assert_eq!(objects_of_ours(&database).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_search_path_of_the_login_does_not_decide_where_the_schema_goes() {
    let database = TestDatabase::empty_owned().await;
    let admin = connect(&database.admin_url()).await;
    let name = database.name();
    run(
        &admin,
        &format!("create schema elsewhere; alter database {name} set search_path = elsewhere, public"),
    )
    .await
    .unwrap();

    up_all(&database.owner_url()).await.unwrap();

    assert_eq!(applied(&database.owner_url()).await, MIGRATIONS);
    let strays = "select relname from pg_class where relnamespace = 'elsewhere'::regnamespace";
    assert_eq!(texts(&admin, strays).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_login_that_may_make_no_roles_is_told_so() {
    let database = TestDatabase::empty_owned().await;
    let admin = connect(&database.admin_url()).await;
    let owner = texts(
        &admin,
        "select rolname from pg_roles join pg_database on datdba = pg_roles.oid where datname = current_database()",
    )
    .await
    .unwrap()
    .concat();
    run(
        &admin,
        &format!("alter role {owner} nocreaterole; revoke wardkeep_owner, wardkeep_lookup from {owner}"),
    )
    .await
    .unwrap();

    let error = up_all(&database.owner_url()).await.unwrap_err();

    let MigrateError::Database(source) = error else {
        panic!("{error:?}")
    };
    assert!(
        source
            .to_string()
            .contains(&format!("exists but \"{owner}\" may not become it")),
        "{source}"
    );
    assert_eq!(objects_of_ours(&database).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_database_made_from_a_template_is_fenced_again() {
    let template = TestDatabase::create().await;
    let clone = TestDatabase::empty().await;
    copy(&template, &clone).await;
    let rules: Vec<_> = lint(&clone.admin_url())
        .await
        .unwrap()
        .into_iter()
        .filter(|finding| finding.rule != "role-stranger")
        .map(|finding| (finding.rule, finding.detail))
        .collect();
    assert_eq!(
        rules,
        [("database-public", "PUBLIC holds connect, temporary".to_owned())]
    );

    fence_database(&clone.admin_url()).await.unwrap();

    assert_eq!(lint(&clone.admin_url()).await.unwrap(), []);
    let app = connect(&clone.app_url()).await;
    assert_eq!(
        state(run(&app, "create temporary table wards (id uuid)").await),
        "42501"
    );
}

#[tokio::test]
async fn the_owner_of_a_copy_fences_it() {
    let database = TestDatabase::empty_owned().await;
    up_all(&database.owner_url()).await.unwrap();
    let clone = TestDatabase::empty().await;
    copy(&database, &clone).await;
    let owner_url = database.owner_url();
    let (address, rest) = owner_url.rsplit_once(database.name()).unwrap();
    let url = format!("{address}{}{rest}", clone.name());

    fence_database(&url).await.unwrap();

    let findings = lint(&url).await.unwrap();
    let found: Vec<_> = findings
        .iter()
        .map(|finding| (finding.rule, finding.severity))
        .collect();
    assert_eq!(found, [("set-config", Severity::Advice)], "{findings:#?}");
}

#[tokio::test]
async fn nobody_but_a_superuser_calls_set_config() {
    let database = TestDatabase::create().await;
    let app = connect(&database.app_url()).await;

    for role in [
        "wardkeep_app",
        "authenticated",
        "wardkeep_identity",
        "wardkeep_credentials",
    ] {
        let call = format!("set role {role}; select set_config('app.current_user_id', '', true)");
        assert_eq!(state(run(&app, &call).await), "42501", "{role}");
        run(&app, "reset role").await.unwrap();
    }
}

#[tokio::test]
async fn a_newer_schema_is_left_alone() {
    let database = TestDatabase::create().await;
    let admin = connect(&database.admin_url()).await;
    let newer = "m29990101_000001_rooms";
    run(
        &admin,
        &format!("insert into seaql_migrations (version, applied_at) values ('{newer}', 0)"),
    )
    .await
    .unwrap();
    let url = database.admin_url();

    let answers = [
        status(&url).await.map(drop),
        up_all(&url).await.map(drop),
        down(&url, Some(1), &mut |_| ()).await.map(drop),
    ];

    for answer in answers {
        let error = answer.unwrap_err();
        assert!(
            matches!(&error, MigrateError::Unknown(name) if name == newer),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            "the database has the migration m29990101_000001_rooms, which this build does not know; use a newer build"
        );
    }
}
