//! Which role may do what, of everything that is served.

use wardkeep_tenancy::AccessControl;

/// The statements and built-in roles of the organizations, and of the clinical records where they are served.
pub fn access_control() -> AccessControl {
    let access = wardkeep_organizations::access_control();
    #[cfg(feature = "clinical")]
    let access = wardkeep_clinical::extend(access);
    access
}
