//! Organizations and who belongs to them: founding, choosing, changing and deleting one; members, invitations, teams and
//! roles; and the one way into a tenant.
//!
//! [`enter`] turns the membership that a session lookup found into a [`wardkeep_tenancy::TenantScope`]; nothing else in
//! Wardkeep does. Whatever changes an organization or who belongs to it locks the organization's row first, and then looks
//! at what the caller may do and at what a rule counts ("at least one owner", "at most so many members"), so that of many
//! at once each sees what the one before it did. The crate knows nothing of HTTP; the codes of its errors are those of
//! Better Auth 1.7.25.
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
