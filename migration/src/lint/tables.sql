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
