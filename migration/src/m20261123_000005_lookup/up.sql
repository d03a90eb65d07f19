-- Definer functions: the few questions that are asked from outside a tenant. Each belongs to wardkeep_lookup, which
-- may read exactly the columns they need; each takes the user from the transaction, never from a parameter, but
-- for find_session, which is how a user becomes known.
grant create on schema tenancy to wardkeep_lookup;
set local role wardkeep_lookup;

-- A cookie becomes a session, its user, and the membership in the asked organization, or else in the active one: null
-- where the user is no member of it. dynamic_roles are the roles made at run time that the member holds;
-- permission is text as stored. Expiry is the caller's to check: time is a value.
create function tenancy.find_session(session_token text, asked_organization uuid)
returns table (
  "s_id" uuid,
  "s_expiresAt" timestamptz,
  "s_token" text,
  "s_createdAt" timestamptz,
  "s_updatedAt" timestamptz,
  "s_ipAddress" text,
  "s_userAgent" text,
  "s_userId" uuid,
  "s_activeOrganizationId" uuid,
  "s_activeTeamId" uuid,
  "u_id" uuid,
  "u_name" text,
  "u_email" text,
  "u_emailVerified" boolean,
  "u_image" text,
  "u_createdAt" timestamptz,
  "u_updatedAt" timestamptz,
  "m_id" uuid,
  "m_organizationId" uuid,
  "m_role" text,
  "m_createdAt" timestamptz,
  dynamic_roles jsonb
)
language plpgsql stable security definer rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select
    session.id,
    session."expiresAt",
    session.token,
    session."createdAt",
    session."updatedAt",
    session."ipAddress",
    session."userAgent",
    session."userId",
    session."activeOrganizationId",
    session."activeTeamId",
    "user".id,
    "user".name,
    "user".email,
    "user"."emailVerified",
    "user".image,
    "user"."createdAt",
    "user"."updatedAt",
    member.id,
    member."organizationId",
    member.role,
    member."createdAt",
    (
      select coalesce(
        jsonb_agg(jsonb_build_object('role', "organizationRole".role, 'permission', "organizationRole".permission)),
        '[]'
      )
      from public."organizationRole"
      where "organizationRole"."organizationId" = member."organizationId"
        and "organizationRole".role in (select btrim(part) from unnest(string_to_array(member.role, ',')) as part)
    )
  from public.session
  join public."user" on "user".id = session."userId"
  left join public.member
    on member."organizationId" = coalesce(asked_organization, session."activeOrganizationId")
    and member."userId" = session."userId"
  where session.token = session_token;
end
$$;

comment on function tenancy.find_session(text, uuid) is 'Session, user and membership behind a session token (its SHA-256). For wardkeep_app.';

revoke execute on function tenancy.find_session(text, uuid) from public;
grant execute on function tenancy.find_session(text, uuid) to wardkeep_app;

create function tenancy.my_organizations()
returns table (
  id uuid,
  name text,
  slug text,
  logo text,
  metadata text,
  settings jsonb,
  "createdAt" timestamptz,
  "updatedAt" timestamptz
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select
    organization.id,
    organization.name,
    organization.slug,
    organization.logo,
    organization.metadata,
    organization.settings,
    organization."createdAt",
    organization."updatedAt"
  from public.member
  join public.organization on organization.id = member."organizationId"
  where member."userId" = tenancy.current_user_id()
  order by member."createdAt", organization.id;
end
$$;

comment on function tenancy.my_organizations() is 'The organizations of the signed-in user. For wardkeep_identity.';

revoke execute on function tenancy.my_organizations() from public;
grant execute on function tenancy.my_organizations() to wardkeep_identity;

create function tenancy.organization_of_slug(asked_slug text) returns uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select organization.id from public.organization where organization.slug = asked_slug);
end
$$;

comment on function tenancy.organization_of_slug(text) is 'The organization that has this slug, or null. For wardkeep_identity.';

revoke execute on function tenancy.organization_of_slug(text) from public;
grant execute on function tenancy.organization_of_slug(text) to wardkeep_identity;

set local role wardkeep_owner;
revoke create on schema tenancy from wardkeep_lookup;
