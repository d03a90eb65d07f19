//! Tables: whose rows, and behind what.

use super::Schema;

#[tokio::test]
async fn a_table_that_nobody_classified_is_found() {
    let schema = Schema::new().await;

    schema
        .owner_breaks(
            "unclassified-table",
            "public.rooms",
            &["create table public.rooms (id uuid)"],
        )
        .await;
    schema
        .owner_breaks(
            "unclassified-table",
            "tenancy.rooms",
            &["create table tenancy.rooms (id uuid)"],
        )
        .await;
    schema
        .breaks(
            "unclassified-table",
            "elsewhere.rooms",
            &[
                "create schema elsewhere; create table elsewhere.rooms (id uuid); grant usage on schema \
             elsewhere to wardkeep_owner; alter table elsewhere.rooms owner to wardkeep_owner",
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
            "public.clinical_notes",
            &["drop table public.clinical_notes"],
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
