-- Mails that wait to be sent: queued in the transaction that needs them, sent by the worker afterwards. content is
-- encrypted under a key that the database does not have, and is blanked once the mail was sent or given up.
create table public.outbox (
  id uuid primary key,
  content bytea,
  created_at timestamptz not null,
  next_attempt_at timestamptz not null,
  attempts integer not null default 0,
  sent_at timestamptz,
  given_up_at timestamptz,
  constraint outbox_attempts_check check (attempts >= 0),
  constraint outbox_end_check check (sent_at is null or given_up_at is null),
  constraint outbox_content_check check ((content is null) = (sent_at is not null or given_up_at is not null))
);

-- Ciphertext does not compress.
alter table public.outbox alter column content set storage external;

create index outbox_due_idx on public.outbox (next_attempt_at) where content is not null;
create index outbox_ended_idx on public.outbox ((coalesce(sent_at, given_up_at))) where content is null;

alter table public.outbox enable row level security;
alter table public.outbox force row level security;

-- Who queues a mail sees none, not even the own one: insert without returning.
create policy queues on public.outbox
  for insert to wardkeep_credentials
  with check (attempts = 0 and sent_at is null and given_up_at is null);

create policy own_queues on public.outbox
  for insert to wardkeep_identity
  with check (attempts = 0 and sent_at is null and given_up_at is null);

create policy works on public.outbox
  for all to wardkeep_worker
  using (true)
  with check (true);

grant insert on public.outbox to wardkeep_credentials, wardkeep_identity;
grant select, update, delete on public.outbox to wardkeep_worker;

-- The worker sweeps what is over. It sees when, and nothing else: no token, no identifier, no user; and it can delete
-- nothing that is not over, but for the hour by which the clocks of two machines may differ.
create policy sweeps_reads on public.session
  for select to wardkeep_worker
  using (true);

create policy sweeps_deletes on public.session
  for delete to wardkeep_worker
  using ("expiresAt" < now() + interval '1 hour');

create policy sweeps_reads on public.verification
  for select to wardkeep_worker
  using (true);

create policy sweeps_deletes on public.verification
  for delete to wardkeep_worker
  using ("expiresAt" < now() + interval '1 hour');

grant select (id, "expiresAt"), delete on public.session, public.verification to wardkeep_worker;

create index "session_expiresAt_idx" on public.session ("expiresAt");
create index "verification_expiresAt_idx" on public.verification ("expiresAt");
