select 'unclassified-table', object, 'nobody said whose rows it holds'
from relations
where relkind in ('r', 'p', 'f')
  and class is null

union all

select 'missing-table', format('public.%I', name), format('classified as %s, and not there', class)
from classified
where name not in (select relname from tables)

union all

select
  'row-security',
  object,
  case when relrowsecurity then 'row security is not forced: the owner sees every row' else 'row security is off' end
from tables
where not relrowsecurity
  or (not relforcerowsecurity and class <> 'global')

union all

select
  'organization-column',
  object,
  case
    when pg_attribute.attname is null then format('has no column %I', tables.organization)
    when not pg_attribute.attnotnull then format('%I may be null', tables.organization)
    else format('%I is %s, not uuid', tables.organization, format_type(pg_attribute.atttypid, null))
  end
from tables
left join pg_attribute
  on pg_attribute.attrelid = tables.oid
  and pg_attribute.attnum = tables.organization_number
where tables.organization is not null
  and not coalesce(pg_attribute.attnotnull and pg_attribute.atttypid = 'uuid'::regtype, false)

union all

select 'rewrite-rule', format('%I on %s', pg_rewrite.rulename, tables.object), 'a rewrite rule acts with its owner''s rights'
from tables
join pg_rewrite on pg_rewrite.ev_class = tables.oid

union all

select
  'append-only',
  privileges.object,
  format(
    '%s holds %s',
    coalesce(pg_get_userbyid(nullif(privileges.grantee, 0)), 'PUBLIC'),
    string_agg(distinct lower(privileges.privilege), ', ')
  )
from privileges
join tables on tables.oid = privileges.oid
where tables.refusal is not null
  and privileges.privilege in ('UPDATE', 'DELETE')
group by privileges.object, privileges.grantee

union all

-- The bits of tgtype: 1 for each row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate. A trigger with a condition or a list
-- of columns lets something past; R fires for a replica alone, D never.
select
  'append-only',
  tables.object,
  format('no trigger that is enabled refuses %s', wanted.name)
from tables
cross join (
  values ('insert', 1 + 2 + 4), ('update', 1 + 2 + 16), ('delete', 1 + 2 + 8), ('truncate', 2 + 32)
) as wanted (name, bits)
where coalesce(tables.refusal, tables.seal) is not null
  -- What can be sealed begins unsealed; what is written once is inserted.
  and (wanted.name <> 'insert' or tables.seal is not null)
  and not exists (
    select
    from pg_trigger
    join pg_proc on pg_proc.oid = pg_trigger.tgfoid
    where pg_trigger.tgrelid = tables.oid
      and not pg_trigger.tgisinternal
      and pg_trigger.tgenabled in ('O', 'A')
      and pg_trigger.tgqual is null
      and pg_trigger.tgattr = ''
      and pg_trigger.tgtype & wanted.bits = wanted.bits
      and trim(regexp_replace(pg_proc.prosrc, '\s+', ' ', 'g')) = coalesce(tables.refusal, tables.seal)
  )
