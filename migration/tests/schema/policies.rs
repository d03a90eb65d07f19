//! What each role can reach, connected as the application's login.

use sea_orm::{DatabaseTransaction, TransactionTrait};
use wardkeep_migration::lint::{CLASSIFICATION, Class};

use crate::database::{changed, connect, run, state, texts};
use crate::fixture::{ANA, BEN, CLINIC_OF_ANA, CLINIC_OF_BEN, Clinics, EVA, ROW, SIGNED};

const DENIED: &str = "42501";

/// The tables in which a read is refused. Each is read behind a savepoint.
async fn refused(transaction: &DatabaseTransaction) -> Vec<&'static str> {
    let mut tables = Vec::new();
    for classified in CLASSIFICATION {
        let nested = transaction.begin().await.unwrap();
        let query = format!(r#"select count(*) from public."{}""#, classified.table);
        match texts(&nested, &query).await {
            Ok(_) => nested.commit().await.unwrap(),
            Err(error) => {
                assert_eq!(wardkeep_tenancy::sqlstate(&error).as_deref(), Some(DENIED));
                nested.rollback().await.unwrap();
                tables.push(classified.table);
            }
        }
    }
    tables
}

fn tables(which: impl Fn(&&wardkeep_migration::lint::Classified) -> bool) -> Vec<&'static str> {
    CLASSIFICATION
        .iter()
        .filter(which)
        .map(|classified| classified.table)
        .collect()
}

#[tokio::test]
async fn the_login_itself_reads_nothing() {
    let clinics = Clinics::new().await;

    let app = clinics.scope("select").await;

    assert_eq!(refused(&app).await, tables(|_| true));
}

#[tokio::test]
async fn the_worker_reads_the_outbox_and_what_is_over_and_nothing_else() {
    let clinics = Clinics::new().await;
    let worker = connect(&clinics.database.worker_url()).await;
    let worker = worker.begin().await.unwrap();

    // Counting rows needs no column.
    let read = ["session", "verification", "outbox", "idempotency_keys"];
    assert_eq!(
        refused(&worker).await,
        tables(|classified| !read.contains(&classified.table))
    );
    for query in [
        "select token from public.session",
        "select identifier from public.verification",
        "select value from public.verification",
        "select body from public.idempotency_keys",
        "select organization_id from public.idempotency_keys",
    ] {
        let nested = worker.begin().await.unwrap();
        assert_eq!(state(texts(&nested, query).await), DENIED, "{query}");
        nested.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn the_auditor_reads_what_is_signed_of_all_organizations_and_nothing_else() {
    let clinics = Clinics::new().await;
    let draft = format!(
        "insert into clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status)
         values ('{CLINIC_OF_ANA}', gen_random_uuid(), '{ROW}', '{ANA}', 'ana', 'progress', 'worse', 'draft')"
    );
    let signing = format!("update clinical_notes set {SIGNED}");
    run(&clinics.admin, &signing).await.unwrap();
    run(&clinics.admin, &draft).await.unwrap();
    let auditor = clinics.admin.begin().await.unwrap();
    run(&auditor, "set local role wardkeep_auditor").await.unwrap();

    for query in [
        "select organization_id || ' ' || text from clinical_notes order by 1",
        "select organization_id || ' better' from treatment_sessions where patient_id is not null order by 1",
    ] {
        let both = [CLINIC_OF_ANA, CLINIC_OF_BEN].map(|clinic| format!("{clinic} better"));
        assert_eq!(texts(&auditor, query).await.unwrap(), both, "{query}");
    }
    // Counting rows needs no column.
    let read = ["clinical_notes", "treatment_sessions"];
    assert_eq!(
        refused(&auditor).await,
        tables(|classified| !read.contains(&classified.table))
    );
    for statement in [
        "select deletion_reason from public.clinical_notes",
        "select updated_at from public.clinical_notes",
        "select outcome from public.treatment_sessions",
        "select measures from public.treatment_sessions",
        "select appointment_id from public.treatment_sessions",
        "update public.clinical_notes set text = 'worse'",
        "delete from public.clinical_notes",
        "insert into public.clinical_notes (organization_id) select organization_id from public.clinical_notes",
        "select id from public.clinical_notes for update",
        "update public.treatment_sessions set patient_id = id",
        "create table public.wards (id uuid)",
        "select tenancy.find_session('token of ana', null)",
    ] {
        let nested = auditor.begin().await.unwrap();
        assert_eq!(state(run(&nested, statement).await), DENIED, "{statement}");
        nested.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn the_worker_deletes_nothing_that_is_not_over() {
    let clinics = Clinics::new().await;
    let over =
        format!(r#"update session set "expiresAt" = now() - interval '1 day' where "userId" = '{ANA}'"#);
    let lives =
        format!(r#"update session set "expiresAt" = now() + interval '2 hours' where "userId" <> '{ANA}'"#);
    run(&clinics.admin, &over).await.unwrap();
    run(&clinics.admin, &lives).await.unwrap();
    run(
        &clinics.admin,
        r#"update verification set "expiresAt" = now() + interval '2 hours'"#,
    )
    .await
    .unwrap();
    let keys = format!(
        "update idempotency_keys set expires_at = now() + case organization_id when '{CLINIC_OF_ANA}' \
         then interval '-1 day' else interval '2 hours' end"
    );
    run(&clinics.admin, &keys).await.unwrap();

    let worker = connect(&clinics.database.worker_url()).await;

    let keeping = "update public.idempotency_keys set expires_at = now()";
    assert_eq!(state(run(&worker, keeping).await), DENIED);
    assert_eq!(
        changed(&worker, "delete from public.idempotency_keys")
            .await
            .unwrap(),
        1
    );
    assert_eq!(changed(&worker, "delete from public.session").await.unwrap(), 1);
    assert_eq!(
        changed(&worker, "delete from public.verification").await.unwrap(),
        0
    );
}

#[tokio::test]
async fn who_queues_a_mail_cannot_read_it_or_pretend_that_it_was_sent() {
    const INSERT: &str = "insert into public.outbox (id, content, created_at, next_attempt_at";
    let clinics = Clinics::new().await;
    let row = "gen_random_uuid(), 'x', now(), now()";

    for (role, scope) in [
        (
            "wardkeep_credentials",
            clinics.scope("set local role wardkeep_credentials").await,
        ),
        ("wardkeep_identity", clinics.identity(ANA).await),
        ("authenticated", clinics.tenant(CLINIC_OF_ANA).await),
    ] {
        run(&scope, &format!("{INSERT}) values ({row})")).await.unwrap();
        for refused in [
            format!("{INSERT}) values ({row}) returning id"),
            format!("{INSERT}, attempts) values ({row}, 1)"),
            format!("{INSERT}, sent_at) values (gen_random_uuid(), null, now(), now(), now())"),
            format!("{INSERT}, given_up_at) values (gen_random_uuid(), null, now(), now(), now())"),
            "select id from public.outbox".to_owned(),
            "update public.outbox set attempts = 0".to_owned(),
            "delete from public.outbox".to_owned(),
        ] {
            let nested = scope.begin().await.unwrap();
            assert_eq!(state(run(&nested, &refused).await), DENIED, "{role}: {refused}");
            nested.rollback().await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_guesses_at_a_password_are_nobodys_to_read_or_reset() {
    let clinics = Clinics::new().await;
    let insert = format!("insert into password_guesses values ('{ANA}', 100, now())");
    run(&clinics.admin, &insert).await.unwrap();

    for scope in [clinics.identity(ANA).await, clinics.tenant(CLINIC_OF_ANA).await] {
        for refused in [
            "select guesses from public.password_guesses",
            "update public.password_guesses set guesses = 0",
            "delete from public.password_guesses",
        ] {
            let nested = scope.begin().await.unwrap();
            assert_eq!(state(run(&nested, refused).await), DENIED, "{refused}");
            nested.rollback().await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_logins_cannot_become_an_owner() {
    let clinics = Clinics::new().await;

    for role in [
        "wardkeep_owner",
        "wardkeep_lookup",
        "wardkeep_auditor",
        "wardkeep_worker",
        "postgres",
    ] {
        for scope in ["select", "set local role authenticated"] {
            let app = clinics.scope(scope).await;
            assert_eq!(state(run(&app, &format!("set local role {role}")).await), DENIED);
        }
    }
    let worker = connect(&clinics.database.worker_url()).await;
    for role in ["authenticated", "wardkeep_auditor"] {
        assert_eq!(state(run(&worker, &format!("set role {role}")).await), DENIED);
    }
}

#[tokio::test]
async fn the_login_makes_no_objects() {
    let clinics = Clinics::new().await;

    for role in [
        "wardkeep_app",
        "authenticated",
        "wardkeep_identity",
        "wardkeep_credentials",
    ] {
        for statement in [
            "create temporary table wards (id uuid)",
            "create table public.wards (id uuid)",
            "create table tenancy.wards (id uuid)",
            "create schema wards",
        ] {
            let scope = clinics.scope(&format!("set local role {role}")).await;
            assert_eq!(state(run(&scope, statement).await), DENIED, "{role}: {statement}");
        }
    }
}

#[tokio::test]
async fn nobody_chooses_another_organization_inside_a_statement() {
    let clinics = Clinics::new().await;

    for statement in [
        format!("select set_config('app.current_organization_id', '{CLINIC_OF_BEN}', true)"),
        format!(
            "select id from patients, set_config('app.current_organization_id', '{CLINIC_OF_BEN}', true) as organization"
        ),
        format!("update pg_settings set setting = '{CLINIC_OF_BEN}' where name = 'work_mem'"),
    ] {
        let tenant = clinics.tenant(CLINIC_OF_ANA).await;
        assert_eq!(state(run(&tenant, &statement).await), DENIED, "{statement}");
    }
}

#[tokio::test]
async fn sign_in_reads_no_organization_table() {
    let clinics = Clinics::new().await;

    let credentials = clinics.scope("set local role wardkeep_credentials").await;

    let expected =
        tables(|classified| classified.class != Class::Identity || classified.organization.is_some());
    assert_eq!(refused(&credentials).await, expected);
}

#[tokio::test]
async fn sign_in_looks_for_anybody() {
    let clinics = Clinics::new().await;
    let credentials = clinics.scope("set local role wardkeep_credentials").await;

    for table in ["\"user\"", "session", "account", "verification"] {
        let count = texts(&credentials, &format!("select count(*) from public.{table}"))
            .await
            .unwrap();
        assert_eq!(count, ["3"], "{table}");
    }
}

#[tokio::test]
async fn sign_in_deletes_no_user() {
    let clinics = Clinics::new().await;
    let credentials = clinics.scope("set local role wardkeep_credentials").await;

    assert_eq!(
        state(run(&credentials, r#"delete from public."user""#).await),
        DENIED
    );
}

#[tokio::test]
async fn a_person_reads_no_organization_and_nothing_clinical() {
    let clinics = Clinics::new().await;

    let identity = clinics.identity(ANA).await;

    let readable = [
        "user",
        "session",
        "account",
        "verification",
        "member",
        "invitation",
        "teamMember",
    ];
    assert_eq!(
        refused(&identity).await,
        tables(|classified| !readable.contains(&classified.table))
    );
}

#[tokio::test]
async fn a_person_sees_the_own_rows_alone() {
    let clinics = Clinics::new().await;
    let identity = clinics.identity(ANA).await;

    for (query, expected) in [
        (r#"select id from public."user""#, ANA),
        (r#"select "userId" from session"#, ANA),
        (r#"select "userId" from account"#, ANA),
        (r#"select value from verification"#, ANA),
        (r#"select "userId" from member"#, ANA),
        (r#"select "userId" from "teamMember""#, ANA),
    ] {
        assert_eq!(texts(&identity, query).await.unwrap(), [expected], "{query}");
    }
    assert!(
        texts(&identity, "select id from invitation")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_person_sees_the_invitations_to_the_own_address() {
    let clinics = Clinics::new().await;
    let identity = clinics.identity(EVA).await;

    let found = texts(&identity, r#"select "organizationId" from invitation order by 1"#)
        .await
        .unwrap();

    assert_eq!(found, [CLINIC_OF_ANA, CLINIC_OF_BEN]);
}

#[tokio::test]
async fn a_person_changes_the_own_rows_alone() {
    let clinics = Clinics::new().await;
    let identity = clinics.identity(ANA).await;

    for statement in [
        r#"update public."user" set name = 'x'"#,
        r#"update session set "userAgent" = 'x'"#,
        "update account set password = 'x'",
        "delete from verification",
    ] {
        assert_eq!(changed(&identity, statement).await.unwrap(), 1, "{statement}");
    }
}

#[tokio::test]
async fn a_person_makes_no_rows_for_somebody_else() {
    let clinics = Clinics::new().await;

    for statement in [
        format!(r#"insert into session ("expiresAt", token, "userId") values (now(), 'stolen', '{BEN}')"#),
        format!(r#"update session set "userId" = '{BEN}'"#),
        format!(r#"update account set "userId" = '{BEN}'"#),
        format!(r#"update public."user" set id = '{EVA}'"#),
        format!(r#"insert into member ("organizationId", "userId") values ('{CLINIC_OF_BEN}', '{ANA}')"#),
        r#"update member set role = 'owner'"#.to_owned(),
        r#"update invitation set status = 'accepted'"#.to_owned(),
    ] {
        let identity = clinics.identity(ANA).await;
        assert_eq!(state(run(&identity, &statement).await), DENIED, "{statement}");
    }
}

#[tokio::test]
async fn nobody_in_particular_sees_nothing() {
    let clinics = Clinics::new().await;

    for role in ["authenticated", "wardkeep_identity"] {
        // After an earlier transaction of the same connection the settings are an empty text, not null.
        for settings in [
            "",
            "set local app.current_user_id = ''; set local app.current_organization_id = ''",
        ] {
            let scope = clinics.scope(&format!("set local role {role}; {settings}")).await;
            for classified in CLASSIFICATION {
                let nested = scope.begin().await.unwrap();
                let query = format!(r#"select count(*) from public."{}""#, classified.table);
                if let Ok(count) = texts(&nested, &query).await {
                    assert_eq!(count, ["0"], "{role}: {}", classified.table);
                }
                nested.rollback().await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn a_tenant_reads_no_secrets() {
    let clinics = Clinics::new().await;

    for query in [
        "select password from account",
        "select token from session",
        "select value from verification",
        r#"select "emailVerified" from public."user""#,
        r#"select "createdAt" from public."user""#,
        r#"select * from public."user""#,
        "select version from seaql_migrations",
    ] {
        let tenant = clinics.tenant(CLINIC_OF_ANA).await;
        assert_eq!(state(run(&tenant, query).await), DENIED, "{query}");
    }
}

#[tokio::test]
async fn a_tenant_sees_the_profiles_of_its_members_alone() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    let profiles = texts(
        &tenant,
        r#"select id || ' ' || name || ' ' || email from public."user""#,
    )
    .await
    .unwrap();

    assert_eq!(profiles, [format!("{ANA} ana ana@example.test")]);
    assert_eq!(
        state(run(&tenant, r#"update public."user" set name = 'x'"#).await),
        DENIED
    );
}

#[tokio::test]
async fn a_tenant_sees_the_rows_of_its_organization_alone() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    for classified in CLASSIFICATION {
        let Some(column) = classified.organization else {
            continue;
        };
        let query = format!(r#"select distinct "{column}" from public."{}""#, classified.table);
        assert_eq!(texts(&tenant, &query).await.unwrap(), [CLINIC_OF_ANA], "{query}");
    }
}

#[tokio::test]
async fn a_tenant_changes_the_rows_of_its_organization_alone() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    assert_eq!(
        changed(&tenant, "update patients set version = 2").await.unwrap(),
        1
    );
    assert_eq!(changed(&tenant, "delete from patient_words").await.unwrap(), 1);
    tenant.commit().await.unwrap();

    let query = format!("select version from patients where organization_id = '{CLINIC_OF_BEN}'");
    assert_eq!(texts(&clinics.admin, &query).await.unwrap(), ["1"]);
    let query = "select organization_id from patient_words";
    assert_eq!(texts(&clinics.admin, query).await.unwrap(), [CLINIC_OF_BEN]);
}

#[tokio::test]
async fn a_tenant_writes_no_row_for_another_organization() {
    let clinics = Clinics::new().await;

    for classified in CLASSIFICATION {
        let Some(column) = classified.organization else {
            continue;
        };
        let tenant = clinics.tenant(CLINIC_OF_ANA).await;
        let statement = format!(
            r#"update public."{}" set "{column}" = '{CLINIC_OF_BEN}'"#,
            classified.table
        );
        assert_eq!(state(run(&tenant, &statement).await), DENIED, "{statement}");
    }
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;
    let insertion = format!(
        "insert into rooms (organization_id, id, name) values ('{CLINIC_OF_BEN}', '{ANA}', 'Room 2')"
    );
    assert_eq!(state(run(&tenant, &insertion).await), DENIED);
}

#[tokio::test]
async fn a_tenant_cannot_pass_row_security() {
    let clinics = Clinics::new().await;

    for statement in [
        "truncate patients cascade",
        "alter table patients disable row level security",
        "drop policy tenant_isolation on patients",
        "create policy everything on patients using (true)",
        "set local row_security = off; select * from patients",
    ] {
        let tenant = clinics.tenant(CLINIC_OF_ANA).await;
        assert_eq!(state(run(&tenant, statement).await), DENIED, "{statement}");
    }
}

#[tokio::test]
async fn a_tenant_grants_nothing() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    // PostgreSQL only warns: what counts is that nothing was granted.
    run(&tenant, "grant select on patients to wardkeep_worker")
        .await
        .unwrap();

    let granted = "select has_table_privilege('wardkeep_worker', 'public.patients', 'select')";
    assert_eq!(texts(&tenant, granted).await.unwrap(), ["false"]);
}

#[tokio::test]
async fn even_the_owner_sees_no_row_of_a_forced_table() {
    let clinics = Clinics::new().await;
    let owner = clinics.admin.begin().await.unwrap();
    run(&owner, "set local role wardkeep_owner").await.unwrap();

    let seen = texts(&owner, "select id from patients").await.unwrap();

    assert!(seen.is_empty());
    run(&owner, "set local row_security = off").await.unwrap();
    assert_eq!(state(texts(&owner, "select id from patients").await), DENIED);
}

#[tokio::test]
async fn a_row_of_another_organization_is_simply_absent() {
    let clinics = Clinics::new().await;
    let only_in_b = "00000000-0000-7000-8000-000000000020";
    run(
        &clinics.admin,
        &format!("insert into rooms (organization_id, id, name) values ('{CLINIC_OF_BEN}', '{only_in_b}', 'Room 2')"),
    )
    .await
    .unwrap();
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    let query = |id: &str| format!("select organization_id from rooms where id = '{id}'");

    assert!(texts(&tenant, &query(only_in_b)).await.unwrap().is_empty());
    assert_eq!(texts(&tenant, &query(ROW)).await.unwrap(), [CLINIC_OF_ANA]);
}
