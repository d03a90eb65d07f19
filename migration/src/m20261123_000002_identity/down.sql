drop function tenancy.current_user_email();
drop table public.verification;
drop table public.account;
drop table public.session;
drop table public."user";
