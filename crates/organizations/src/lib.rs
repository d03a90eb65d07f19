//! Organizations and who belongs to them: founding, choosing the active one, members, invitations, teams, roles made at
//! run time, and the one way into a tenant.
//!
//! [`enter`] turns the membership that a session lookup found into a [`wardkeep_tenancy::TenantScope`]; nothing else in
//! Wardkeep does. Every change of a member's locks the organization's row, and then reads what the member is and may do, so
//! that rules with a number in them (an owner at least, members and teams at most) hold whatever happens at the same moment.
//! An organization that has clinical records is not deleted. The crate knows nothing of HTTP; the codes of its errors are
//! those of Better Auth 1.7.25.
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
mod authority;
pub mod invitations;
pub mod members;
mod organization;
mod profiles;
mod role_list;
pub mod roles;
mod rules;
pub mod teams;

pub use access::{CREATOR_ROLE, access_control, enter};
pub use authority::AuthorityError;
pub use organization::{
    Activation, ChangeError, Changes, Created, DeletionError, Founder, FullOrganization, NewOrganization,
    Organization, OrganizationError, Selection, check_slug, create, delete, get, get_full, list, set_active,
    update,
};
pub use rules::Rules;
