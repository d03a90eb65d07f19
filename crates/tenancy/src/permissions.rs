//! Rights: what a role allows. Pure; the roles themselves come from the member row and from the organization's own
//! roles, looked up on every request.

mod access;

pub use access::{AccessControl, DynamicRole};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::faults::{Fault, FaultKind};

/// One right: an action on a kind of thing, such as `patient` and `read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permission {
    /// The kind of thing, in the singular.
    pub resource: &'static str,
    /// What is done to it.
    pub action: &'static str,
}

impl Permission {
    /// Names a right. Modules keep theirs as constants.
    #[must_use]
    pub const fn new(resource: &'static str, action: &'static str) -> Self {
        Self { resource, action }
    }
}

/// The rights of one role: actions by resource.
pub(crate) type Rights = BTreeMap<String, BTreeSet<String>>;

/// What a member may do: one set of rights for each role held. The sets do not add up within one question: some
/// single role must allow everything that is asked (Better Auth 1.7, organization plugin).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    roles: Arc<[Rights]>,
}

impl Grants {
    /// No right at all.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One role with these rights: `Grants::one(&[("patient", &["read", "update"])])`. For embedders, whose roles are
    /// their own; inside, grants come from [`AccessControl::grants`].
    #[must_use]
    pub fn one(rights: &[(&str, &[&str])]) -> Self {
        Self::of_roles(vec![access::rights(rights)])
    }

    pub(crate) fn of_roles(roles: Vec<Rights>) -> Self {
        Self { roles: roles.into() }
    }

    /// Whether some role allows it.
    #[must_use]
    pub fn allows(&self, permission: Permission) -> bool {
        self.roles
            .iter()
            .any(|rights| allows(rights, permission.resource, permission.action))
    }

    /// Whether some single role allows all of it. Nothing asked, or no action asked of a resource, is not allowed.
    #[must_use]
    pub fn allows_all<R: AsRef<str>, A: AsRef<str>>(&self, asked: &[(R, &[A])]) -> bool {
        !asked.is_empty()
            && self.roles.iter().any(|rights| {
                asked.iter().all(|(resource, actions)| {
                    !actions.is_empty()
                        && actions
                            .iter()
                            .all(|action| allows(rights, resource.as_ref(), action.as_ref()))
                })
            })
    }
}

impl Grants {
    /// Whether each right of the others is among these, by itself. Nobody hands on what they do not hold.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        others.roles.iter().all(|rights| {
            rights.iter().all(|(resource, actions)| {
                actions
                    .iter()
                    .all(|action| self.roles.iter().any(|mine| allows(mine, resource, action)))
            })
        })
    }
}

fn allows(rights: &Rights, resource: &str, action: &str) -> bool {
    rights
        .get(resource)
        .is_some_and(|actions| actions.contains(action))
}

/// The member may not do this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no role of the member allows {}:{}", .0.resource, .0.action)]
pub struct Denied(
    /// The right that was asked for.
    pub Permission,
);

impl Fault for Denied {
    fn kind(&self) -> FaultKind {
        FaultKind::Forbidden
    }

    fn code(&self) -> &'static str {
        "FORBIDDEN"
    }
}
