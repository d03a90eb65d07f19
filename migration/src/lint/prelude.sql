-- What every query of the lint starts from. $1: the classified tables with their class, the column that holds the
-- organization, the text of their tenant policy and, where rows are written once, the body of the function that refuses
-- to change them, or to change those that are sealed; $2: the policies whose text is pinned; $3: our roles.
with recursive
classified as (
  select *
  from jsonb_to_recordset($1::jsonb) as classified (name text, class text, organization text, expression text, refusal text, seal text)
),
pinned as (
  select *
  from jsonb_to_recordset($2::jsonb) as pinned (name text, role text, expression text)
),
expected as (
  select *
  from jsonb_to_recordset($3::jsonb) as expected (name text, login boolean)
),
ours as (
  select pg_roles.oid, expected.name, expected.login
  from expected
  join pg_roles on pg_roles.rolname = expected.name
),
-- A schema is ours when it is public, tenancy, or belongs to one of our roles.
schemas as (
  select oid, nspname, nspowner, nspacl
  from pg_namespace
  where nspname in ('public', 'tenancy')
    or (nspowner in (select oid from ours) and nspname !~ '^pg_')
),
extension_members as (
  select classid, objid
  from pg_depend
  where deptype = 'e'
),
-- Tables, views and sequences in our schemas, or of our roles; those of an extension are its own.
relations as (
  select
    pg_class.oid,
    format('%I.%I', pg_namespace.nspname, pg_class.relname) as object,
    pg_class.relname,
    pg_class.relkind,
    pg_class.relowner,
    pg_class.relacl,
    pg_class.reloptions,
    pg_class.relrowsecurity,
    pg_class.relforcerowsecurity,
    classified.class,
    classified.organization,
    classified.expression,
    classified.refusal,
    classified.seal,
    organization_column.attnum as organization_number
  from pg_class
  join pg_namespace on pg_namespace.oid = pg_class.relnamespace
  left join classified
    on classified.name = pg_class.relname
    and pg_namespace.nspname = 'public'
    and pg_class.relkind in ('r', 'p')
  left join pg_attribute as organization_column
    on organization_column.attrelid = pg_class.oid
    and organization_column.attname = classified.organization
    and not organization_column.attisdropped
  where pg_class.relkind in ('r', 'p', 'f', 'v', 'm', 'S')
    and pg_namespace.nspname !~ '^pg_'
    and (
      pg_class.relnamespace in (select oid from schemas)
      or pg_class.relowner in (select oid from ours)
    )
    and not exists (
      select
      from extension_members
      where classid = 'pg_class'::regclass
        and objid = pg_class.oid
    )
),
tables as (
  select *
  from relations
  where class is not null
),
-- Where each role has work to do. wardkeep_owner and the login wardkeep_app are nowhere.
places as (
  select ours.oid as role, tables.oid as relation
  from ours
  cross join tables
  where case ours.name
    when 'authenticated' then tables.organization is not null or tables.relname = 'user' or tables.class = 'queue'
    when 'wardkeep_identity' then tables.class in ('identity', 'queue')
    when 'wardkeep_credentials' then tables.class in ('identity', 'queue') and tables.organization is null
    when 'wardkeep_lookup' then tables.class not in ('tenant', 'queue') and tables.relname <> 'account'
    when 'wardkeep_auditor' then tables.relname in ('clinical_notes', 'treatment_sessions')
    when 'wardkeep_worker' then tables.class = 'queue' or tables.relname in ('session', 'verification', 'idempotency_keys')
    else false
  end
),
functions as (
  select
    pg_proc.oid,
    format('%I.%I(%s)', pg_namespace.nspname, pg_proc.proname, pg_get_function_identity_arguments(pg_proc.oid)) as object,
    pg_namespace.nspname,
    pg_proc.proowner,
    pg_proc.proacl,
    pg_proc.prosecdef,
    pg_proc.proleakproof,
    pg_proc.proconfig
  from pg_proc
  join pg_namespace on pg_namespace.oid = pg_proc.pronamespace
  where pg_namespace.nspname !~ '^pg_'
    and (
      pg_proc.pronamespace in (select oid from schemas)
      or pg_proc.proowner in (select oid from ours)
    )
    and not exists (
      select
      from extension_members
      where classid = 'pg_proc'::regclass
        and objid = pg_proc.oid
    )
),
-- Every privilege on a relation, also those on single columns, with the role that holds it (0: PUBLIC).
privileges as (
  select
    relations.oid,
    relations.object,
    relations.relname,
    relations.class,
    null::name as column_name,
    acl.grantee,
    acl.privilege_type as privilege,
    acl.is_grantable
  from relations
  cross join lateral aclexplode(relations.relacl) as acl
  where acl.grantee <> relations.relowner
  union all
  select
    relations.oid,
    relations.object,
    relations.relname,
    relations.class,
    pg_attribute.attname,
    acl.grantee,
    acl.privilege_type,
    acl.is_grantable
  from relations
  join pg_attribute on pg_attribute.attrelid = relations.oid and not pg_attribute.attisdropped
  cross join lateral aclexplode(pg_attribute.attacl) as acl
  where acl.grantee <> relations.relowner
),
-- One row per policy and role that it names (0: PUBLIC). The text is on one line.
policies as (
  select
    pg_policy.oid,
    tables.oid as relation,
    format('%I on %s', pg_policy.polname, tables.object) as object,
    tables.relname,
    tables.class,
    tables.expression,
    pg_policy.polcmd,
    pg_policy.polpermissive,
    named.role,
    coalesce(pg_get_userbyid(nullif(named.role, 0)), 'PUBLIC') as role_name,
    places.role is not null as in_place,
    regexp_replace(pg_get_expr(pg_policy.polqual, pg_policy.polrelid), '\s+', ' ', 'g') as using_text,
    regexp_replace(pg_get_expr(pg_policy.polwithcheck, pg_policy.polrelid), '\s+', ' ', 'g') as check_text
  from pg_policy
  join tables on tables.oid = pg_policy.polrelid
  cross join lateral unnest(pg_policy.polroles) as named (role)
  left join places on places.role = named.role and places.relation = tables.oid
)
