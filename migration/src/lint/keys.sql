, tenant as (
  select *
  from tables
  where class = 'tenant'
),
-- Foreign keys of tables, with what the organization column is mapped to in the table that they point at.
foreign_keys as (
  select
    pg_constraint.oid,
    pg_constraint.conname,
    pg_constraint.confdeltype,
    pg_constraint.confupdtype,
    pg_constraint.conkey,
    source.object as source,
    source.class as source_class,
    source.organization_number as source_organization,
    coalesce(target.object, pg_constraint.confrelid::regclass::text) as target,
    target.relname as target_name,
    target.class as target_class,
    exists (
      select
      from generate_subscripts(pg_constraint.conkey, 1) as position
      where pg_constraint.conkey[position] = source.organization_number
        and pg_constraint.confkey[position] = target.organization_number
    ) as keeps_organization
  from pg_constraint
  join relations as source on source.oid = pg_constraint.conrelid
  left join tables as target on target.oid = pg_constraint.confrelid
  where pg_constraint.contype = 'f'
)

select
  'primary-key',
  tenant.object,
  case when pg_index.indexrelid is null then 'has no primary key' else format('the primary key has no %I', tenant.organization) end
from tenant
left join pg_index on pg_index.indrelid = tenant.oid and pg_index.indisprimary
where pg_index.indexrelid is null
  or not tenant.organization_number = any (pg_index.indkey::int2[])

union all

select
  'unique-key',
  format('%I on %s', index.relname, tenant.object),
  format('has no %I: a value of one organization is refused because another has it', tenant.organization)
from tenant
join pg_index on pg_index.indrelid = tenant.oid
join pg_class as index on index.oid = pg_index.indexrelid
where (pg_index.indisunique or pg_index.indisexclusion)
  and not pg_index.indisprimary
  and not tenant.organization_number = any (pg_index.indkey::int2[])

union all

select
  'unique-key',
  format('%I on %s', pg_constraint.conname, tenant.object),
  format('an exclusion that does not compare %I with =', tenant.organization)
from tenant
join pg_constraint on pg_constraint.conrelid = tenant.oid and pg_constraint.contype = 'x'
where tenant.organization_number = any (pg_constraint.conkey)
  and not exists (
    select
    from generate_subscripts(pg_constraint.conkey, 1) as position
    join pg_operator on pg_operator.oid = pg_constraint.conexclop[position]
    where pg_constraint.conkey[position] = tenant.organization_number
      and pg_operator.oprname = '='
  )

union all

select
  'organization-key',
  tenant.object,
  format('has no foreign key %I -> organization (id) on delete cascade of its own', tenant.organization)
from tenant
where not exists (
  select
  from foreign_keys
  where source = tenant.object
    and target_name = 'organization'
    and conkey = array[tenant.organization_number]
    and keeps_organization
    and confdeltype = 'c'
)

union all

select
  'foreign-key-organization',
  format('%I on %s', conname, source),
  format('does not map the organization to the organization of %s: it reaches into another one', target)
from foreign_keys
where source_class = 'tenant'
  and (target_class = 'tenant' or target_name = 'organization')
  and not keeps_organization

union all

select
  'foreign-key-action',
  format('%I on %s', conname, source),
  case
    when confupdtype not in ('a', 'r') then 'acts on update'
    when confdeltype = 'c' then format('deletes the row together with the one in %s', target)
    else 'sets columns when the other row is deleted'
  end
from foreign_keys
where source_class = 'tenant'
  and (
    confupdtype not in ('a', 'r')
    or confdeltype in ('n', 'd')
    or (confdeltype = 'c' and target_class = 'tenant')
  )

union all

select
  'foreign-key-target',
  format('%I on %s', conname, source),
  format('points from %s at %s', coalesce(source_class, 'unclassified'), target)
from foreign_keys
where (source_class = 'tenant' and target_class is distinct from 'tenant' and target_name is distinct from 'organization')
  or (source_class is distinct from 'tenant' and target_class = 'tenant')

union all

select
  'index-prefix',
  format('%I on %s', index.relname, tenant.object),
  format('is not led by %I', tenant.organization)
from tenant
join pg_index on pg_index.indrelid = tenant.oid
join pg_class as index on index.oid = pg_index.indexrelid
where pg_index.indkey[0] <> tenant.organization_number
  and (
    tenant.organization_number = any (pg_index.indkey::int2[])
    or not (pg_index.indisunique or pg_index.indisexclusion)
  )
