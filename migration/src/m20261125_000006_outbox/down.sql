drop index public."verification_expiresAt_idx";
drop index public."session_expiresAt_idx";
revoke select (id, "expiresAt"), delete on public.session, public.verification from wardkeep_worker;
drop policy sweeps_deletes on public.verification;
drop policy sweeps_reads on public.verification;
drop policy sweeps_deletes on public.session;
drop policy sweeps_reads on public.session;
drop table public.outbox;
