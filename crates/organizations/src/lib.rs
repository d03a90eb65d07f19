//! Organizations and who belongs to them: founding, choosing, changing and deleting one; members, invitations, teams and
//! roles; and the one way into a tenant.
//!
//! [`enter`] turns the membership that a session lookup found into a [`wardkeep_tenancy::TenantScope`]; nothing else in
//! Wardkeep does. Whatever changes an organization or who belongs to it locks the organization's row first, and then looks
//! at what the caller may do and at what a rule counts ("at least one owner", "at most so many members"), so that of many
//! at once each sees what the one before it did. The crate knows nothing of HTTP; the codes of its errors are those of
//! Better Auth 1.7.25.
//!
//! From the cookie of a request to the members of its organization, and to one more who is invited:
//!
//! ```no_run
//! use wardkeep_auth::{Auth, emails::Email, sessions};
//! use wardkeep_organizations::invitations::{self, NewInvitation};
//! use wardkeep_organizations::members::{self, Listing};
//! use wardkeep_organizations::{Rules, access_control, enter};
//! use wardkeep_tenancy::{Asked, Database, RequestContext};
//!
//! # async fn example(db: Database, cx: RequestContext, auth: Auth, cookie: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let (access, rules) = (access_control(), Rules::default());
//! let secret = sessions::SessionSecret::open(auth.secrets(), cookie).ok_or("not signed by us")?;
//! let current = sessions::find(&db, &cx, &secret, Asked::Active).await?.ok_or("not signed in")?;
//! let membership = current.membership.as_ref().ok_or("no organization is active, or not a member of it any more")?;
//!
//! let tx = enter(&db, &cx.with_actor(current.user.id), &access, membership).begin().await?;
//! for fellow in members::list(&tx, &Listing::default()).await?.rows {
//!     println!("{}: {}", fellow.profile.name, fellow.member.role);
//! }
//! let new = NewInvitation {
//!     email: Email::parse("ben@example.org").ok_or("not an address")?,
//!     roles: vec!["member".to_owned()],
//!     resend: false,
//!     teams: Vec::new(),
//! };
//! invitations::create(&tx, &access, &rules, &auth, &current.user, new).await?;
//! tx.commit().await?;
//! auth.mail_waiting();
//! # Ok(())
//! # }
//! ```
//!
//! The link of the mail leads to `/accept-invitation/<id>` of the base address: mount `wardkeep-web`, or answer it by
//! [`invitations::card`] and [`invitations::accept`]. With [`Rules`] that send no mails deliver a link of your own.
//!
//! Who may do what comes from the member's roles, built in or made at run time ([`roles`]):
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
