//! Views.

use super::Schema;

#[tokio::test]
async fn a_view_with_the_rights_of_its_owner_is_found() {
    let schema = Schema::new().await;

    schema
        .owner_breaks(
            "view-invoker",
            "public.names",
            &["create view public.names as select last_name from public.patients"],
        )
        .await;
    schema
        .breaks(
            "view-invoker",
            "public.names",
            &["create view public.names as select 1 as one"],
        )
        .await;
    schema
        .breaks("view-invoker", "elsewhere.names", &[
            "create schema elsewhere; create view elsewhere.names as select last_name from public.patients",
            "create schema elsewhere; create view public.inner_names with (security_invoker) as \
             select last_name from public.patients; create view elsewhere.names as select * from \
             public.inner_names",
        ])
        .await;
    schema
        .breaks(
            "view-invoker",
            "public.names",
            &["create view public.names with (security_invoker = off) as select 1 as one"],
        )
        .await;
    schema
        .keeps(&[
            "create view public.names with (security_invoker = on) as select last_name from \
             public.patients",
        ])
        .await;
}

#[tokio::test]
async fn a_materialized_view_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "materialized-view",
            "public.names",
            &["create materialized view public.names as select last_name from public.patients"],
        )
        .await;
    schema
        .breaks(
            "materialized-view",
            "elsewhere.names",
            &[
                "create schema elsewhere; create materialized view elsewhere.names as select last_name \
             from public.patients",
            ],
        )
        .await;
}
