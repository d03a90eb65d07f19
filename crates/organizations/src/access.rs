//! Who may do what in an organization, and the way in.

use wardkeep_tenancy::{AccessControl, Database, Membership, RequestContext, TenantScope};

/// The role that founding an organization gives, and that every organization keeps at least once.
pub const CREATOR_ROLE: &str = "owner";

/// The statements and built-in roles of Better Auth's organization plugin (owner, admin, member). Other crates add their
/// own resources to the value.
#[must_use]
pub fn access_control() -> AccessControl {
    AccessControl::new()
        .statement("organization", &["update", "delete"])
        .statement("member", &["create", "update", "delete"])
        .statement("invitation", &["create", "cancel"])
        .statement("team", &["create", "update", "delete"])
        .statement("ac", &["create", "read", "update", "delete"])
        .role(
            CREATOR_ROLE,
            &[
                ("organization", &["update", "delete"]),
                ("member", &["create", "update", "delete"]),
                ("invitation", &["create", "cancel"]),
                ("team", &["create", "update", "delete"]),
                ("ac", &["create", "read", "update", "delete"]),
            ],
        )
        .role(
            "admin",
            &[
                ("organization", &["update"]),
                ("member", &["create", "update", "delete"]),
                ("invitation", &["create", "cancel"]),
                ("team", &["create", "update", "delete"]),
                ("ac", &["create", "read", "update", "delete"]),
            ],
        )
        .role("member", &[("ac", &["read"])])
}

/// The one way into a tenant: a membership, which only a session lookup makes, becomes a scope with the grants of its
/// roles. Asks the database nothing: the membership and its run-time roles came with the session.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the way in")]
pub fn enter(
    database: &Database,
    context: &RequestContext,
    access: &AccessControl,
    membership: &Membership,
) -> TenantScope {
    let grants = access.grants(membership.role(), membership.dynamic_roles());
    database.tenant(context, membership, grants)
}

#[cfg(test)]
mod tests {
    use wardkeep_tenancy::Permission;

    use super::*;

    #[test]
    fn an_admin_may_do_all_but_delete_the_organization() {
        let grants = access_control().grants("admin", &[]);

        assert!(grants.allows(Permission::new("member", "delete")));
        assert!(!grants.allows(Permission::new("organization", "delete")));
    }

    #[test]
    fn a_member_may_only_read_roles() {
        let grants = access_control().grants("member", &[]);

        assert!(grants.allows(Permission::new("ac", "read")));
        assert!(!grants.allows(Permission::new("member", "delete")));
    }

    #[test]
    fn an_unknown_role_may_do_nothing() {
        assert!(
            !access_control()
                .grants("Owner", &[])
                .allows(Permission::new("ac", "read"))
        );
    }
}
