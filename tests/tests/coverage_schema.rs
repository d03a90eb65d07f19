//! Every table that has an organization, found by the catalogue and not by a list, is fenced: forced row security, the
//! one policy, an index that the organization leads, and keys that cannot reach into another organization. This may only
//! get stricter.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use wardkeep_tenancy::policy;
use wardkeep_testkit::TestDatabase;

/// Tables of Better Auth, whose rows are named by an id alone: it reads and writes them by that.
const NAMED_BY_ID: [&str; 5] = ["invitation", "member", "organizationRole", "team", "teamMember"];
/// Unique keys without the organization besides. The key is a hash over the team and the user, and a team is of one
/// organization.
const UNIQUE_ANYWHERE: [&str; 1] = ["teamMember_membershipKey_key"];

const TABLES: &str = r#"
    select pg_class.relname::text, pg_attribute.attname::text
    from pg_class
    join pg_attribute on pg_attribute.attrelid = pg_class.oid
    where pg_class.relkind in ('r', 'p')
      and pg_class.relnamespace = 'public'::regnamespace
      and pg_attribute.attname in ('organization_id', 'organizationId')
    union all
    select 'organization', 'id'
    order by 1"#;

/// The tables and the column that says whose a row is.
async fn tables(connection: &mut PgConnection) -> Vec<(String, String)> {
    let tables: Vec<(String, String)> = sqlx::query_as(TABLES).fetch_all(connection).await.unwrap();
    for known in [
        "member",
        "organization",
        "patient_words",
        "patients",
        "teamMember",
    ] {
        assert!(
            tables.iter().any(|(table, _)| table == known),
            "{known} is missing of {tables:?}"
        );
    }
    tables
}

async fn ask<T>(
    connection: &mut PgConnection,
    query: &'static str,
    (table, column): &(String, String),
) -> Vec<T>
where
    T: Send + Unpin + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>,
{
    sqlx::query_as(query)
        .bind(table)
        .bind(column)
        .fetch_all(connection)
        .await
        .unwrap()
}

#[actix_web::test]
async fn every_table_forces_row_security() {
    let database = TestDatabase::create().await;
    let mut admin = database.admin().await;
    const SECURITY: &str = r#"
        select relrowsecurity, relforcerowsecurity, pg_attribute.attnotnull
        from pg_class
        join pg_attribute on pg_attribute.attrelid = pg_class.oid and attname = $2
        where pg_class.oid = format('public.%I', $1)::regclass"#;

    for table in tables(&mut admin).await {
        let security: Vec<(bool, bool, bool)> = ask(&mut admin, SECURITY, &table).await;
        assert_eq!(
            security,
            [(true, true, true)],
            "{table:?}: enabled, forced, organization not null"
        );
    }
}

#[actix_web::test]
async fn every_table_has_the_one_policy_of_a_tenant() {
    let database = TestDatabase::create().await;
    let mut admin = database.admin().await;
    const POLICIES: &str = r#"
        select cmd, permissive, qual, with_check
        from pg_policies
        where schemaname = 'public' and tablename = $1 and $2 <> ''
          and (roles && array['authenticated', 'public']::name[])"#;

    for table in tables(&mut admin).await {
        let policies: Vec<(String, String, String, String)> = ask(&mut admin, POLICIES, &table).await;
        let own = policy::tenant_expression(&table.1);
        assert_eq!(
            policies,
            [("ALL".to_owned(), "PERMISSIVE".to_owned(), own.clone(), own)],
            "{table:?}"
        );
    }
}

#[actix_web::test]
async fn every_table_has_an_index_that_the_organization_leads() {
    let database = TestDatabase::create().await;
    let mut admin = database.admin().await;
    const LED: &str = r#"
        select pg_index.indexrelid::regclass::text
        from pg_index
        join pg_attribute on attrelid = indrelid and attnum = indkey[0]
        where indrelid = format('public.%I', $1)::regclass
          and attname = $2 and indisvalid and indpred is null"#;

    for table in tables(&mut admin).await {
        let led: Vec<(String,)> = ask(&mut admin, LED, &table).await;
        assert_ne!(led, [], "{table:?}");
    }
}

#[actix_web::test]
async fn every_unique_key_holds_the_organization() {
    let database = TestDatabase::create().await;
    let mut admin = database.admin().await;
    const WITHOUT: &str = r#"
        select indexrelid::regclass::text, indisprimary
        from pg_index
        where indrelid = format('public.%I', $1)::regclass
          and (indisunique or indisexclusion)
          and not exists (
            select
            from pg_attribute
            where attrelid = indrelid and attname = $2 and attnum = any (indkey::int2[])
          )"#;

    let mut exceptions = BTreeSet::new();
    for table in tables(&mut admin)
        .await
        .iter()
        .filter(|(table, _)| table != "organization")
    {
        let without: Vec<(String, bool)> = ask(&mut admin, WITHOUT, table).await;
        for (index, is_primary) in without {
            let index = index.trim_matches('"').to_owned();
            exceptions.insert(if is_primary { table.0.clone() } else { index });
        }
    }
    let known = NAMED_BY_ID
        .into_iter()
        .chain(UNIQUE_ANYWHERE)
        .map(str::to_owned)
        .collect();
    assert_eq!(exceptions, known);
}

#[actix_web::test]
async fn every_reference_stays_in_its_organization() {
    let database = TestDatabase::create().await;
    let mut admin = database.admin().await;
    // References to a table with an organization that do not pair the two organizations, or that write on deletion.
    const ASTRAY: &str = r#"
        select keys.conname::text
        from pg_constraint keys
        join pg_attribute theirs
          on theirs.attrelid = keys.confrelid and theirs.attname in ('organization_id', 'organizationId')
        where keys.contype = 'f' and keys.conrelid = format('public.%I', $1)::regclass
          and not exists (
            select
            from unnest(keys.conkey, keys.confkey) as pair (here, there)
            join pg_attribute ours on ours.attrelid = keys.conrelid and ours.attname = $2
            where pair.here = ours.attnum and pair.there = theirs.attnum
          )
        union all
        select conname::text
        from pg_constraint
        where contype = 'f' and conrelid = format('public.%I', $1)::regclass
          and (confdeltype in ('n', 'd') or confupdtype <> 'a')"#;

    for table in tables(&mut admin).await {
        let astray: Vec<(String,)> = ask(&mut admin, ASTRAY, &table).await;
        assert_eq!(astray, [], "{table:?}");
    }
}

#[actix_web::test]
async fn every_table_goes_with_its_organization() {
    let database = TestDatabase::create().await;
    let mut admin = database.admin().await;
    const CASCADES: &str = r#"
        select conname::text
        from pg_constraint
        join pg_attribute on attrelid = conrelid and attname = $2
        where contype = 'f' and conrelid = format('public.%I', $1)::regclass
          and confrelid = 'public.organization'::regclass
          and conkey = array[attnum] and confdeltype = 'c'"#;

    for table in tables(&mut admin)
        .await
        .iter()
        .filter(|(table, _)| table != "organization")
    {
        let cascades: Vec<(String,)> = ask(&mut admin, CASCADES, table).await;
        assert_eq!(cascades.len(), 1, "{table:?}");
    }
}
