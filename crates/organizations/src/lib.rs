//! Organizations and who belongs to them.
//!
//! [`enter`] turns the membership that a session lookup found into a [`wardkeep_tenancy::TenantScope`]; nothing else in
//! Wardkeep does. The crate knows nothing of HTTP.
//!
//! ```
//! use wardkeep_tenancy::Permission;
//!
//! let access = wardkeep_organizations::access_control();
//! let grants = access.grants("member,admin", &[]);
//! assert!(grants.allows(Permission::new("invitation", "create")));
//! assert!(!grants.allows(Permission::new("organization", "delete")));
//! ```

mod access;

pub use access::{CREATOR_ROLE, access_control, enter};
