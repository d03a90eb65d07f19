, logins as (
  select *
  from ours
  where login
),
memberships as (
  select
    member.name as member,
    pg_get_userbyid(pg_auth_members.roleid) as role,
    pg_auth_members.admin_option,
    -- PostgreSQL 16 gave each membership its own inherit and set.
    coalesce((to_jsonb(pg_auth_members) ->> 'inherit_option')::boolean, false) as inherits,
    coalesce((to_jsonb(pg_auth_members) ->> 'set_option')::boolean, true) as settable
  from pg_auth_members
  join ours as member on member.oid = pg_auth_members.member
),
wanted (member, role) as (
  values
    ('wardkeep_app', 'authenticated'),
    ('wardkeep_app', 'wardkeep_identity'),
    ('wardkeep_app', 'wardkeep_credentials')
)

select 'role-missing', format('role %I', name), 'does not exist'
from expected
where name not in (select name from ours)

union all

select
  'role-attribute',
  format('role %I', name),
  concat_ws(
    ', ',
    case when rolsuper then 'is a superuser' end,
    case when rolbypassrls then 'has bypassrls' end,
    case when rolcreaterole then 'has createrole' end,
    case when rolcreatedb then 'has createdb' end,
    case when rolreplication then 'has replication' end,
    case when rolinherit then 'has inherit' end,
    case when rolcanlogin and not login then 'may log in' end,
    case when login and not rolcanlogin then 'may not log in' end
  )
from ours
join pg_roles on pg_roles.oid = ours.oid
where rolsuper
  or rolbypassrls
  or rolcreaterole
  or rolcreatedb
  or rolreplication
  or rolinherit
  or rolcanlogin <> login

union all

select
  'role-membership',
  format('role %I', memberships.member),
  case
    when wanted.member is null then format('is a member of %s', memberships.role)
    when memberships.admin_option then format('may hand on its membership of %s', memberships.role)
    else format('inherits from %s', memberships.role)
  end
from memberships
left join wanted on wanted.member = memberships.member and wanted.role = memberships.role
where wanted.member is null
  or memberships.admin_option
  or memberships.inherits

union all

select 'role-membership', format('role %I', wanted.member), format('cannot become %s', wanted.role)
from wanted
join ours on ours.name = wanted.member
where not exists (
  select
  from memberships
  where memberships.member = wanted.member
    and memberships.role = wanted.role
    and memberships.settable
)

union all

-- Who is none of ours and may become one of ours here. A superuser needs no membership, the owner of the database
-- migrates it, and who may not connect is no danger to this database.
select
  'role-stranger',
  format('role %I', stranger.rolname),
  format('may become %s', string_agg(ours.name, ', ' order by ours.name))
from pg_roles as stranger
join pg_database on pg_database.datname = current_database()
join pg_auth_members on pg_auth_members.member = stranger.oid
join ours on ours.oid = pg_auth_members.roleid
where not stranger.rolsuper
  and stranger.oid not in (select oid from ours)
  and not pg_has_role(stranger.oid, pg_database.datdba, 'member')
  and has_database_privilege(stranger.oid, pg_database.oid, 'connect')
group by stranger.rolname

union all

select
  'ownership',
  pg_describe_object(pg_shdepend.classid, pg_shdepend.objid, pg_shdepend.objsubid),
  format('belongs to %s', ours.name)
from pg_shdepend
join pg_database on pg_database.datname = current_database()
join ours on ours.oid = pg_shdepend.refobjid
where pg_shdepend.refclassid = 'pg_authid'::regclass
  and pg_shdepend.deptype = 'o'
  and pg_shdepend.objsubid = 0
  and pg_shdepend.classid <> 'pg_proc'::regclass
  and (
    (pg_shdepend.dbid = pg_database.oid and ours.name <> 'wardkeep_owner')
    or (pg_shdepend.dbid = 0 and pg_shdepend.classid = 'pg_database'::regclass and pg_shdepend.objid = pg_database.oid)
  )

union all

select 'ownership', object, format('belongs to %s', pg_get_userbyid(relowner))
from tables
where relowner not in (select oid from ours)

union all

select 'ownership', format('schema %I', nspname), format('belongs to %s', pg_get_userbyid(nspowner))
from schemas
where nspname = 'tenancy'
  and nspowner not in (select oid from ours)

union all

select
  'login-timeout',
  format('role %I', logins.name),
  format('has no %s', wanted_setting.name)
from logins
cross join (
  values ('statement_timeout'), ('idle_in_transaction_session_timeout'), ('client_connection_check_interval')
) as wanted_setting (name)
where not exists (
  select
  from pg_db_role_setting
  cross join lateral unnest(setconfig) as setting
  where pg_db_role_setting.setrole = logins.oid
    and pg_db_role_setting.setdatabase in (0, (select oid from pg_database where datname = current_database()))
    and split_part(setting, '=', 1) = wanted_setting.name
    and split_part(setting, '=', 2) !~ '^0+[a-z]*$'
)

union all

-- A default organization or user would be there before a scope has set one.
select
  'role-setting',
  case when setrole = 0 then format('database %I', current_database()) else format('role %I', pg_get_userbyid(setrole)) end,
  format('has %s by default', split_part(setting, '=', 1))
from pg_db_role_setting
cross join lateral unnest(setconfig) as setting
where setdatabase in (0, (select oid from pg_database where datname = current_database()))
  and (setrole = 0 or setrole in (select oid from ours))
  and setting like 'app.%'
