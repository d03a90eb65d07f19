drop policy fellow_members on public."user";
revoke select (id, name, email, image) on public."user" from authenticated;
drop table public."organizationRole";
drop table public."teamMember";
drop function tenancy.team_member_organization();
drop table public.team;
drop table public.invitation;
drop table public.member;
drop table public.organization;
