//! Who may do what with which kind of record.

use wardkeep_tenancy::AccessControl;

/// What can be done to each kind of record, and which of it a member of the organization may do. Owners and admins may do
/// all of it. `hold` keeps records from being purged, `export` hands them out.
pub(crate) const RESOURCES: &[(&str, &[&str], &[&str])] = &[
    (
        "patient",
        &[
            "create", "read", "update", "delete", "restore", "merge", "export", "hold",
        ],
        &["create", "read", "update"],
    ),
    (
        "appointment",
        &["create", "read", "update", "delete", "restore", "overbook"],
        &["create", "read", "update"],
    ),
    (
        "room",
        &["create", "read", "update", "delete", "restore"],
        &["read"],
    ),
    (
        "workingHours",
        &["create", "read", "update", "delete", "restore"],
        &["read"],
    ),
    (
        "absence",
        &["create", "read", "update", "delete", "restore"],
        &["read"],
    ),
    (
        "treatment",
        &["create", "read", "update", "delete", "restore"],
        &["create", "read", "update"],
    ),
    (
        "treatmentSession",
        &["create", "read", "update", "delete", "restore"],
        &["create", "read", "update"],
    ),
    (
        "medicalRecord",
        &["create", "read", "update", "delete", "restore", "export"],
        &["create", "read", "update"],
    ),
    (
        "clinicalNote",
        &["create", "read", "update", "delete", "restore", "sign", "cosign"],
        &["create", "read", "update", "sign"],
    ),
    ("audit", &["read", "export"], &[]),
];

/// Adds the rights on clinical records and gives them to the built-in roles: owners and admins hold all of them,
/// members those of daily work: to create, read and update, and to sign notes of their own.
#[must_use]
pub fn extend(access: AccessControl) -> AccessControl {
    RESOURCES
        .iter()
        .fold(access, |access, (resource, actions, of_members)| {
            access
                .statement(resource, actions)
                .role("owner", &[(resource, actions)])
                .role("admin", &[(resource, actions)])
                .role("member", &[(resource, of_members)])
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardkeep_tenancy::Permission;

    #[test]
    fn owners_and_admins_may_do_everything_and_members_their_daily_work() {
        let access = extend(AccessControl::new());

        for (resource, actions, of_members) in RESOURCES {
            for action in *actions {
                let right = Permission::new(resource, action);
                let may = |role| access.grants(role, &[]).allows(right);
                assert!(may("owner") && may("admin"), "{resource}:{action}");
                assert_eq!(may("member"), of_members.contains(action), "{resource}:{action}");
                assert!(!may("stranger"), "{resource}:{action}");
            }
        }
    }

    #[test]
    fn a_member_signs_but_neither_deletes_nor_sees_who_looked() {
        let may = |resource, action| {
            extend(AccessControl::new())
                .grants("member", &[])
                .allows(Permission::new(resource, action))
        };

        assert!(may("patient", "read"));
        assert!(may("clinicalNote", "sign") && !may("clinicalNote", "cosign"));
        for (resource, actions, _) in RESOURCES {
            assert!(!may(resource, "delete"), "{resource} {actions:?}");
        }
        assert!(!may("audit", "read"));
    }
}
