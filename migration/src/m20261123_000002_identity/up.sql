-- The core tables of Better Auth 1.7.25, with its column and constraint names.
create table public."user" (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  name text not null,
  email text not null,
  "emailVerified" boolean not null default false,
  image text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  constraint user_email_key unique (email)
);

-- token holds base64url(SHA-256(secret)); only the cookie carries the secret. The active organization and team are
-- hints without a foreign key: they are worth nothing without a member row.
create table public.session (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  "expiresAt" timestamptz not null,
  token text not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  "ipAddress" text,
  "userAgent" text,
  "userId" uuid not null,
  "activeOrganizationId" uuid,
  "activeTeamId" uuid,
  constraint session_token_key unique (token),
  constraint "session_userId_fkey" foreign key ("userId") references public."user" (id) on delete cascade
);

create index "session_userId_idx" on public.session ("userId");

create table public.account (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  "accountId" text not null,
  "providerId" text not null,
  "userId" uuid not null,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  constraint "account_providerId_accountId_key" unique ("providerId", "accountId"),
  constraint "account_userId_fkey" foreign key ("userId") references public."user" (id) on delete cascade
);

create index "account_userId_idx" on public.account ("userId");

-- One-time identifiers, stored as base64url(SHA-256). value is the user's id.
create table public.verification (
  id uuid primary key default pg_catalog.gen_random_uuid(),
  identifier text not null,
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp
);

create index verification_identifier_idx on public.verification (identifier);

alter table public."user" enable row level security;
alter table public."user" force row level security;
alter table public.session enable row level security;
alter table public.session force row level security;
alter table public.account enable row level security;
alter table public.account force row level security;
alter table public.verification enable row level security;
alter table public.verification force row level security;

-- One signed-in user: the own rows.
create policy own_row on public."user"
  for all to wardkeep_identity
  using (id = (select tenancy.current_user_id()))
  with check (id = (select tenancy.current_user_id()));

create policy own_rows on public.session
  for all to wardkeep_identity
  using ("userId" = (select tenancy.current_user_id()))
  with check ("userId" = (select tenancy.current_user_id()));

create policy own_rows on public.account
  for all to wardkeep_identity
  using ("userId" = (select tenancy.current_user_id()))
  with check ("userId" = (select tenancy.current_user_id()));

create policy own_rows on public.verification
  for all to wardkeep_identity
  using (value = (select tenancy.current_user_id())::text)
  with check (value = (select tenancy.current_user_id())::text);

grant select, update, delete on public."user" to wardkeep_identity;
grant select, insert, update, delete on public.session, public.account, public.verification to wardkeep_identity;

-- Nobody yet: sign-up, sign-in, reset and verification look for any address. No organization table, ever.
create policy credentials on public."user"
  for all to wardkeep_credentials
  using (true)
  with check (true);

create policy credentials on public.session
  for all to wardkeep_credentials
  using (true)
  with check (true);

create policy credentials on public.account
  for all to wardkeep_credentials
  using (true)
  with check (true);

create policy credentials on public.verification
  for all to wardkeep_credentials
  using (true)
  with check (true);

grant select, insert, update on public."user" to wardkeep_credentials;
grant select, insert, update, delete on public.session, public.account, public.verification to wardkeep_credentials;

-- The session lookup reads these columns of a session and its user; never a password, and no column that comes later.
create policy lookup_reads on public."user"
  for select to wardkeep_lookup
  using (true);

create policy lookup_reads on public.session
  for select to wardkeep_lookup
  using (true);

grant select (id, name, email, "emailVerified", image, "createdAt", "updatedAt") on public."user" to wardkeep_lookup;
grant select (id, "expiresAt", token, "createdAt", "updatedAt", "ipAddress", "userAgent", "userId", "activeOrganizationId", "activeTeamId")
  on public.session to wardkeep_lookup;

-- For the policy on invitations: the address comes from the own row, never from a setting, where it would be user
-- text in a simple message.
create function tenancy.current_user_email() returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select email from public."user" where id = tenancy.current_user_id());
end
$$;

comment on function tenancy.current_user_email() is 'The address of the signed-in user of this transaction, or null. For wardkeep_identity.';

revoke execute on function tenancy.current_user_email() from public;
grant execute on function tenancy.current_user_email() to wardkeep_identity;
