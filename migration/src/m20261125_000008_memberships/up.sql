-- Who invites somebody queues a mail in the transaction of the organization, and sees none.
create policy tenant_queues on public.outbox
  for insert to authenticated
  with check (attempts = 0 and sent_at is null and given_up_at is null);

grant insert on public.outbox to authenticated;

-- What the lookups below read beside what earlier ones read.
create policy lookup_reads on public.invitation
  for select to wardkeep_lookup
  using (true);

create policy lookup_reads on public.team
  for select to wardkeep_lookup
  using (true);

create policy lookup_reads on public."teamMember"
  for select to wardkeep_lookup
  using (true);

grant select (id, "organizationId", email, role, "teamId", status, "expiresAt", "createdAt", "inviterId")
  on public.invitation to wardkeep_lookup;
grant select (id, name, "memberCount", "organizationId", "createdAt", "updatedAt") on public.team to wardkeep_lookup;
grant select ("teamId", "userId", "createdAt") on public."teamMember" to wardkeep_lookup;

-- For the function below that holds the signed-in user: a lock needs an update policy, or it locks nothing.
create policy lookup_locks on public."user"
  for update to wardkeep_lookup
  using (id = (select tenancy.current_user_id()))
  with check (false);

grant update ("updatedAt") on public."user" to wardkeep_lookup;

-- What a clinic has recorded does not go with the clinic: those rows leave by an export alone. A table of records is one
-- whose column organization_id refers to the organization, so that a new table is one without being named here; the
-- tables of members and teams have "organizationId". The function is volatile: it must see what was committed while
-- the deletion waited for the row. It reads as the caller, who sees the rows of the own organization.
create function tenancy.refuse_to_delete_records() returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  records regclass;
  found_one boolean;
begin
  for records in
    select pg_constraint.conrelid
    from pg_constraint
    join pg_attribute
      on pg_attribute.attrelid = pg_constraint.conrelid
      and pg_attribute.attnum = pg_constraint.conkey[1]
    where pg_constraint.contype = 'f'
      and pg_constraint.confrelid = tg_relid
      and array_length(pg_constraint.conkey, 1) = 1
      and pg_attribute.attname = 'organization_id'
    order by pg_constraint.conrelid
  loop
    execute format('select exists (select from %s where organization_id = $1)', records) into found_one using old.id;
    if found_one then
      raise exception using
        errcode = 'foreign_key_violation',
        constraint = 'organization_has_records',
        message = 'the organization has records';
    end if;
  end loop;
  return old;
end
$$;

revoke execute on function tenancy.refuse_to_delete_records() from public;

create trigger refuse_to_delete_records
  before delete on public.organization
  for each row execute function tenancy.refuse_to_delete_records();

grant create on schema tenancy to wardkeep_lookup;
set local role wardkeep_lookup;

-- The lookup of a session, of which the older form without asked_by stays for servers of the last release. What is asked
-- for is 'active', the session's active organization, or the organization of this id ('organization'), of this slug, of
-- the team or invitation of this id, or of the session's active team ('active team'). a_organizationId is the organization
-- asked for by one of the latter, null if there is none: whether the user is a member of it says m_id.
create function tenancy.find_session(session_token text, asked_by text, asked text)
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
  "a_organizationId" uuid,
  "m_id" uuid,
  "m_organizationId" uuid,
  "m_role" text,
  "m_createdAt" timestamptz,
  dynamic_roles jsonb
)
language plpgsql stable security definer rows 1
set search_path = pg_catalog, pg_temp
as $$
declare
  asked_organization uuid;
begin
  if asked_by <> 'active' then
    asked_organization := case asked_by
      when 'organization' then (select organization.id from public.organization where organization.id = asked::uuid)
      when 'slug' then (select organization.id from public.organization where organization.slug = asked)
      when 'team' then (select team."organizationId" from public.team where team.id = asked::uuid)
      when 'active team' then (
        select team."organizationId"
        from public.session
        join public.team on team.id = session."activeTeamId"
        where session.token = session_token
      )
      when 'invitation' then (select invitation."organizationId" from public.invitation where invitation.id = asked::uuid)
    end;
  end if;

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
    asked_organization,
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
    on member."organizationId" = case when asked_by = 'active' then session."activeOrganizationId" else asked_organization end
    and member."userId" = session."userId"
  where session.token = session_token;
end
$$;

comment on function tenancy.find_session(text, text, text) is 'Session, user and membership behind a session token (its SHA-256). For wardkeep_app.';

revoke execute on function tenancy.find_session(text, text, text) from public;
grant execute on function tenancy.find_session(text, text, text) to wardkeep_app;

create function tenancy.my_teams()
returns table (
  id uuid,
  name text,
  "memberCount" integer,
  "organizationId" uuid,
  "createdAt" timestamptz,
  "updatedAt" timestamptz
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select team.id, team.name, team."memberCount", team."organizationId", team."createdAt", team."updatedAt"
  from public."teamMember"
  join public.team on team.id = "teamMember"."teamId"
  where "teamMember"."userId" = tenancy.current_user_id()
  order by "teamMember"."createdAt", team.id;
end
$$;

comment on function tenancy.my_teams() is 'The teams of the signed-in user, in all organizations. For wardkeep_identity.';

revoke execute on function tenancy.my_teams() from public;
grant execute on function tenancy.my_teams() to wardkeep_identity;

create function tenancy.my_invitations()
returns table (
  id uuid,
  "organizationId" uuid,
  email text,
  role text,
  "teamId" text,
  status text,
  "expiresAt" timestamptz,
  "createdAt" timestamptz,
  "inviterId" uuid,
  "organizationName" text
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select
    invitation.id,
    invitation."organizationId",
    invitation.email,
    invitation.role,
    invitation."teamId",
    invitation.status,
    invitation."expiresAt",
    invitation."createdAt",
    invitation."inviterId",
    organization.name
  from public.invitation
  join public.organization on organization.id = invitation."organizationId"
  where invitation.email = (select "user".email from public."user" where "user".id = tenancy.current_user_id())
    and invitation.status = 'pending'
  order by invitation."createdAt", invitation.id;
end
$$;

comment on function tenancy.my_invitations() is 'The invitations to the address of the signed-in user that wait for an answer, with the names of their organizations. For wardkeep_identity.';

revoke execute on function tenancy.my_invitations() from public;
grant execute on function tenancy.my_invitations() to wardkeep_identity;

-- The id of an invitation is what its link holds: whoever has it may know what the mail says. mine says whether it went to
-- the signed-in user's address; "inviterEmail" is null once the inviter is a member no more.
create function tenancy.invitation_card(asked_invitation uuid)
returns table (
  id uuid,
  "organizationId" uuid,
  email text,
  role text,
  "teamId" text,
  status text,
  "expiresAt" timestamptz,
  "createdAt" timestamptz,
  "inviterId" uuid,
  "organizationName" text,
  "organizationSlug" text,
  "inviterName" text,
  "inviterEmail" text,
  mine boolean
)
language plpgsql stable security definer rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select
    invitation.id,
    invitation."organizationId",
    invitation.email,
    invitation.role,
    invitation."teamId",
    invitation.status,
    invitation."expiresAt",
    invitation."createdAt",
    invitation."inviterId",
    organization.name,
    organization.slug,
    inviter.name,
    inviter.email,
    invitation.email is not distinct from (
      select "user".email from public."user" where "user".id = tenancy.current_user_id()
    )
  from public.invitation
  join public.organization on organization.id = invitation."organizationId"
  left join public.member
    on member."organizationId" = invitation."organizationId"
    and member."userId" = invitation."inviterId"
  left join public."user" as inviter on inviter.id = member."userId"
  where invitation.id = asked_invitation;
end
$$;

comment on function tenancy.invitation_card(uuid) is 'An invitation by the id that its link holds, with the names in it. For wardkeep_identity, and for wardkeep_credentials: who opens the link may have no account yet.';

revoke execute on function tenancy.invitation_card(uuid) from public;
grant execute on function tenancy.invitation_card(uuid) to wardkeep_identity, wardkeep_credentials;

-- Who accepts an invitation enters an organization without being a member of it. The organization is locked, so that its
-- members can be counted afterwards, and the invitation looked at in a statement of its own: in one statement, it
-- would be what it was before the lock was granted.
create function tenancy.lock_inviting_organization(asked_invitation uuid) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from public.organization
  where organization.id = (
    select invitation."organizationId"
    from public.invitation
    where invitation.id = asked_invitation
      and invitation.email = (select "user".email from public."user" where "user".id = tenancy.current_user_id())
  )
  for no key update;

  return (
    select invitation."organizationId"
    from public.invitation
    where invitation.id = asked_invitation
      and invitation.status = 'pending'
      and invitation.email = (select "user".email from public."user" where "user".id = tenancy.current_user_id())
  );
end
$$;

comment on function tenancy.lock_inviting_organization(uuid) is 'Locks the organization of a pending invitation to the signed-in user''s address, and says which it is. For wardkeep_identity.';

revoke execute on function tenancy.lock_inviting_organization(uuid) from public;
grant execute on function tenancy.lock_inviting_organization(uuid) to wardkeep_identity;

-- Who makes a row that refers to the user keeps the user from being deleted, before anything else is locked: a deletion
-- takes the user first, and then the organizations. An insert alone would lock the user last.
create function tenancy.hold_current_user() returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from public."user"
  where "user".id = tenancy.current_user_id()
  for key share;
end
$$;

comment on function tenancy.hold_current_user() is 'Keeps the signed-in user from being deleted until the transaction ends. For authenticated, which sees no more of a user than a profile.';

revoke execute on function tenancy.hold_current_user() from public;
grant execute on function tenancy.hold_current_user() to authenticated;

set local role wardkeep_owner;
revoke create on schema tenancy from wardkeep_lookup;
