-- Everything that belongs to wardkeep_owner in this database; the roles belong to the cluster and stay.
do $$
declare
  doomed record;
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'wardkeep_owner') then
    return;
  end if;
  set local role wardkeep_owner;
  for doomed in
    select relname
    from pg_catalog.pg_class
    where relnamespace = 'public'::regnamespace
      and relkind in ('r', 'p')
      and relowner = 'wardkeep_owner'::regrole
  loop
    execute format('drop table public.%I cascade', doomed.relname);
  end loop;
  drop schema if exists tenancy cascade;
  reset role;
end
$$;
