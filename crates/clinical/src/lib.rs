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
//!     Ok(patients::list(tx, &found).await?.patients)
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

pub mod patients;

use wardkeep_tenancy::AccessControl;

/// Adds the rights on clinical records and gives them to the built-in roles: owners and admins hold all of them,
/// members all but deleting.
#[must_use]
pub fn extend(access: AccessControl) -> AccessControl {
    let all = ["create", "read", "update", "delete"];
    access
        .statement("patient", &all)
        .role("owner", &[("patient", &all)])
        .role("admin", &[("patient", &all)])
        .role("member", &[("patient", &["create", "read", "update"])])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patients::{CREATE, DELETE, READ, UPDATE};

    #[test]
    fn only_owners_and_admins_may_delete_a_patient() {
        let access = extend(AccessControl::new());

        let rights =
            |role| [CREATE, READ, UPDATE, DELETE].map(|right| access.grants(role, &[]).allows(right));

        assert_eq!(rights("owner"), [true; 4]);
        assert_eq!(rights("admin"), [true; 4]);
        assert_eq!(rights("member"), [true, true, true, false]);
        assert_eq!(rights("stranger"), [false; 4]);
    }
}
