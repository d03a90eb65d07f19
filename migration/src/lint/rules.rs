//! The rules: what each is called, what to do about a breach, and the catalogue queries that look for it.

/// A rule of the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, as in the queries.
    pub name: &'static str,
    /// What to do about a breach.
    pub remedy: &'static str,
    /// Whether only a superuser can mend it, so that it is an advice to anybody else.
    pub superuser_mends: bool,
}

const fn rule(name: &'static str, remedy: &'static str) -> Rule {
    Rule {
        name,
        remedy,
        superuser_mends: false,
    }
}

/// All rules, in the order of the queries.
pub const RULES: &[Rule] = &[
    // tables.sql
    rule(
        "unclassified-table",
        "add it to CLASSIFICATION in migration/src/lint/classification.rs, or drop it",
    ),
    rule(
        "missing-table",
        "run the pending migrations, or take it out of CLASSIFICATION",
    ),
    rule(
        "row-security",
        "put the table through tenancy::policy::protect, or: alter table … enable row level security, force row level security",
    ),
    rule(
        "organization-column",
        "make it a uuid that is not null: null belongs to nobody and matches no policy",
    ),
    rule(
        "rewrite-rule",
        "drop the rule; write a function or a statement instead",
    ),
    rule(
        "append-only",
        "protect it with tenancy::policy::protect_append_only, and let the function whose body classification.rs names (such as tenancy.refuse_to_change()) fire before update or delete on each row, before insert too where rows are sealed later, and before truncate",
    ),
    // keys.sql
    rule("primary-key", "make it primary key (organization_id, id)"),
    rule(
        "unique-key",
        "put organization_id first into it: unique indexes ignore row security",
    ),
    rule(
        "organization-key",
        "add foreign key (organization_id) references organization (id) on delete cascade",
    ),
    rule(
        "foreign-key-organization",
        "make it foreign key (organization_id, …_id) references … (organization_id, id): foreign keys ignore row security",
    ),
    rule("foreign-key-action", "use restrict or no action"),
    rule(
        "foreign-key-target",
        "keep a plain uuid beside a kept name: such a key deletes records with an account, or forbids deleting it",
    ),
    rule(
        "index-prefix",
        "put organization_id first into it, as every statement asks for one organization",
    ),
    // policies.sql
    rule(
        "policy-missing",
        "put the table through tenancy::policy::protect, or revoke the grant",
    ),
    rule(
        "policy-permissive-twice",
        "drop one, or make it restrictive: permissive policies add up",
    ),
    rule("policy-check", "write with check, even where it repeats using"),
    rule(
        "policy-role",
        "name the one role that it is for, on a table where that role has work to do; never PUBLIC, wardkeep_owner or a login",
    ),
    rule(
        "policy-true",
        "only wardkeep_lookup (select), wardkeep_auditor (select, treatment_sessions), wardkeep_credentials (user, session, account, verification) and wardkeep_worker (its queue, and what it sweeps) see every row",
    ),
    rule(
        "policy-text",
        "let tenancy::policy::protect write it, or pin its text in migration/src/lint/classification.rs",
    ),
    // grants.sql
    rule(
        "grant-public",
        "revoke it from PUBLIC and grant it to the role that needs it",
    ),
    rule("grant-unfenced", "revoke it: row security does not cover it"),
    rule(
        "grant-option",
        "revoke grant option for it: only the owner grants",
    ),
    rule(
        "grant-secret",
        "revoke it: a tenant reads id, name, email and image of its members, nothing else of theirs",
    ),
    rule(
        "grant-place",
        "revoke it: the login holds nothing itself, sign-in stays with its tables, the lookup reads single columns, no password and nothing clinical, the auditor reads single columns of notes and sessions, the worker deletes sessions, verifications and idempotency keys by expiry and reads its queue, into which others only insert",
    ),
    rule("grant-create", "revoke it: only wardkeep_owner makes objects"),
    rule(
        "grant-default",
        "alter default privileges … revoke: each grant is written out where the table is made",
    ),
    // functions.sql
    rule(
        "definer-owner",
        "make it as wardkeep_lookup, which reads exactly what such functions need",
    ),
    rule("definer-search-path", "set search_path = pg_catalog, pg_temp"),
    rule("function-owner", "make it as wardkeep_owner"),
    rule(
        "function-leakproof",
        "alter function … not leakproof: only PostgreSQL's own functions are known to be",
    ),
    // views.sql
    rule("view-invoker", "create it with (security_invoker = true)"),
    rule(
        "materialized-view",
        "drop it; keep such rows in a protected table",
    ),
    // roles.sql
    rule("role-missing", "run migrate up, which makes the roles"),
    rule(
        "role-attribute",
        "alter role … nosuperuser nobypassrls nocreaterole nocreatedb noreplication noinherit, and login for the two logins alone",
    ),
    rule(
        "role-membership",
        "wardkeep_app becomes authenticated, wardkeep_identity and wardkeep_credentials, without inherit and admin; nobody else is a member of anything",
    ),
    rule(
        "role-stranger",
        "revoke the membership: only the application's login and the owner of the database become these roles",
    ),
    rule(
        "ownership",
        "give it to wardkeep_owner: owners pass their own grants; only definer functions belong to wardkeep_lookup",
    ),
    rule(
        "login-timeout",
        "alter role … set it: a cancelled query goes on at the server until one of these ends it",
    ),
    rule(
        "role-setting",
        "alter … reset it: only a scope sets it, for one transaction",
    ),
    // database.sql
    rule(
        "database-public",
        "run migrate up again, or fence_database: creating from a template and a restore give it back",
    ),
    Rule {
        name: "set-config",
        remedy: "as a superuser, in this database: revoke execute on function pg_catalog.set_config(text, text, boolean) from it",
        superuser_mends: true,
    },
    rule("parameter-grant", "revoke it"),
];

/// Whether the schema is there, and whether the login is a superuser.
pub(super) const STATE: &str = "select pg_catalog.to_regclass('public.seaql_migrations') is not null, \
     coalesce((select rolsuper from pg_catalog.pg_roles where rolname = session_user), false)";

/// Each answers rows of rule, object and detail. The values are those of `classification::values`.
pub(super) const QUERIES: &[&str] = &[
    concat!(include_str!("prelude.sql"), include_str!("tables.sql")),
    concat!(include_str!("prelude.sql"), include_str!("keys.sql")),
    concat!(include_str!("prelude.sql"), include_str!("policies.sql")),
    concat!(include_str!("prelude.sql"), include_str!("grants.sql")),
    concat!(include_str!("prelude.sql"), include_str!("functions.sql")),
    concat!(include_str!("prelude.sql"), include_str!("views.sql")),
    concat!(include_str!("prelude.sql"), include_str!("roles.sql")),
    concat!(include_str!("prelude.sql"), include_str!("database.sql")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_stands_in_a_query_and_has_a_name_of_its_own() {
        for (position, rule) in RULES.iter().enumerate() {
            assert!(
                QUERIES
                    .iter()
                    .any(|query| query.contains(&format!("'{}'", rule.name))),
                "no query looks for {}",
                rule.name
            );
            assert!(
                RULES[..position].iter().all(|other| other.name != rule.name),
                "{}",
                rule.name
            );
        }
    }
}
