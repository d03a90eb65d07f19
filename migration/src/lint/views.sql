-- Views in our schemas, and views anywhere that read a fenced table, also through other views.
, readers as (
  select oid as reader
  from relations
  where relkind in ('v', 'm')
  union
  select pg_rewrite.ev_class
  from pg_depend
  join pg_rewrite on pg_rewrite.oid = pg_depend.objid
  where pg_depend.classid = 'pg_rewrite'::regclass
    and pg_depend.refclassid = 'pg_class'::regclass
    and pg_depend.refobjid in (select oid from tables)
  union
  select pg_rewrite.ev_class
  from readers
  join pg_depend on pg_depend.refobjid = readers.reader and pg_depend.refclassid = 'pg_class'::regclass
  join pg_rewrite on pg_rewrite.oid = pg_depend.objid and pg_depend.classid = 'pg_rewrite'::regclass
),
views as (
  select
    format('%I.%I', pg_namespace.nspname, pg_class.relname) as object,
    pg_class.relkind,
    pg_class.relowner,
    pg_class.reloptions
  from pg_class
  join pg_namespace on pg_namespace.oid = pg_class.relnamespace
  where pg_class.oid in (select reader from readers)
    and pg_class.relkind in ('v', 'm')
)

select 'view-invoker', object, format('reads with the rights of %s', pg_get_userbyid(relowner))
from views
where relkind = 'v'
  and not exists (
    select
    from pg_options_to_table(reloptions)
    where option_name = 'security_invoker'
      and option_value::boolean
  )

union all

select 'materialized-view', object, 'keeps a copy of rows that no policy fences'
from views
where relkind = 'm'
