//! Whose rows each table holds, and the policies that are not written by `tenancy::policy::protect`.

use sea_orm::Value;
use serde_json::json;
use wardkeep_tenancy::policy::{TENANT_ROLE, tenant_expression};

/// Whose rows a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Clinical rows of one organization: every key contains the organization.
    Tenant,
    /// Better Auth's tables: users, sessions and accounts, and organizations and what belongs to them. The latter have
    /// a column that holds the organization, and its policy.
    Identity,
    /// What is put down for the worker: others only insert, and only the worker reads.
    Queue,
    /// Nobody's rows.
    Global,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Identity => "identity",
            Self::Queue => "queue",
            Self::Global => "global",
        }
    }
}

/// How rows are kept from being changed. Each names the body of the function, on one line, whose triggers refuse whoever
/// still could.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// Not at all.
    Never,
    /// Rows are written once: nobody may change or delete one.
    Written(&'static str),
    /// Rows can be changed until they are sealed.
    Sealed(&'static str),
}

/// A table of schema `public` and whose rows it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classified {
    /// The table's name.
    pub table: &'static str,
    /// Whose rows it holds.
    pub class: Class,
    /// The column that holds the organization, where its rows belong to one.
    pub organization: Option<&'static str>,
    /// How its rows are kept from being changed.
    pub fixed: Fixed,
}

/// Every table of Wardkeep. A migration that adds a table adds it here.
pub const CLASSIFICATION: &[Classified] = &[
    tenant("patients"),
    tenant("patient_words"),
    tenant("patient_phones"),
    tenant("patient_identifiers"),
    tenant("rooms"),
    tenant("working_hours"),
    tenant("absences"),
    tenant("appointments"),
    tenant("treatments"),
    tenant("medical_records"),
    tenant("treatment_sessions"),
    Classified {
        fixed: Fixed::Sealed(SIGNED),
        ..tenant("clinical_notes")
    },
    Classified {
        fixed: Fixed::Written(WRITTEN),
        ..tenant("clinical_note_versions")
    },
    tenant("medical_record_chunks"),
    Classified {
        fixed: Fixed::Written(AUDIT),
        ..tenant("audit_events")
    },
    tenant("idempotency_keys"),
    identity("user", None),
    identity("session", None),
    identity("account", None),
    identity("verification", None),
    identity("password_guesses", None),
    identity("organization", Some("id")),
    identity("member", Some("organizationId")),
    identity("invitation", Some("organizationId")),
    identity("team", Some("organizationId")),
    identity("teamMember", Some("organizationId")),
    identity("organizationRole", Some("organizationId")),
    Classified {
        table: "outbox",
        class: Class::Queue,
        organization: None,
        fixed: Fixed::Never,
    },
    Classified {
        table: "seaql_migrations",
        class: Class::Global,
        organization: None,
        fixed: Fixed::Never,
    },
];

const fn tenant(table: &'static str) -> Classified {
    Classified {
        table,
        class: Class::Tenant,
        organization: Some("organization_id"),
        fixed: Fixed::Never,
    }
}

const fn identity(table: &'static str, organization: Option<&'static str>) -> Classified {
    Classified {
        table,
        class: Class::Identity,
        organization,
        fixed: Fixed::Never,
    }
}

/// A policy of a table that is allowed for one role, by its text as PostgreSQL prints it with the search path
/// `pg_catalog`, on one line.
struct Pinned {
    table: &'static str,
    role: &'static str,
    expression: &'static str,
}

const OWN_USER: &str = r#"("userId" = ( SELECT tenancy.current_user_id() AS current_user_id))"#;

/// A mail is queued as one that nobody has tried to send.
const UNSENT: &str = "((attempts = 0) AND (sent_at IS NULL) AND (given_up_at IS NULL))";

/// Beside the tenant policy: the profiles of fellow members (the one policy that reads a table), the rows of the one
/// signed-in user, what is queued, and the notes whose signatures are verified.
const PINNED: &[Pinned] = &[
    Pinned {
        table: "user",
        role: TENANT_ROLE,
        expression: r#"(EXISTS ( SELECT FROM public.member WHERE ((member."userId" = "user".id) AND (member."organizationId" = ( SELECT tenancy.organization() AS organization)))))"#,
    },
    own(
        "user",
        "(id = ( SELECT tenancy.current_user_id() AS current_user_id))",
    ),
    own("session", OWN_USER),
    own("account", OWN_USER),
    own("member", OWN_USER),
    own("teamMember", OWN_USER),
    own(
        "verification",
        "(value = (( SELECT tenancy.current_user_id() AS current_user_id))::text)",
    ),
    own(
        "invitation",
        "(email = ( SELECT tenancy.current_user_email() AS current_user_email))",
    ),
    own("outbox", UNSENT),
    Pinned {
        table: "outbox",
        role: "wardkeep_credentials",
        expression: UNSENT,
    },
    Pinned {
        table: "outbox",
        role: TENANT_ROLE,
        expression: UNSENT,
    },
    Pinned {
        table: "clinical_notes",
        role: "wardkeep_auditor",
        expression: "(signed_at IS NOT NULL)",
    },
];

const fn own(table: &'static str, expression: &'static str) -> Pinned {
    Pinned {
        table,
        role: "wardkeep_identity",
        expression,
    }
}

const AUDIT: &str = "begin raise exception using errcode = 'insufficient_privilege', \
     message = format('audit events are never changed: %s refused', lower(tg_op)); end";

const WRITTEN: &str = "begin raise exception using errcode = 'insufficient_privilege', \
     message = format('%s are never changed: %s refused', replace(tg_table_name, '_', ' '), lower(tg_op)); end";

/// A note is signed after it was written, and as it is from then on.
const SIGNED: &str = "begin \
     if tg_op = 'INSERT' and new.signed_at is null then return new; end if; \
     if tg_op = 'UPDATE' and old.signed_at is null then return new; end if; \
     if tg_op = 'DELETE' and old.signed_at is null then return old; end if; \
     raise exception using errcode = 'insufficient_privilege', constraint = 'clinical_notes_signed', \
     message = format('signed notes are never changed: %s refused', lower(tg_op)); end";

/// The roles of Wardkeep, and whether they log in.
const ROLES: &[(&str, bool)] = &[
    ("wardkeep_owner", false),
    (TENANT_ROLE, false),
    ("wardkeep_identity", false),
    ("wardkeep_credentials", false),
    ("wardkeep_lookup", false),
    ("wardkeep_auditor", false),
    ("wardkeep_app", true),
    ("wardkeep_worker", true),
];

/// The values of `prelude.sql`, in its order.
pub(super) fn values() -> [Value; 3] {
    let classified = CLASSIFICATION.iter().map(|classified| {
        let (refusal, seal) = match classified.fixed {
            Fixed::Never => (None, None),
            Fixed::Written(body) => (Some(body), None),
            Fixed::Sealed(body) => (None, Some(body)),
        };
        json!({
            "name": classified.table,
            "class": classified.class.name(),
            "organization": classified.organization,
            "expression": classified.organization.map(tenant_expression),
            "refusal": refusal,
            "seal": seal,
        })
    });
    let pinned = PINNED
        .iter()
        .map(|pinned| json!({"name": pinned.table, "role": pinned.role, "expression": pinned.expression}));
    let roles = ROLES
        .iter()
        .map(|(name, login)| json!({"name": name, "login": login}));
    [
        serde_json::Value::from_iter(classified),
        serde_json::Value::from_iter(pinned),
        serde_json::Value::from_iter(roles),
    ]
    .map(Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_classified_once() {
        let mut names: Vec<_> = CLASSIFICATION.iter().map(|classified| classified.table).collect();
        names.sort_unstable();
        names.dedup();

        assert_eq!(names.len(), CLASSIFICATION.len());
    }
}
