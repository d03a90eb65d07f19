-- Who is asking, and for which organization. Both are set by the scope, for one transaction. After a transaction
-- the setting is an empty text, not null; null matches no row.
grant usage on schema tenancy
  to authenticated, wardkeep_identity, wardkeep_credentials, wardkeep_lookup, wardkeep_app, wardkeep_worker;

create function tenancy.organization() returns uuid
language sql stable parallel safe
return nullif(pg_catalog.current_setting('app.current_organization_id', true), '')::uuid;

comment on function tenancy.organization() is 'The organization of this transaction, or null.';

create function tenancy.current_user_id() returns uuid
language sql stable parallel safe
return nullif(pg_catalog.current_setting('app.current_user_id', true), '')::uuid;

comment on function tenancy.current_user_id() is 'The signed-in user of this transaction, or null.';

revoke execute on function tenancy.organization(), tenancy.current_user_id() from public;
grant execute on function tenancy.organization(), tenancy.current_user_id()
  to authenticated, wardkeep_identity, wardkeep_credentials, wardkeep_lookup, wardkeep_app, wardkeep_worker;

-- The ledger of migrations holds nobody's data. It is the one table that is not forced: its owner must read it.
alter table public.seaql_migrations enable row level security;

create policy lookup_reads on public.seaql_migrations
  for select to wardkeep_lookup
  using (true);

grant select (version) on public.seaql_migrations to wardkeep_lookup;

grant create on schema tenancy to wardkeep_lookup;
set local role wardkeep_lookup;

create function tenancy.schema_version() returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select max(version) from public.seaql_migrations);
end
$$;

comment on function tenancy.schema_version() is 'The newest applied migration. For wardkeep_app: a server refuses to serve an older schema.';

revoke execute on function tenancy.schema_version() from public;
grant execute on function tenancy.schema_version() to wardkeep_app, wardkeep_worker;

set local role wardkeep_owner;
revoke create on schema tenancy from wardkeep_lookup;
