set local role wardkeep_lookup;
drop function tenancy.lock_organizations_i_alone_own();
set local role wardkeep_owner;
revoke update ("updatedAt") on public.organization from wardkeep_lookup;
drop policy lookup_locks on public.organization;
drop index public.verification_value_idx;
drop table public.password_guesses;
