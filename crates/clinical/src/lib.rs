//! The clinical records of one organization.
//!
//! Every function takes a [`TenantTx`](wardkeep_tenancy::TenantTx): an open transaction in which PostgreSQL shows the
//! rows of one organization and no others. The first thing it does is to ask whether the caller may. The crate knows
//! neither people nor roles: an author is a `UserId`, a right is a `Permission`, and who holds which right is said by
//! [`extend`]. It refuses to delete: what a clinic has recorded is hidden, never removed.
//!
//! ```
//! use wardkeep_clinical::patients::{self, Listing, NewPatient, Patient, PatientError};
//! use wardkeep_tenancy::TenantTx;
//!
//! async fn record_ana(tx: &TenantTx) -> Result<Vec<Patient>, PatientError> {
//!     let ana = NewPatient { first_name: "Ana".into(), last_name: "Brandt".into(), ..NewPatient::default() };
//!     patients::create(tx, ana).await?;
//!
//!     let found = Listing { search: Some("bra".into()), ..Listing::default() };
//!     Ok(patients::list(tx, &found).await?.items)
//! }
//! ```
//!
//! Without such a transaction there is no way to ask. A [`Database`](wardkeep_tenancy::Database) will not do:
//!
//! ```compile_fail,E0308
//! use wardkeep_clinical::patients::{self, PatientId};
//! use wardkeep_tenancy::Database;
//!
//! async fn read(database: &Database, id: PatientId) {
//!     let _ = patients::get(database, id).await;
//! }
//! ```
//!
//! A transaction does:
//!
//! ```
//! use wardkeep_clinical::patients::{self, PatientId};
//! use wardkeep_tenancy::TenantTx;
//!
//! async fn read(tx: &TenantTx, id: PatientId) {
//!     let _ = patients::get(tx, id).await;
//! }
//! ```

pub mod absences;
pub mod appointments;
pub mod audit;
pub mod calendar;
mod fields;
pub mod idempotency;
pub mod paging;
pub mod patients;
#[cfg(test)]
mod plans;
mod practitioners;
pub mod records;
pub mod rooms;
pub mod schedule;
pub mod working_hours;

pub use records::RecordError;

use wardkeep_tenancy::AccessControl;

/// What can be done to each kind of record, and which of it a member of the organization may do. Owners and admins may do
/// all of it. `hold` keeps records from being purged, `export` hands them out.
const RESOURCES: &[(&str, &[&str], &[&str])] = &[
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
        &["create", "read", "update", "delete", "restore", "sign"],
        &["create", "read", "update", "sign"],
    ),
    ("audit", &["read", "export"], &[]),
];

/// Adds the rights on clinical records and gives them to the built-in roles: owners and admins hold all of them,
/// members those of daily work: to create, read and update, and to sign what they wrote.
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
        assert!(may("clinicalNote", "sign"));
        for (resource, actions, _) in RESOURCES {
            assert!(!may(resource, "delete"), "{resource} {actions:?}");
        }
        assert!(!may("audit", "read"));
    }
}
