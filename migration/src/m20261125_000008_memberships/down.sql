set local role wardkeep_lookup;
drop function tenancy.lock_inviting_organization(uuid);
drop function tenancy.invitation_card(uuid);
drop function tenancy.my_invitations();
drop function tenancy.my_teams();
drop function tenancy.find_session(text, text, text);
set local role wardkeep_owner;
drop trigger refuse_to_delete_records on public.organization;
drop function tenancy.refuse_to_delete_records();
revoke select ("teamId", "userId", "createdAt") on public."teamMember" from wardkeep_lookup;
revoke select (id, name, "memberCount", "organizationId", "createdAt", "updatedAt") on public.team from wardkeep_lookup;
revoke select (id, "organizationId", email, role, "teamId", status, "expiresAt", "createdAt", "inviterId")
  on public.invitation from wardkeep_lookup;
drop policy lookup_reads on public."teamMember";
drop policy lookup_reads on public.team;
drop policy lookup_reads on public.invitation;
revoke insert on public.outbox from authenticated;
drop policy tenant_queues on public.outbox;
