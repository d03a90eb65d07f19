-- The state of a sign-in through a provider is kept as an encrypted value, with addresses of any length in it. A hash index
-- takes values of any length; a b-tree refuses those over 2,704 bytes (PostgreSQL manual, section 64.1.4).
drop index public.verification_value_idx;
create index verification_value_idx on public.verification using hash (value);
