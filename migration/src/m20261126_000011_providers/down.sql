-- States, which live for minutes, are too long for the index as it was. Every other value is the id of a user.
delete from public.verification where length(value) > 36;
drop index public.verification_value_idx;
create index verification_value_idx on public.verification (value);
