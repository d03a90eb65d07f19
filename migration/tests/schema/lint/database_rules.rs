//! What belongs to the database itself.

use super::Schema;

#[tokio::test]
async fn a_database_that_public_may_use_is_found() {
    let schema = Schema::new().await;
    let database = schema.name().await;

    schema
        .breaks(
            "database-public",
            &format!("database {database}"),
            &[
                &format!("grant temporary on database {database} to public"),
                &format!("grant create on database {database} to public"),
            ],
        )
        .await;
}

#[tokio::test]
async fn a_schema_in_which_everybody_may_create_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "database-public",
            "schema public",
            &["grant create on schema public to public"],
        )
        .await;
}

#[tokio::test]
async fn a_callable_set_config_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "set-config",
            "pg_catalog.set_config(text, text, boolean)",
            &[
                "grant execute on function pg_catalog.set_config(text, text, boolean) to public",
                "grant execute on function pg_catalog.set_config(text, text, boolean) to wardkeep_app",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_parameter_granted_to_the_login_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "parameter-grant",
            "parameter session_replication_role",
            &["grant set on parameter session_replication_role to wardkeep_app"],
        )
        .await;
}
