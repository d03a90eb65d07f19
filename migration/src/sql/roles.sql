-- The roles of Wardkeep. They belong to the cluster, not to a database, so several databases and several
-- migrators share them: a role that exists already is not an error. The logins get no password here: an
-- operator gives them one (`alter role wardkeep_app password '…'`).
do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (values
      ('wardkeep_owner', false),
      ('authenticated', false),
      ('wardkeep_identity', false),
      ('wardkeep_credentials', false),
      ('wardkeep_lookup', false),
      ('wardkeep_auditor', false),
      ('wardkeep_app', true),
      ('wardkeep_worker', true)
    ) as roles (name, login)
  loop
    if exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      continue;
    end if;
    begin
      execute format('create role %I noinherit %s', wanted.name, case when wanted.login then 'login' else 'nologin' end);
      if wanted.login then
        -- A cancelled query goes on at the server until one of these ends it.
        execute format('alter role %I set statement_timeout = %L', wanted.name, '30s');
        execute format('alter role %I set idle_in_transaction_session_timeout = %L', wanted.name, '30s');
        execute format('alter role %I set client_connection_check_interval = %L', wanted.name, '5s');
      end if;
    exception when duplicate_object or unique_violation then
      null;
    end;
  end loop;
end
$$;

-- What the application's login may become, and what the migrator must become. A superuser needs no membership.
do $$
declare
  wanted record;
begin
  for wanted in
    select role, member
    from (values
      ('authenticated', 'wardkeep_app'),
      ('wardkeep_identity', 'wardkeep_app'),
      ('wardkeep_credentials', 'wardkeep_app'),
      ('wardkeep_owner', session_user::text),
      ('wardkeep_lookup', session_user::text),
      ('wardkeep_auditor', session_user::text)
    ) as memberships (role, member)
    where member <> session_user::text
      or not (select rolsuper from pg_catalog.pg_roles where rolname = session_user)
  loop
    if exists (
      select
      from pg_catalog.pg_auth_members
      where roleid = wanted.role::regrole
        and pg_auth_members.member = quote_ident(wanted.member)::regrole
        and coalesce((to_jsonb(pg_auth_members) ->> 'set_option')::boolean, true)
    ) then
      continue;
    end if;
    begin
      execute format('grant %I to %I', wanted.role, wanted.member);
    exception
      when internal_error or unique_violation then
        -- Another migrator wrote the same row at the same moment ("tuple concurrently updated", or a duplicate key).
        null;
      when insufficient_privilege or invalid_grant_operation then
        raise exception 'role "%" exists but "%" may not become it', wanted.role, wanted.member
          using errcode = 'insufficient_privilege',
            hint = format('as a superuser, or as the login that made the roles: grant %I to %I with admin option', wanted.role, wanted.member);
    end;
  end loop;
end
$$;
