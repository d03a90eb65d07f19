-- Outside a tenant, one signed-in user sees the own memberships and the invitations to the own address. The
-- organizations and teams themselves come from definer functions.
create policy own_rows on public.member
  for select to wardkeep_identity
  using ("userId" = (select tenancy.current_user_id()));

create policy own_rows on public."teamMember"
  for select to wardkeep_identity
  using ("userId" = (select tenancy.current_user_id()));

create policy own_rows on public.invitation
  for select to wardkeep_identity
  using (email = (select tenancy.current_user_email()));

grant select on public.member, public."teamMember", public.invitation to wardkeep_identity;

-- Profiles of fellow members. The only policy that reads a table; exists, because in was five times slower.
create policy fellow_members on public."user"
  for select to authenticated
  using (
    exists (
      select
      from public.member
      where member."userId" = "user".id
        and member."organizationId" = (select tenancy.organization())
    )
  );

grant select (id, name, email, image) on public."user" to authenticated;

create policy lookup_reads on public.organization
  for select to wardkeep_lookup
  using (true);

create policy lookup_reads on public.member
  for select to wardkeep_lookup
  using (true);

create policy lookup_reads on public."organizationRole"
  for select to wardkeep_lookup
  using (true);

grant select (id, name, slug, logo, metadata, settings, "createdAt", "updatedAt") on public.organization to wardkeep_lookup;
grant select (id, "organizationId", "userId", role, "createdAt") on public.member to wardkeep_lookup;
grant select ("organizationId", role, permission) on public."organizationRole" to wardkeep_lookup;
