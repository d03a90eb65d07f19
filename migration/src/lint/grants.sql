select
  'grant-public',
  object,
  format('PUBLIC holds %s', string_agg(distinct lower(privilege), ', '))
from privileges
where grantee = 0
group by object

union all

select 'grant-public', object, 'PUBLIC holds execute'
from functions
cross join lateral aclexplode(coalesce(proacl, acldefault('f', proowner))) as acl
where acl.grantee = 0
  and (nspname = 'tenancy' or prosecdef or proowner in (select oid from ours))

union all

select
  'grant-public',
  format('schema %I', nspname),
  format('PUBLIC holds %s', lower(acl.privilege_type))
from schemas
cross join lateral aclexplode(nspacl) as acl
where acl.grantee = 0
  and nspname <> 'public'

union all

-- Row security does not cover these; maintain is new in PostgreSQL 17.
select
  'grant-unfenced',
  object,
  format('%s holds %s', pg_get_userbyid(grantee), string_agg(distinct lower(privilege), ', '))
from privileges
where grantee <> 0
  and privilege in ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN')
group by object, grantee

union all

select
  'grant-option',
  object,
  format('%s may hand on %s', pg_get_userbyid(grantee), string_agg(distinct lower(privilege), ', '))
from privileges
where is_grantable
group by object, grantee

union all

select
  'grant-secret',
  object,
  format(
    'authenticated holds %s',
    string_agg(distinct lower(privilege) || coalesce(' (' || quote_ident(column_name) || ')', ''), ', ')
  )
from privileges
where pg_get_userbyid(nullif(grantee, 0)) = 'authenticated'
  and privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
  and relname in ('user', 'session', 'account', 'verification')
  and class is not null
  and not (
    relname = 'user'
    and privilege = 'SELECT'
    and coalesce(column_name in ('id', 'name', 'email', 'image'), false)
  )
group by object

union all

-- The login holds nothing itself, each role only where it has work to do, the lookup and the auditor only single columns,
-- the auditor only to read, the worker outside its queues only the columns that say what is over, and others only insert
-- into a queue.
select
  'grant-place',
  privileges.object,
  format('%s holds %s', ours.name, string_agg(distinct lower(privileges.privilege), ', '))
from privileges
join ours on ours.oid = privileges.grantee
left join places on places.role = ours.oid and places.relation = privileges.oid
where privileges.privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')
  and (
    ours.name = 'wardkeep_app'
    or (privileges.class is not null and places.role is null)
    or (ours.name in ('wardkeep_lookup', 'wardkeep_auditor') and privileges.column_name is null)
    or (ours.name = 'wardkeep_auditor' and privileges.privilege <> 'SELECT')
    or (privileges.class = 'queue' and ours.name <> 'wardkeep_worker' and privileges.privilege <> 'INSERT')
    or (
      privileges.class <> 'queue'
      and ours.name = 'wardkeep_worker'
      and privileges.privilege <> 'DELETE'
      and not (privileges.privilege = 'SELECT' and coalesce(privileges.column_name in ('id', 'expiresAt', 'expires_at'), false))
    )
  )
  -- The finding grant-secret says these.
  and not (ours.name = 'authenticated' and privileges.class = 'identity')
group by privileges.object, ours.name

union all

select
  'grant-create',
  object,
  format('%s holds %s', pg_get_userbyid(grantee), string_agg(lower(privilege_type), ', '))
from (
  select format('schema %I', nspname) as object, nspowner as owner, acl.*
  from schemas
  cross join lateral aclexplode(nspacl) as acl
  union all
  select format('database %I', datname), datdba, acl.*
  from pg_database
  cross join lateral aclexplode(datacl) as acl
  where datname = current_database()
) as held
where grantee in (select oid from ours where name <> 'wardkeep_owner')
  and grantee <> owner
  and privilege_type in ('CREATE', 'TEMPORARY')
group by object, grantee

union all

select
  'grant-default',
  format('default privileges of %s', pg_get_userbyid(defaclrole)),
  format(
    'give %s to %s',
    string_agg(distinct lower(acl.privilege_type), ', '),
    string_agg(distinct coalesce(pg_get_userbyid(nullif(acl.grantee, 0)), 'PUBLIC'), ', ')
  )
from pg_default_acl
cross join lateral aclexplode(defaclacl) as acl
where defaclrole in (select oid from ours)
  and acl.grantee <> defaclrole
group by defaclrole
