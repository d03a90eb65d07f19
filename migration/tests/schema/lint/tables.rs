//! Tables: whose rows, and behind what.

use super::Schema;

#[tokio::test]
async fn a_table_that_nobody_classified_is_found() {
    let schema = Schema::new().await;

    schema
        .owner_breaks(
            "unclassified-table",
            "public.wards",
            &["create table public.wards (id uuid)"],
        )
        .await;
    schema
        .owner_breaks(
            "unclassified-table",
            "tenancy.wards",
            &["create table tenancy.wards (id uuid)"],
        )
        .await;
    schema
        .breaks(
            "unclassified-table",
            "elsewhere.wards",
            &[
                "create schema elsewhere; create table elsewhere.wards (id uuid); grant usage on schema \
             elsewhere to wardkeep_owner; alter table elsewhere.wards owner to wardkeep_owner",
            ],
        )
        .await;
    schema
        .breaks(
            "unclassified-table",
            "public.patients_2026",
            &["create table public.patients_2026 (id uuid)"],
        )
        .await;
}

#[tokio::test]
async fn a_table_of_somebody_elses_schema_is_not_ours() {
    let schema = Schema::new().await;

    schema
        .keeps(&[
            "create schema elsewhere; create table elsewhere.patients (id uuid); create view \
             elsewhere.names as select 1 as one",
        ])
        .await;
}

#[tokio::test]
async fn a_classified_table_that_is_not_there_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "missing-table",
            "public.clinical_note_versions",
            &["drop table public.clinical_note_versions"],
        )
        .await;
}

#[tokio::test]
async fn row_security_that_is_off_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "row-security",
            "public.patients",
            &["alter table public.patients disable row level security"],
        )
        .await;
    schema
        .breaks(
            "row-security",
            r#"public."user""#,
            &[r#"alter table public."user" disable row level security"#],
        )
        .await;
    schema
        .breaks(
            "row-security",
            "public.seaql_migrations",
            &["alter table public.seaql_migrations disable row level security"],
        )
        .await;
}

#[tokio::test]
async fn row_security_that_is_not_forced_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "row-security",
            "public.patients",
            &["alter table public.patients no force row level security"],
        )
        .await;
    schema
        .breaks(
            "row-security",
            "public.session",
            &["alter table public.session no force row level security"],
        )
        .await;
}

#[tokio::test]
async fn an_organization_that_may_be_null_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "organization-column",
            "public.invitation",
            &[r#"alter table public.invitation alter column "organizationId" drop not null"#],
        )
        .await;
}

#[tokio::test]
async fn a_rewrite_rule_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "rewrite-rule",
            "quiet on public.treatments",
            &["create rule quiet as on delete to public.treatments do instead nothing"],
        )
        .await;
}

#[tokio::test]
async fn a_record_of_what_happened_that_somebody_may_change_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "append-only",
            "public.audit_events",
            &[
                "grant update on public.audit_events to authenticated",
                "grant update (code) on public.audit_events to authenticated",
                "grant delete on public.audit_events to authenticated",
            ],
        )
        .await;
    schema
        .breaks(
            "append-only",
            "public.clinical_note_versions",
            &[
                "grant update (text) on public.clinical_note_versions to authenticated",
                "grant delete on public.clinical_note_versions to authenticated",
            ],
        )
        .await;
    schema
        .keeps(&["grant select (id), insert (id) on public.audit_events to authenticated"])
        .await;
}

#[tokio::test]
async fn a_record_of_what_happened_that_nothing_keeps_from_the_owner_is_found() {
    const ROWS: &str = "on public.audit_events for each row";
    const REFUSAL: &str = "execute function tenancy.refuse_to_change_audit()";
    let schema = Schema::new().await;
    let instead = |trigger: &str| format!("drop trigger refuse_to_change on public.audit_events; {trigger}");
    let (alone, narrow, whenever) = (
        instead(&format!("create trigger refuse before delete {ROWS} {REFUSAL}")),
        instead(&format!(
            "create trigger refuse before update of code or delete {ROWS} {REFUSAL}"
        )),
        instead(&format!(
            "create trigger refuse before update {ROWS} when (old.code is null) {REFUSAL}; \
             create trigger refuse_too before delete {ROWS} {REFUSAL}"
        )),
    );

    schema
        .breaks(
            "append-only",
            "public.audit_events",
            &[
                "drop trigger refuse_to_truncate on public.audit_events",
                "alter table public.audit_events disable trigger refuse_to_truncate",
                "alter table public.audit_events enable replica trigger refuse_to_truncate",
                &alone,
                &whenever,
            ],
        )
        .await;
    schema
        .breaks(
            "append-only",
            "public.clinical_note_versions",
            &[
                "drop trigger refuse_to_truncate on public.clinical_note_versions",
                "drop trigger refuse_to_change on public.clinical_note_versions; create trigger refuse_to_change \
                 before delete on public.clinical_note_versions for each row execute function tenancy.refuse_to_change()",
                // It refuses as well, and says something else.
                "drop trigger refuse_to_truncate on public.clinical_note_versions; create trigger refuse_to_truncate \
                 before truncate on public.clinical_note_versions for each statement \
                 execute function tenancy.refuse_to_change_audit()",
            ],
        )
        .await;
    for statements in [
        narrow.as_str(),
        "alter table public.audit_events disable trigger refuse_to_change",
        "alter table public.audit_events disable trigger user",
        "set local role wardkeep_owner; create or replace function tenancy.refuse_to_change_audit() returns trigger \
         language plpgsql set search_path = pg_catalog, pg_temp as 'begin return new; end'; reset role",
    ] {
        let findings = schema.findings(statements).await;
        assert!(findings.len() > 1, "{statements}: {findings:#?}");
        for finding in findings {
            assert_eq!(
                (finding.rule, finding.object.as_str()),
                ("append-only", "public.audit_events")
            );
        }
    }
    schema
        .keeps(&["alter table public.audit_events enable always trigger refuse_to_change"])
        .await;
}

#[tokio::test]
async fn a_seal_that_keeps_nobody_from_changing_what_is_sealed_is_found() {
    const ROWS: &str = "on public.clinical_notes for each row";
    const SEAL: &str = "execute function tenancy.refuse_to_change_signed()";
    let schema = Schema::new().await;
    let instead =
        |trigger: &str| format!("drop trigger refuse_to_change on public.clinical_notes; {trigger}");
    let without = |events: &str| instead(&format!("create trigger refuse before {events} {ROWS} {SEAL}"));
    let (no_insert, no_update, no_delete) = (
        without("update or delete"),
        without("insert or delete"),
        without("insert or update"),
    );
    let whenever = instead(&format!(
        "create trigger refuse before update {ROWS} when (old.retracts) {SEAL}; \
         create trigger refuse_too before insert or delete {ROWS} {SEAL}"
    ));
    let (after, narrow, never) = (
        instead(&format!(
            "create trigger refuse after insert or update or delete {ROWS} {SEAL}"
        )),
        instead(&format!(
            "create trigger refuse before insert or update of text or delete {ROWS} {SEAL}"
        )),
        "create or replace function tenancy.refuse_to_change_signed() returns trigger language plpgsql \
         set search_path = pg_catalog, pg_temp as 'begin return coalesce(new, old); end'",
    );

    schema
        .breaks(
            "append-only",
            "public.clinical_notes",
            &[
                "drop trigger refuse_to_truncate on public.clinical_notes",
                "alter table public.clinical_notes disable trigger refuse_to_truncate",
                "alter table public.clinical_notes enable replica trigger refuse_to_truncate",
                &no_insert,
                &no_update,
                &no_delete,
                &whenever,
            ],
        )
        .await;
    for statements in [
        "drop trigger refuse_to_change on public.clinical_notes",
        "alter table public.clinical_notes disable trigger refuse_to_change",
        "alter table public.clinical_notes disable trigger user",
        "alter table public.clinical_notes enable replica trigger refuse_to_change",
        &after,
        &narrow,
        &format!("set local role wardkeep_owner; {never}; reset role"),
    ] {
        let findings = schema.findings(statements).await;
        assert!(findings.len() > 1, "{statements}: {findings:#?}");
        for finding in findings {
            assert_eq!(
                (finding.rule, finding.object.as_str()),
                ("append-only", "public.clinical_notes")
            );
        }
    }
    schema
        .keeps(&[
            "alter table public.clinical_notes enable always trigger refuse_to_change",
            "grant update (text), delete on public.clinical_notes to authenticated",
        ])
        .await;
}
