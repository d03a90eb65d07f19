set local role wardkeep_lookup;
drop function tenancy.schema_version();

set local role wardkeep_owner;
revoke select (version) on public.seaql_migrations from wardkeep_lookup;
drop policy lookup_reads on public.seaql_migrations;
alter table public.seaql_migrations disable row level security;
drop function tenancy.current_user_id();
drop function tenancy.organization();
revoke usage on schema tenancy
  from authenticated, wardkeep_identity, wardkeep_credentials, wardkeep_lookup, wardkeep_app, wardkeep_worker;
