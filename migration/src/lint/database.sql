select
  'database-public',
  format('database %I', datname),
  format('PUBLIC holds %s', string_agg(lower(acl.privilege_type), ', ' order by acl.privilege_type))
from pg_database
cross join lateral aclexplode(coalesce(datacl, acldefault('d', datdba))) as acl
where datname = current_database()
  and acl.grantee = 0
group by datname

union all

select 'database-public', 'schema public', 'PUBLIC holds create'
from schemas
cross join lateral aclexplode(nspacl) as acl
where nspname = 'public'
  and acl.grantee = 0
  and acl.privilege_type = 'CREATE'

union all

select
  'set-config',
  'pg_catalog.set_config(text, text, boolean)',
  format('%s may call it: one select can choose another organization', string_agg(coalesce(pg_get_userbyid(nullif(acl.grantee, 0)), 'PUBLIC'), ', '))
from pg_proc
cross join lateral aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl
where pg_proc.oid = 'pg_catalog.set_config(text, text, boolean)'::regprocedure
  and (acl.grantee = 0 or acl.grantee in (select oid from ours))
having count(*) > 0

union all

-- Who may set session_replication_role runs without foreign keys.
select
  'parameter-grant',
  format('parameter %s', parname),
  format('%s holds %s', coalesce(pg_get_userbyid(nullif(acl.grantee, 0)), 'PUBLIC'), lower(acl.privilege_type))
from pg_parameter_acl
cross join lateral aclexplode(paracl) as acl
where acl.grantee = 0
  or acl.grantee in (select oid from ours)
