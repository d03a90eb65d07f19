//! Privileges.

use super::Schema;

#[tokio::test]
async fn what_public_holds_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "grant-public",
            "public.patients",
            &["grant select on public.patients to public"],
        )
        .await;
    schema
        .breaks(
            "grant-public",
            "public.organization",
            &["grant select (name) on public.organization to public"],
        )
        .await;
    schema
        .breaks(
            "grant-public",
            "tenancy.find_session(session_token text, asked_organization uuid)",
            &["grant execute on function tenancy.find_session(text, uuid) to public"],
        )
        .await;
    schema
        .breaks(
            "grant-public",
            "tenancy.organization()",
            &["grant execute on function tenancy.organization() to public"],
        )
        .await;
    schema
        .breaks(
            "grant-public",
            "schema tenancy",
            &["grant usage on schema tenancy to public"],
        )
        .await;
}

#[tokio::test]
async fn a_privilege_that_row_security_does_not_cover_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "grant-unfenced",
            "public.patients",
            &[
                "grant truncate on public.patients to authenticated",
                "grant references on public.patients to wardkeep_worker",
                "grant references (id) on public.patients to authenticated",
            ],
        )
        .await;
    schema
        .breaks(
            "grant-unfenced",
            "public.session",
            &["grant trigger on public.session to wardkeep_credentials"],
        )
        .await;
}

#[tokio::test]
async fn a_privilege_that_may_be_handed_on_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "grant-option",
            "public.patients",
            &["grant select on public.patients to authenticated with grant option"],
        )
        .await;
}

#[tokio::test]
async fn a_tenant_that_reads_secrets_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "grant-secret",
            "public.session",
            &["grant select on public.session to authenticated"],
        )
        .await;
    schema
        .breaks(
            "grant-secret",
            "public.account",
            &["grant select (password) on public.account to authenticated"],
        )
        .await;
    schema
        .breaks(
            "grant-secret",
            "public.verification",
            &["grant insert on public.verification to authenticated"],
        )
        .await;
    schema
        .breaks(
            "grant-secret",
            r#"public."user""#,
            &[
                r#"grant select ("emailVerified") on public."user" to authenticated"#,
                r#"grant select on public."user" to authenticated"#,
                r#"grant update (name) on public."user" to authenticated"#,
            ],
        )
        .await;
}

#[tokio::test]
async fn a_role_with_a_privilege_out_of_its_place_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "grant-place",
            "public.patients",
            &[
                "grant select on public.patients to wardkeep_app",
                "grant select (id) on public.patients to wardkeep_app",
                "grant select on public.patients to wardkeep_identity",
            ],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.organization",
            &["grant select on public.organization to wardkeep_credentials"],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.account",
            &["grant select (password) on public.account to wardkeep_lookup"],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.patients",
            &["grant select (id) on public.patients to wardkeep_lookup"],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            r#"public."user""#,
            &[r#"grant select on public."user" to wardkeep_lookup"#],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.seaql_migrations",
            &["grant select on public.seaql_migrations to authenticated"],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.session",
            &[
                "grant select on public.session to wardkeep_worker",
                "grant select (token) on public.session to wardkeep_worker",
            ],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.patients",
            &[
                "grant select (id) on public.patients to wardkeep_worker",
                "grant select (id) on public.patients to wardkeep_auditor",
            ],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.treatment_sessions",
            &["grant select on public.treatment_sessions to wardkeep_auditor"],
        )
        .await;
    schema
        .breaks(
            "grant-place",
            "public.outbox",
            &[
                "grant select (content) on public.outbox to wardkeep_lookup",
                "grant insert on public.outbox to wardkeep_lookup",
                "grant insert on public.outbox to wardkeep_app",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_role_that_may_make_objects_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "grant-create",
            "schema public",
            &["grant create on schema public to authenticated"],
        )
        .await;
    schema
        .breaks(
            "grant-create",
            "schema tenancy",
            &["grant create on schema tenancy to wardkeep_lookup"],
        )
        .await;
}

#[tokio::test]
async fn a_login_that_may_make_temporary_tables_is_found() {
    let schema = Schema::new().await;
    let database = schema.name().await;

    schema
        .breaks(
            "grant-create",
            &format!("database {database}"),
            &[
                &format!("grant temporary on database {database} to wardkeep_app"),
                &format!("grant create on database {database} to wardkeep_owner, authenticated"),
            ],
        )
        .await;
}

#[tokio::test]
async fn a_default_privilege_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "grant-default",
            "default privileges of wardkeep_owner",
            &[
                "alter default privileges for role wardkeep_owner in schema public grant select on tables \
             to authenticated",
                "alter default privileges for role wardkeep_owner grant execute on functions to wardkeep_app",
            ],
        )
        .await;
}
