-- What our roles may do with a table, as far as row security decides it.
, commands as (
  select distinct
    privileges.oid,
    privileges.object,
    privileges.grantee,
    command.letter,
    command.name,
    command.position
  from privileges
  join (
    values ('SELECT', 'r'::"char", 1), ('INSERT', 'a', 2), ('UPDATE', 'w', 3), ('DELETE', 'd', 4)
  ) as command (name, letter, position) on command.name = privileges.privilege
  join places on places.role = privileges.grantee and places.relation = privileges.oid
  -- What a tenant may not hold on "user" anyway is the finding grant-secret.
  where pg_get_userbyid(privileges.grantee) <> 'authenticated'
    or privileges.relname <> 'user'
    or privileges.privilege = 'SELECT'
),
judged as (
  select
    *,
    'true' in (using_text, check_text) as everything
  from policies
)

select
  'policy-missing',
  object,
  format(
    '%s holds %s without a policy: it silently sees and changes nothing',
    pg_get_userbyid(grantee),
    lower(string_agg(name, ', ' order by position))
  )
from commands
where not exists (
  select
  from policies
  where policies.relation = commands.oid
    and policies.polpermissive
    and policies.role in (commands.grantee, 0)
    and policies.polcmd in ('*', commands.letter)
)
group by object, grantee

union all

select 'policy-missing', object, 'has no policy and no grant for authenticated: it was never protected'
from tables
where organization is not null
  and not exists (
    select
    from policies
    where policies.relation = tables.oid
      and policies.role_name = 'authenticated'
      and policies.polpermissive
  )
  and not exists (
    select
    from commands
    where commands.oid = tables.oid
      and pg_get_userbyid(commands.grantee) = 'authenticated'
  )

union all

select
  'policy-permissive-twice',
  (select object from tables where tables.oid = relation),
  format(
    '%s for %s: the policies %s let a row through when either does',
    role_name,
    string_agg(distinct name, ', '),
    string_agg(distinct object, ', ')
  )
from (
  select
    policies.relation,
    policies.role_name,
    policies.object,
    command.name,
    count(*) over (partition by policies.relation, policies.role, command.letter) as together
  from policies
  join (
    values ('select', 'r'::"char"), ('insert', 'a'), ('update', 'w'), ('delete', 'd')
  ) as command (name, letter) on policies.polcmd in ('*', command.letter)
  where policies.polpermissive
    and policies.role <> 0
) as covering
where together > 1
group by relation, role_name

union all

select distinct 'policy-check', object, 'allows writing and does not say with check'
from policies
where polcmd in ('*', 'a', 'w')
  and check_text is null

union all

select 'policy-role', object, format('names %s', role_name)
from judged
where not in_place
  and everything is not true

union all

select 'policy-true', object, format('shows every row to %s', role_name)
from judged
where everything
  and not (
    in_place
    and (
      role_name = 'wardkeep_worker'
      or (role_name = 'wardkeep_credentials' and class <> 'queue')
      or (role_name = 'wardkeep_lookup' and polcmd = 'r')
      or (role_name = 'wardkeep_auditor' and relname = 'treatment_sessions' and polcmd = 'r')
    )
  )

union all

select
  'policy-text',
  object,
  format('for %s: using %s with check %s', role_name, coalesce(using_text, '(none)'), coalesce(check_text, '(none)'))
from judged
where in_place
  and everything is not true
  and (role_name in ('authenticated', 'wardkeep_identity', 'wardkeep_auditor') or class = 'queue')
  and exists (
    select
    from (values (using_text), (check_text)) as texts (text)
    where text is not null
      and not (role_name = 'authenticated' and text is not distinct from expression)
      and not exists (
        select
        from pinned
        where pinned.name = relname
          and pinned.role = role_name
          and pinned.expression = text
      )
  )
