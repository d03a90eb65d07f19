select 'definer-owner', object, format('acts as %s', pg_get_userbyid(proowner))
from functions
where prosecdef
  and pg_get_userbyid(proowner) <> 'wardkeep_lookup'

union all

select
  'definer-search-path',
  object,
  coalesce(
    (select 'has ' || setting from unnest(proconfig) as setting where setting like 'search_path=%'),
    'has no search_path of its own: the caller decides which tables it reads'
  )
from functions
where prosecdef
  and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)

union all

select 'function-owner', object, format('belongs to %s', pg_get_userbyid(proowner))
from functions
where not prosecdef
  and pg_get_userbyid(proowner) <> 'wardkeep_owner'
  and (nspname = 'tenancy' or proowner in (select oid from ours))

union all

select 'function-leakproof', object, 'runs on rows before the policy has refused them'
from functions
where proleakproof
