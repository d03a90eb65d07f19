set local role wardkeep_lookup;
drop function tenancy.organization_of_slug(text);
drop function tenancy.my_organizations();
drop function tenancy.find_session(text, uuid);
set local role wardkeep_owner;
