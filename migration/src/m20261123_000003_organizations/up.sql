-- The tables of Better Auth's organization plugin (teams and dynamic access control), with its column names; settings
-- and updatedAt are the seed's, beside them. Stricter than the original: one member per user, one role per name.
create table public.organization (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  name text not null,
  slug text not null,
  logo text,
  metadata text,
  settings jsonb not null default '{}',
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  constraint organization_slug_key unique (slug)
);

create table public.member (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  "organizationId" uuid not null,
  "userId" uuid not null,
  role text not null default 'member',
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  constraint "member_organizationId_userId_key" unique ("organizationId", "userId"),
  constraint "member_organizationId_fkey" foreign key ("organizationId") references public.organization (id) on delete cascade,
  constraint "member_userId_fkey" foreign key ("userId") references public."user" (id) on delete cascade
);

create index "member_userId_idx" on public.member ("userId");

-- teamId holds several ids, comma-separated, as Better Auth 1.7 keeps them: no foreign key.
create table public.invitation (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  "organizationId" uuid not null,
  email text not null,
  role text default 'member',
  "teamId" text,
  status text not null default 'pending',
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  "inviterId" uuid not null,
  constraint "invitation_organizationId_fkey" foreign key ("organizationId") references public.organization (id) on delete cascade,
  constraint "invitation_inviterId_fkey" foreign key ("inviterId") references public."user" (id) on delete cascade
);

create index "invitation_organizationId_idx" on public.invitation ("organizationId");
create index invitation_email_idx on public.invitation (email);
create index "invitation_inviterId_idx" on public.invitation ("inviterId");

create table public.team (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  name text not null,
  "memberCount" integer not null default 0,
  "organizationId" uuid not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz,
  constraint "team_organizationId_id_key" unique ("organizationId", id),
  constraint "team_organizationId_fkey" foreign key ("organizationId") references public.organization (id) on delete cascade
);

-- The organization is filled in from the team, so that the keys below can contain it: removing a member, or a
-- team, removes its team rows.
create table public."teamMember" (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  "teamId" uuid not null,
  "userId" uuid not null,
  "membershipKey" text,
  "organizationId" uuid not null default tenancy.organization(),
  "createdAt" timestamptz default current_timestamp,
  constraint "teamMember_membershipKey_key" unique ("membershipKey"),
  constraint "teamMember_organizationId_fkey" foreign key ("organizationId") references public.organization (id) on delete cascade,
  constraint "teamMember_teamId_fkey" foreign key ("organizationId", "teamId") references public.team ("organizationId", id) on delete cascade,
  constraint "teamMember_userId_fkey" foreign key ("organizationId", "userId") references public.member ("organizationId", "userId") on delete cascade
);

create unique index "teamMember_organizationId_teamId_userId_idx" on public."teamMember" ("organizationId", "teamId", "userId");
create index "teamMember_organizationId_userId_idx" on public."teamMember" ("organizationId", "userId");
create index "teamMember_userId_idx" on public."teamMember" ("userId");

create function tenancy.team_member_organization() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  new."organizationId" := (select "organizationId" from public.team where id = new."teamId");
  return new;
end
$$;

revoke execute on function tenancy.team_member_organization() from public;

create trigger team_member_organization
  before insert or update of "teamId" on public."teamMember"
  for each row execute function tenancy.team_member_organization();

create table public."organizationRole" (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  "organizationId" uuid not null,
  role text not null,
  permission text not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz,
  constraint "organizationRole_organizationId_role_key" unique ("organizationId", role),
  constraint "organizationRole_organizationId_fkey" foreign key ("organizationId") references public.organization (id) on delete cascade
);
