//! Functions.

use super::Schema;

#[tokio::test]
async fn a_definer_function_of_another_owner_is_found() {
    let schema = Schema::new().await;

    schema
        .owner_breaks(
            "definer-owner",
            "tenancy.one()",
            &[
                "create function tenancy.one() returns integer language plpgsql security definer set \
             search_path = pg_catalog, pg_temp as 'begin return 1; end'; revoke execute on function \
             tenancy.one() from public",
            ],
        )
        .await;
    schema
        .breaks(
            "definer-owner",
            "public.one()",
            &[
                "create function public.one() returns integer language plpgsql security definer set \
             search_path = pg_catalog, pg_temp as 'begin return 1; end'; revoke execute on function \
             public.one() from public",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_definer_function_without_a_search_path_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "definer-search-path",
            "tenancy.schema_version()",
            &[
                "alter function tenancy.schema_version() reset search_path",
                "alter function tenancy.schema_version() set search_path = public",
                "alter function tenancy.schema_version() set search_path = pg_catalog",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_plain_function_of_another_owner_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "function-owner",
            "tenancy.organization()",
            &["alter function tenancy.organization() owner to wardkeep_lookup"],
        )
        .await;
    schema
        .breaks(
            "function-owner",
            "tenancy.one()",
            &[
                "create function tenancy.one() returns integer language plpgsql  as 'begin return 1; \
             end'; revoke execute on function tenancy.one() from public",
            ],
        )
        .await;
}

#[tokio::test]
async fn a_leakproof_function_is_found() {
    let schema = Schema::new().await;

    schema
        .breaks(
            "function-leakproof",
            "tenancy.organization()",
            &["alter function tenancy.organization() leakproof"],
        )
        .await;
}

#[tokio::test]
async fn a_function_of_ones_own_in_schema_public_is_nobodys_business() {
    let schema = Schema::new().await;

    schema
        .keeps(&["create function public.one() returns integer language plpgsql  as 'begin return 1; end'"])
        .await;
}
