-- The step that belongs to each database and that `create database … template` and a restore undo: PUBLIC gets its
-- TEMP and CONNECT back. Repeatable.
do $$
begin
  execute format('revoke connect, temporary on database %I from public', current_database());
  execute format('grant connect on database %I to wardkeep_app, wardkeep_worker', current_database());
  revoke create on schema public from public;
  grant usage, create on schema public to wardkeep_owner;
  -- set_config() inside a select would let one statement choose another tenant. Only a superuser may take it away.
  if (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    revoke execute on function pg_catalog.set_config(text, text, boolean) from public;
  end if;
end
$$;

do $$
begin
  if not exists (select from pg_catalog.pg_namespace where nspname = 'tenancy') then
    create schema tenancy authorization wardkeep_owner;
  end if;
end
$$;

-- For exclusion constraints that compare uuids. It is a trusted extension: the owner of the database may create it. It
-- comes with PostgreSQL (contrib).
create extension if not exists btree_gist with schema public;
