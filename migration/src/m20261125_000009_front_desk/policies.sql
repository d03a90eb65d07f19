-- The worker sweeps keys that are over. It sees when, and nothing else.
create policy sweeps_reads on public.idempotency_keys
  for select to wardkeep_worker
  using (true);

create policy sweeps_deletes on public.idempotency_keys
  for delete to wardkeep_worker
  using (expires_at < now() + interval '1 hour');

grant select (id, expires_at), delete on public.idempotency_keys to wardkeep_worker;

create index idempotency_keys_expires_at_idx on public.idempotency_keys (organization_id, expires_at);
