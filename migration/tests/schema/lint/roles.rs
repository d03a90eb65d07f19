//! Roles: they belong to the whole server, and every change of one is rolled back.

use super::Schema;

#[tokio::test]
async fn a_role_that_is_not_there_is_found() {
    let schema = Schema::new().await;

    // Its policies go to a stranger with it, and are found as well.
    let findings = schema
        .findings("alter role wardkeep_worker rename to somebody_else")
        .await;

    let missing: Vec<_> = findings
        .iter()
        .filter(|finding| finding.rule == "role-missing")
        .map(|finding| finding.object.as_str())
        .collect();
    assert_eq!(missing, ["role wardkeep_worker"], "{findings:#?}");
}

#[tokio::test]
async fn a_role_with_an_attribute_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "role-attribute",
            "role wardkeep_app",
            &[
                "alter role wardkeep_app bypassrls",
                "alter role wardkeep_app superuser",
            ],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_worker",
            &["alter role wardkeep_worker bypassrls"],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_owner",
            &["alter role wardkeep_owner createrole"],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_lookup",
            &["alter role wardkeep_lookup createdb"],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_identity",
            &["alter role wardkeep_identity replication"],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_app",
            &["alter role wardkeep_app inherit"],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_owner",
            &["alter role wardkeep_owner login"],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_auditor",
            &[
                "alter role wardkeep_auditor login",
                "alter role wardkeep_auditor bypassrls",
            ],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role authenticated",
            &["alter role authenticated login"],
        )
        .await;
    schema
        .breaks(
            "role-attribute",
            "role wardkeep_worker",
            &["alter role wardkeep_worker nologin"],
        )
        .await;
}

#[tokio::test]
async fn a_membership_that_should_not_be_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "role-membership",
            "role wardkeep_app",
            &[
                "grant wardkeep_owner to wardkeep_app",
                "grant wardkeep_lookup to wardkeep_app",
                "grant wardkeep_auditor to wardkeep_app",
            ],
        )
        .await;
    schema
        .breaks(
            "role-membership",
            "role wardkeep_owner",
            &["grant wardkeep_lookup to wardkeep_owner"],
        )
        .await;
    schema
        .breaks(
            "role-membership",
            "role wardkeep_lookup",
            &["grant wardkeep_owner to wardkeep_lookup"],
        )
        .await;
    schema
        .breaks(
            "role-membership",
            "role wardkeep_worker",
            &[
                "grant wardkeep_credentials to wardkeep_worker",
                "grant wardkeep_auditor to wardkeep_worker",
            ],
        )
        .await;
    schema
        .breaks(
            "role-membership",
            "role authenticated",
            &["grant pg_read_all_data to authenticated"],
        )
        .await;
    schema
        .breaks(
            "role-membership",
            "role wardkeep_app",
            &["grant authenticated to wardkeep_app with admin option"],
        )
        .await;
}

#[tokio::test]
async fn a_membership_that_is_not_there_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "role-membership",
            "role wardkeep_app",
            &["revoke wardkeep_identity from wardkeep_app"],
        )
        .await;
}

#[tokio::test]
async fn a_stranger_who_may_become_one_of_ours_is_found() {
    let schema = Schema::new().await;
    let database = schema.name().await;
    let stranger = format!("stranger_of_{database}");
    let in_role = format!("create role {stranger} login in role wardkeep_owner");
    let connects = format!("{in_role}; grant connect on database {database} to {stranger}");
    let owns = format!("{connects}; alter database {database} owner to {stranger}");

    schema.keeps(&[&in_role, &owns]).await;
    schema
        .breaks("role-stranger", &format!("role {stranger}"), &[&connects])
        .await;
}

#[tokio::test]
async fn a_role_that_owns_the_database_is_found() {
    let schema = Schema::new().await;
    let database = schema.name().await;

    schema
        .breaks(
            "ownership",
            &format!("database {database}"),
            &[&format!("alter database {database} owner to wardkeep_app")],
        )
        .await;
}

#[tokio::test]
async fn ownership_of_anything_by_another_role_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "ownership",
            "table public.patients",
            &["alter table public.patients owner to authenticated"],
        )
        .await;
    schema
        .breaks(
            "ownership",
            "public.patients",
            &["alter table public.patients owner to current_user"],
        )
        .await;
    schema
        .breaks(
            "ownership",
            "schema tenancy",
            &[
                "alter schema tenancy owner to wardkeep_app",
                "alter schema tenancy owner to current_user",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_login_without_its_timeouts_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "login-timeout",
            "role wardkeep_app",
            &[
                "alter role wardkeep_app reset statement_timeout",
                "alter role wardkeep_app reset idle_in_transaction_session_timeout",
                "alter role wardkeep_app reset client_connection_check_interval",
            ],
        )
        .await;
    schema
        .breaks(
            "login-timeout",
            "role wardkeep_worker",
            &[
                "alter role wardkeep_worker reset statement_timeout",
                "alter role wardkeep_worker reset idle_in_transaction_session_timeout",
                "alter role wardkeep_worker reset client_connection_check_interval",
            ],
        )
        .await;
    schema
        .breaks(
            "login-timeout",
            "role wardkeep_app",
            &["alter role wardkeep_app set statement_timeout = 0"],
        )
        .await;
}

#[tokio::test]
async fn an_organization_by_default_is_found() {
    let schema = Schema::new().await;
    let database = schema.name().await;
    let setting = "set app.current_organization_id = '00000000-0000-4000-8000-000000000000'";

    schema
        .breaks(
            "role-setting",
            "role wardkeep_app",
            &[
                &format!("alter role wardkeep_app {setting}"),
                &format!("alter role wardkeep_app in database {database} {setting}"),
            ],
        )
        .await;
    schema
        .breaks(
            "role-setting",
            &format!("database {database}"),
            &[&format!("alter database {database} {setting}")],
        )
        .await;
}
