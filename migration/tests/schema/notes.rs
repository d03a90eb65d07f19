//! A note that is signed stays as it was signed, whoever asks and however.

use sea_orm::{DatabaseTransaction, TransactionTrait as _};

use crate::audit::{self, tried};
use crate::database::{changed, connect, run, state, texts};
use crate::fixture::{ANA, CLINIC_OF_ANA, CLINIC_OF_BEN, Clinics, ROW};

const DENIED: &str = "42501";

/// A draft of the same session.
const DRAFT: &str = "00000000-0000-7000-8000-000000000011";

const NOTES: &str = "select jsonb_agg(clinical_notes order by organization_id, id)::text from clinical_notes";

/// In both clinics one note is signed, and another about the same session a draft.
struct Signed {
    clinics: Clinics,
    /// All notes, as they were then.
    notes: Vec<String>,
}

impl Signed {
    async fn new() -> Self {
        let clinics = Clinics::new().await;
        for clinic in [CLINIC_OF_ANA, CLINIC_OF_BEN] {
            let tenant = clinics.tenant(clinic).await;
            run(&tenant, &insertion(clinic, DRAFT, "null")).await.unwrap();
            run(&tenant, &signing(ROW)).await.unwrap();
            tenant.commit().await.unwrap();
        }
        let notes = texts(&clinics.admin, NOTES).await.unwrap();
        Self { clinics, notes }
    }

    async fn assert_untouched(&self) {
        assert_eq!(texts(&self.clinics.admin, NOTES).await.unwrap(), self.notes);
    }
}

/// A note of the session of the clinic; a signed one, where it says when.
fn insertion(clinic: &str, id: &str, signed_at: &str) -> String {
    let signature = match signed_at {
        "null" => "'draft', null, null, null, null".to_owned(),
        at => format!("'final', '{ANA}', 'ana', {at}, 'hash'"),
    };
    format!(
        "insert into public.clinical_notes (organization_id, id, treatment_session_id, author_id, author_name, note_type,
           text, status, signed_by, signed_by_name, signed_at, sha256)
         values ('{clinic}', '{id}', '{ROW}', '{ANA}', 'ana', 'progress', 'worse', {signature})"
    )
}

fn signing(id: &str) -> String {
    format!(
        "update public.clinical_notes set status = 'final', signed_by = '{ANA}', signed_by_name = 'ana', signed_at = now(),
           sha256 = 'hash', version = 2
         where id = '{id}'"
    )
}

async fn refused_by_the_trigger(transaction: &DatabaseTransaction, statements: &str) {
    audit::refused_by_the_trigger(transaction, statements, "signed notes are never changed").await;
}

/// Every way to change, lose or replace a row that is there. `{row}` stands for a condition that finds the signed one.
const CHANGES: [&str; 19] = [
    "update public.clinical_notes set text = 'x' where {row}",
    "update only public.clinical_notes as note set text = 'x' from public.treatment_sessions as session
       where session.id = note.treatment_session_id and note.{row}",
    "update public.clinical_notes set (status, signed_by, signed_by_name, signed_at, sha256)
       = row ('draft', null, null, null, null) where {row}",
    "update public.clinical_notes set deleted_at = now(), status = 'draft', signed_at = null where {row}",
    "update public.clinical_notes set signed_at = now() where {row}",
    "update public.clinical_notes set organization_id = '00000000-0000-4000-8000-00000000000b' where {row}",
    "update public.clinical_notes set id = gen_random_uuid() where {row}",
    "update public.clinical_notes set text = 'x'",
    "delete from public.clinical_notes where {row}",
    "delete from public.clinical_notes",
    "with gone as (delete from public.clinical_notes where {row} returning id) select id from gone",
    "merge into public.clinical_notes as note using (values (1)) as one (number) on note.{row}
       when matched then update set text = 'x'",
    "merge into public.clinical_notes as note using (values (1)) as one (number) on note.{row} when matched then delete",
    "{insert} on conflict (organization_id, id) do update set text = excluded.text",
    "{insert} on conflict on constraint clinical_notes_pkey do update set id = gen_random_uuid()",
    "prepare change as update public.clinical_notes set text = $1 where {row}; execute change ('x')",
    "do $$ begin execute 'update public.clinical_notes set text = text'; end $$",
    "declare one cursor for select id from public.clinical_notes where {row} for update; fetch one;
       update public.clinical_notes set text = 'x' where current of one",
    "set constraints all deferred; update public.clinical_notes set text = 'x' where {row}",
];

/// The statements, of the signed note of Ana's clinic.
fn changes() -> impl Iterator<Item = String> {
    let insert = insertion(CLINIC_OF_ANA, ROW, "null");
    CHANGES.into_iter().map(move |statement| {
        let row = format!("id = '{ROW}'");
        statement.replace("{row}", &row).replace("{insert}", &insert)
    })
}

#[tokio::test]
async fn a_tenant_writes_a_draft_changes_it_deletes_it_and_signs_it_once() {
    let signed = Signed::new().await;
    let tenant = signed.clinics.tenant(CLINIC_OF_ANA).await;
    let draft = |statement: &str| format!("{statement} where id = '{DRAFT}'");

    let change = draft("update public.clinical_notes set text = 'better', version = 2");
    let mark = draft("update public.clinical_notes set deleted_at = now(), deletion_reason = 'x'");
    let erase = draft("delete from public.clinical_notes");

    for statement in [&change, &mark, &erase, &signing(DRAFT)] {
        assert_eq!(tried(&tenant, statement).await.unwrap(), 1, "{statement}");
    }
    run(&tenant, &signing(DRAFT)).await.unwrap();
    for statement in [&change, &mark, &erase, &signing(DRAFT)] {
        refused_by_the_trigger(&tenant, statement).await;
    }
}

#[tokio::test]
async fn a_tenant_changes_no_signed_note_by_any_statement() {
    let signed = Signed::new().await;
    let tenant = signed.clinics.tenant(CLINIC_OF_ANA).await;

    for statement in changes() {
        refused_by_the_trigger(&tenant, &statement).await;
    }
    let columns = "select attname from pg_attribute
        where attrelid = 'public.clinical_notes'::regclass and attnum > 0 and not attisdropped";
    let columns = texts(&tenant, columns).await.unwrap();
    assert_eq!(columns.len(), 19, "{columns:?}");
    for column in columns {
        for value in [&column, "default"] {
            let statement = format!("update public.clinical_notes set {column} = {value} where id = '{ROW}'");
            refused_by_the_trigger(&tenant, &statement).await;
        }
    }
    // Whoever swallows the error has changed nothing.
    let swallowed = format!(
        "do $$ begin update public.clinical_notes set text = 'x' where id = '{ROW}';
         exception when others then null; end $$"
    );
    run(&tenant, &swallowed).await.unwrap();
    tenant.commit().await.unwrap();
    signed.assert_untouched().await;
}

#[tokio::test]
async fn a_tenant_writes_no_note_that_is_signed_already() {
    let signed = Signed::new().await;
    let tenant = signed.clinics.tenant(CLINIC_OF_ANA).await;
    let ready = insertion(CLINIC_OF_ANA, "00000000-0000-7000-8000-000000000012", "now()");

    for statement in [
        ready.clone(),
        format!("{ready} on conflict do nothing"),
        "insert into public.clinical_notes select (jsonb_populate_record(clinical_notes,
           jsonb_build_object('id', gen_random_uuid()))).* from public.clinical_notes where signed_at is not null"
            .to_owned(),
        format!(
            "merge into public.clinical_notes as note using (values (1)) as one (number) on false when not matched then
               insert (organization_id, id, treatment_session_id, author_id, author_name, note_type, text, status, signed_by,
                 signed_by_name, signed_at, sha256)
               values ('{CLINIC_OF_ANA}', gen_random_uuid(), '{ROW}', '{ANA}', 'ana', 'x', 'x', 'final', '{ANA}', 'ana', now(), 'x')"
        ),
    ] {
        refused_by_the_trigger(&tenant, &statement).await;
    }
    // Half a signature is none.
    let half = format!("update public.clinical_notes set signed_at = now() where id = '{DRAFT}'");
    assert_eq!(state(tried(&tenant, &half).await), "23514");
}

#[tokio::test]
async fn a_tenant_has_no_way_round_the_trigger() {
    let signed = Signed::new().await;
    let tenant = signed.clinics.tenant(CLINIC_OF_ANA).await;
    let as_login = format!("reset role; update public.clinical_notes set text = 'x' where id = '{ROW}'");

    for statement in [
        "truncate public.clinical_notes",
        "truncate public.clinical_notes cascade",
        "truncate public.treatment_sessions cascade",
        "copy public.clinical_notes from '/dev/null'",
        "copy public.clinical_notes from program 'true'",
        "lock table public.clinical_notes in access exclusive mode; truncate public.clinical_notes",
        "set local session_replication_role = replica",
        "set local role wardkeep_owner",
        "set local role wardkeep_auditor",
        "set session authorization postgres",
        &as_login,
        "alter table public.clinical_notes disable trigger refuse_to_change",
        "alter table public.clinical_notes disable trigger all",
        "alter table public.clinical_notes disable row level security",
        "alter table public.clinical_notes add column forged text default 'x'",
        "alter table public.clinical_notes alter column text type varchar(1) using 'x'",
        "alter table public.clinical_notes rename to forgotten",
        "alter table public.clinical_notes rename column text to forgotten",
        "alter table public.clinical_notes owner to authenticated",
        "alter table public.clinical_notes set schema tenancy",
        "alter table public.clinical_notes drop constraint clinical_notes_signature_check",
        "alter trigger refuse_to_change on public.clinical_notes rename to forgotten",
        "drop trigger refuse_to_change on public.clinical_notes",
        "drop table public.clinical_notes",
        "drop function tenancy.refuse_to_change_signed() cascade",
        "drop schema tenancy cascade",
        "drop owned by current_user",
        "update pg_catalog.pg_trigger set tgenabled = 'D'",
        "create or replace function tenancy.refuse_to_change_signed() returns trigger language plpgsql as 'begin return new; end'",
        "alter function tenancy.refuse_to_change_signed() set search_path = public",
        "create rule quiet as on update to public.clinical_notes do instead nothing",
        "create trigger a_first before update on public.clinical_notes for each row execute function tenancy.refuse_to_change()",
        "create view public.notes as select * from public.clinical_notes",
        "create temporary view notes as select * from public.clinical_notes",
        "create temporary table clinical_notes (id uuid)",
        "create table public.more () inherits (public.clinical_notes)",
        "create schema shadow",
        "create function public.change() returns void language sql security definer as 'update public.clinical_notes set text = null'",
        "create policy everything on public.clinical_notes using (true)",
        "create extension adminpack",
        "update public.clinical_note_versions set text = 'x'",
        "delete from public.clinical_note_versions",
        "truncate public.clinical_note_versions",
    ] {
        assert_eq!(state(tried(&tenant, statement).await), DENIED, "{statement}");
    }
    // PostgreSQL only warns, and grants nothing.
    run(
        &tenant,
        "grant truncate on public.clinical_notes to authenticated",
    )
    .await
    .unwrap();
    let truncated = tried(&tenant, "truncate public.clinical_notes").await;
    assert_eq!(state(truncated), DENIED);
    tenant.commit().await.unwrap();
    signed.assert_untouched().await;
}

/// It can neither be lost with what it is about nor be left behind.
#[tokio::test]
async fn what_a_signed_note_is_about_is_neither_deleted_nor_called_otherwise() {
    let signed = Signed::new().await;
    let tenant = signed.clinics.tenant(CLINIC_OF_ANA).await;

    for (table, key) in [
        ("treatment_sessions", "id"),
        ("treatments", "id"),
        ("appointments", "id"),
        ("patients", "id"),
    ] {
        for statement in [
            format!("delete from public.{table}"),
            format!("update public.{table} set {key} = gen_random_uuid()"),
            format!("update public.{table} set organization_id = '{CLINIC_OF_BEN}'"),
        ] {
            let refusal = state(tried(&tenant, &statement).await);
            assert!(
                ["23503", DENIED].contains(&refusal.as_str()),
                "{statement}: {refusal}"
            );
        }
    }
    let organization = tried(&tenant, "delete from public.organization").await;
    let refusal = state(organization);
    assert!(["23503", DENIED].contains(&refusal.as_str()), "{refusal}");
    tenant.commit().await.unwrap();
    signed.assert_untouched().await;
}

#[tokio::test]
async fn the_other_roles_change_nothing_either() {
    let signed = Signed::new().await;
    let worker = connect(&signed.clinics.database.worker_url()).await;
    let change = format!("update public.clinical_notes set text = 'x' where id = '{ROW}'");
    let delete = format!("delete from public.clinical_notes where id = '{ROW}'");

    for role in ["wardkeep_app", "wardkeep_identity", "wardkeep_credentials"] {
        let scope = signed.clinics.scope(&format!("set local role {role}")).await;
        for statement in [&change, &delete] {
            assert_eq!(
                state(tried(&scope, statement).await),
                DENIED,
                "{role}: {statement}"
            );
        }
    }
    for statement in [&change, &delete] {
        assert_eq!(state(run(&worker, statement).await), DENIED, "{statement}");
    }
}

/// The auditor reads what is signed, of everybody, and whose it is; nothing else, and it writes nothing.
#[tokio::test]
async fn the_auditor_reads_notes_of_all_organizations_and_changes_none() {
    let signed = Signed::new().await;
    let auditor = signed.clinics.admin.begin().await.unwrap();
    run(&auditor, "set local role wardkeep_auditor").await.unwrap();

    let notes = "select count(*) from public.clinical_notes where signed_at is not null";
    assert_eq!(texts(&auditor, notes).await.unwrap(), ["2"]);
    let sessions = "select count(patient_id) from public.treatment_sessions";
    assert_eq!(texts(&auditor, sessions).await.unwrap(), ["2"]);
    for statement in [
        "update public.clinical_notes set text = 'x'",
        "delete from public.clinical_notes",
        "select outcome from public.treatment_sessions",
        "select first_name from public.patients",
        "select text from public.clinical_note_versions",
    ] {
        assert_eq!(state(tried(&auditor, statement).await), DENIED, "{statement}");
    }
}

#[tokio::test]
async fn even_the_owner_changes_no_signed_note() {
    let signed = Signed::new().await;
    let owner = signed.clinics.admin.begin().await.unwrap();
    run(&owner, "set local role wardkeep_owner").await.unwrap();

    // A forced table shows its owner no row.
    assert_eq!(
        tried(&owner, "delete from public.clinical_notes").await.unwrap(),
        0
    );
    run(
        &owner,
        "alter table public.clinical_notes no force row level security;
         alter table public.treatment_sessions no force row level security",
    )
    .await
    .unwrap();
    for statement in changes() {
        refused_by_the_trigger(&owner, &statement).await;
    }
    for statement in [
        "truncate public.clinical_notes cascade",
        "truncate public.treatment_sessions cascade",
    ] {
        refused_by_the_trigger(&owner, statement).await;
    }
    let replica = "set local session_replication_role = replica";
    assert_eq!(state(tried(&owner, replica).await), DENIED);
    owner.rollback().await.unwrap();
    signed.assert_untouched().await;
}

/// A superuser can take the trigger away, which the lint finds, but changes nothing by mistake.
#[tokio::test]
async fn a_superuser_changes_no_signed_note_while_the_trigger_is_there() {
    let signed = Signed::new().await;
    let admin = signed.clinics.admin.begin().await.unwrap();

    for statement in changes() {
        refused_by_the_trigger(&admin, &statement).await;
    }
    refused_by_the_trigger(&admin, "truncate public.clinical_notes cascade").await;
    run(
        &admin,
        "alter table public.clinical_notes disable trigger refuse_to_change",
    )
    .await
    .unwrap();

    let change = format!("update public.clinical_notes set text = 'x' where id = '{ROW}'");
    assert_eq!(changed(&admin, &change).await.unwrap(), 2);
    let findings = wardkeep_migration::lint::inspect(&admin).await.unwrap();
    assert!(findings.iter().all(|finding| finding.rule == "append-only"));
    assert!(!findings.is_empty());
}

#[tokio::test]
async fn nothing_is_added_to_the_versions_of_a_signed_note() {
    let signed = Signed::new().await;
    let tenant = signed.clinics.tenant(CLINIC_OF_ANA).await;
    let adding = |id: &str| {
        format!(
            "insert into public.clinical_note_versions (organization_id, clinical_note_id, version, note_type, text, written_by,
               written_by_name, written_at)
             values ('{CLINIC_OF_ANA}', '{id}', 99, 'progress', 'forged', '{ANA}', 'ana', now())"
        )
    };

    assert_eq!(tried(&tenant, &adding(DRAFT)).await.unwrap(), 1);
    refused_by_the_trigger(&tenant, &adding(ROW)).await;
}
