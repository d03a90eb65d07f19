//! What was recorded of who saw what stays as it was recorded.

use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait as _};
use wardkeep_migration::lint::{CLASSIFICATION, Fixed};
use wardkeep_tenancy::sqlstate;

use crate::database::{changed, connect, run, state, texts};
use crate::fixture::{ANA, CLINIC_OF_ANA, CLINIC_OF_BEN, Clinics, ROW};

const DENIED: &str = "42501";
/// What the trigger says.
const REFUSED: &str = "audit events are never changed";

/// Both clinics have one row each.
async fn assert_untouched(clinics: &Clinics) {
    let rows = "select count(*) filter (where action = 'search' and code is null) from audit_events";
    assert_eq!(texts(&clinics.admin, rows).await.unwrap(), ["2"]);
}

fn insertion(clinic: &str, id: &str) -> String {
    format!(
        "insert into public.audit_events
           (organization_id, id, recorded_at, user_id, user_name, action, resource, request_id, outcome)
         values ('{clinic}', '{id}', now(), '{ANA}', 'ana', 'read', 'patient', 'request', 'success')"
    )
}

/// What comes of one statement, behind a savepoint.
pub(crate) async fn tried(transaction: &DatabaseTransaction, statement: &str) -> Result<u64, DbErr> {
    let nested = transaction.begin().await.unwrap();
    let result = changed(&nested, statement).await;
    nested.rollback().await.unwrap();
    result
}

#[tokio::test]
async fn a_tenant_writes_and_reads_what_happened_in_its_organization() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;

    run(
        &tenant,
        &insertion(CLINIC_OF_ANA, "00000000-0000-7000-8000-000000000011"),
    )
    .await
    .unwrap();

    let seen = "select action from audit_events order by id";
    assert_eq!(texts(&tenant, seen).await.unwrap(), ["search", "read"]);
    let other = insertion(CLINIC_OF_BEN, "00000000-0000-7000-8000-000000000011");
    assert_eq!(state(tried(&tenant, &other).await), DENIED);
}

#[tokio::test]
async fn a_tenant_does_nothing_else_with_it_by_any_statement() {
    let clinics = Clinics::new().await;
    let tenant = clinics.tenant(CLINIC_OF_ANA).await;
    let again = insertion(CLINIC_OF_ANA, ROW);
    let merge = "merge into public.audit_events using (values (1)) as one (number) on true when matched then";

    for statement in [
        "update public.audit_events set code = 'X'",
        "update public.audit_events set id = id where false",
        "delete from public.audit_events",
        "delete from only public.audit_events where false",
        "truncate public.audit_events",
        "truncate public.organization cascade",
        "with gone as (delete from public.audit_events returning id) select id from gone",
        &format!("{again} on conflict (organization_id, id) do update set code = 'X'"),
        &format!("{merge} update set code = 'X'"),
        &format!("{merge} delete"),
        "do $$ begin execute 'delete from public.audit_events'; end $$",
        "select id from public.audit_events for update",
        "select id from public.audit_events for share",
        "lock table public.audit_events in exclusive mode",
        "copy public.audit_events from '/dev/null'",
        "copy public.audit_events to program 'true'",
        "set local session_replication_role = replica",
        "alter table public.audit_events disable trigger refuse_to_change",
        "alter table public.audit_events disable trigger all",
        "alter table public.audit_events add column forged text",
        "alter table public.audit_events rename to forgotten",
        "alter table public.audit_events owner to authenticated",
        "drop trigger refuse_to_change on public.audit_events",
        "drop table public.audit_events",
        "update pg_catalog.pg_trigger set tgenabled = 'D'",
        "create or replace function tenancy.refuse_to_change_audit() returns trigger language plpgsql as 'begin return new; end'",
        "select tenancy.refuse_to_change_audit()",
        "create rule quiet as on insert to public.audit_events do instead nothing",
        "create trigger quiet before insert on public.audit_events for each row execute function tenancy.refuse_to_change_audit()",
        "create view public.events as select * from public.audit_events",
        "create temporary view events as select * from public.audit_events",
        "create function public.forget() returns void language sql security definer as 'delete from public.audit_events'",
        "create policy everything on public.audit_events using (true)",
        "alter table public.audit_events no force row level security",
    ] {
        assert_eq!(state(tried(&tenant, statement).await), DENIED, "{statement}");
    }
    let twice = tried(&tenant, &again).await;
    assert_eq!(state(twice), "23505", "one id is written once");
    let ignored = format!("{again} on conflict do nothing");
    assert_eq!(tried(&tenant, &ignored).await.unwrap(), 0);
    let organization = tried(&tenant, "delete from public.organization").await;
    assert_eq!(
        state(organization),
        "23503",
        "nor does it go with its organization"
    );
    // PostgreSQL only warns, and grants nothing.
    run(&tenant, "grant delete on public.audit_events to authenticated")
        .await
        .unwrap();
    assert_eq!(
        state(tried(&tenant, "delete from public.audit_events").await),
        DENIED
    );
    tenant.commit().await.unwrap();
    assert_untouched(&clinics).await;
}

#[tokio::test]
async fn the_other_roles_of_the_login_have_nothing_to_do_with_it() {
    let clinics = Clinics::new().await;
    let worker = connect(&clinics.database.worker_url()).await;
    let insertion = insertion(CLINIC_OF_ANA, "00000000-0000-7000-8000-000000000011");
    let statements = [
        "select id from public.audit_events",
        "delete from public.audit_events",
        &insertion,
    ];

    for role in ["wardkeep_app", "wardkeep_identity", "wardkeep_credentials"] {
        let scope = clinics.scope(&format!("set local role {role}")).await;
        for statement in statements {
            assert_eq!(
                state(tried(&scope, statement).await),
                DENIED,
                "{role}: {statement}"
            );
        }
    }
    for statement in statements {
        assert_eq!(state(run(&worker, statement).await), DENIED, "{statement}");
    }
}

/// Every way to change or lose rows, for who is not kept from it by row security.
pub(crate) fn changes(table: &str, change: &str) -> [String; 6] {
    [
        format!("update public.{table} set {change}"),
        format!("delete from public.{table}"),
        format!(
            "merge into public.{table} using (values (1)) as one (number) on true when matched then delete"
        ),
        format!("truncate public.{table}"),
        format!("truncate public.{table} cascade"),
        "truncate public.organization cascade".to_owned(),
    ]
}

/// Lets the triggers of one table alone refuse that everything is emptied at once.
pub(crate) async fn leave_the_refusal_to(transaction: &DatabaseTransaction, table: &str) {
    let others = CLASSIFICATION
        .iter()
        .filter(|other| other.fixed != Fixed::Never && other.table != table);
    for other in others {
        let off = format!(
            "alter table public.{} disable trigger refuse_to_truncate",
            other.table
        );
        run(transaction, &off).await.unwrap();
    }
}

pub(crate) async fn refused_by_the_trigger(transaction: &DatabaseTransaction, statement: &str, says: &str) {
    let error = tried(transaction, statement).await.expect_err(statement);

    assert_eq!(sqlstate(&error).as_deref(), Some(DENIED), "{statement}: {error}");
    assert!(error.to_string().contains(says), "{statement}: {error}");
}

#[tokio::test]
async fn even_the_owner_changes_nothing() {
    let clinics = Clinics::new().await;
    let owner = clinics.admin.begin().await.unwrap();
    run(&owner, "set local role wardkeep_owner").await.unwrap();

    // A forced table shows its owner no row; to ask for them is an error, and to lift it does not help.
    assert_eq!(tried(&owner, "delete from public.audit_events").await.unwrap(), 0);
    run(&owner, "set local row_security = off").await.unwrap();
    assert_eq!(
        state(tried(&owner, "delete from public.audit_events").await),
        DENIED
    );
    run(
        &owner,
        "alter table public.audit_events no force row level security",
    )
    .await
    .unwrap();
    leave_the_refusal_to(&owner, "audit_events").await;
    for statement in changes("audit_events", "code = 'X'") {
        refused_by_the_trigger(&owner, &statement, REFUSED).await;
    }
    let replica = "set local session_replication_role = replica";
    assert_eq!(state(tried(&owner, replica).await), DENIED);
    owner.rollback().await.unwrap();
    assert_untouched(&clinics).await;
}

/// A superuser can take the trigger away, which the lint finds, but does not change a row by mistake.
#[tokio::test]
async fn a_superuser_changes_nothing_while_the_trigger_is_there() {
    let clinics = Clinics::new().await;
    let admin = clinics.admin.begin().await.unwrap();

    for statement in changes("audit_events", "code = 'X'") {
        refused_by_the_trigger(&admin, &statement, "are never changed").await;
    }
    run(
        &admin,
        "alter table public.audit_events disable trigger refuse_to_change",
    )
    .await
    .unwrap();

    assert_eq!(changed(&admin, "delete from audit_events").await.unwrap(), 2);
    let findings = wardkeep_migration::lint::inspect(&admin).await.unwrap();
    assert!(findings.iter().all(|finding| finding.rule == "append-only"));
    assert!(!findings.is_empty());
}
