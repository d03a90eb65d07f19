-- Wrong passwords in a row for one user, so that nobody can go on guessing: not by restarting the server, not through
-- a second one. A guess is counted before it is checked. next_at is when the next one may be made; the right password, or
-- a reset by mail, deletes the row.
create table public.password_guesses (
  user_id uuid primary key,
  guesses integer not null,
  next_at timestamptz not null,
  constraint password_guesses_user_id_fkey foreign key (user_id) references public."user" (id) on delete cascade
);

alter table public.password_guesses enable row level security;
alter table public.password_guesses force row level security;

-- Passwords are checked for nobody yet, also those of somebody who is signed in.
create policy credentials on public.password_guesses
  for all to wardkeep_credentials
  using (true)
  with check (true);

grant select, insert, update, delete on public.password_guesses to wardkeep_credentials;

-- A reset or a deletion voids every token of a user, which it finds by this.
create index verification_value_idx on public.verification (value);

-- Who deletes the own account must not leave an organization without an owner. The organizations are locked in the
-- order of their ids, and the owners counted in a statement of its own: in one statement, the count would see what was
-- there before the lock was granted.
create policy lookup_locks on public.organization
  for update to wardkeep_lookup
  using ((select tenancy.current_user_id()) is not null)
  with check (false);

grant update ("updatedAt") on public.organization to wardkeep_lookup;

grant create on schema tenancy to wardkeep_lookup;
set local role wardkeep_lookup;

create function tenancy.lock_organizations_i_alone_own() returns setof uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform
  from public.organization
  where organization.id in (
    select member."organizationId"
    from public.member
    where member."userId" = tenancy.current_user_id()
      and 'owner' in (select btrim(part) from unnest(string_to_array(member.role, ',')) as part)
  )
  order by organization.id
  for no key update;

  return query
  select mine."organizationId"
  from public.member as mine
  where mine."userId" = tenancy.current_user_id()
    and 'owner' in (select btrim(part) from unnest(string_to_array(mine.role, ',')) as part)
    and not exists (
      select
      from public.member as other
      where other."organizationId" = mine."organizationId"
        and other."userId" <> mine."userId"
        and 'owner' in (select btrim(part) from unnest(string_to_array(other.role, ',')) as part)
    );
end
$$;

comment on function tenancy.lock_organizations_i_alone_own() is 'Locks the organizations that the signed-in user owns, and says which of them have no other owner. For wardkeep_identity.';

revoke execute on function tenancy.lock_organizations_i_alone_own() from public;
grant execute on function tenancy.lock_organizations_i_alone_own() to wardkeep_identity;

set local role wardkeep_owner;
revoke create on schema tenancy from wardkeep_lookup;
