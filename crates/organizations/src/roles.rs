//! Roles that an organization makes for itself, beside the built-in ones. A member holds what the role of that name grants at
//! the moment of the question: a change counts at the next request, and a name that no role has any more grants nothing.

mod creation;
mod deletion;
mod entity;
mod error;
mod update;

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait as _, DbErr, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use time::OffsetDateTime;
use wardkeep_auth::Listed;
use wardkeep_tenancy::{AccessControl, DynamicRole, Grants, Id, OrganizationId, Permission, TenantTx};

pub use creation::create;
pub use deletion::delete;
pub use error::{Action, RoleError};
pub use update::{RoleChanges, update};

use crate::{members, role_list};

const READ: Permission = Permission::new("ac", "read");

/// Actions by resource.
pub type Statements = BTreeMap<String, Vec<String>>;

/// The id of a role.
pub type RoleId = Id<Role>;

/// A role that an organization made for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// The organization.
    pub organization_id: OrganizationId,
    /// The name, in lower case.
    pub name: String,
    /// What it grants.
    pub permission: Statements,
    /// Since when there is such a role.
    pub created_at: OffsetDateTime,
    /// When it was last changed, if ever.
    pub updated_at: Option<OffsetDateTime>,
}

/// The name of a role, in lower case and none of the built-in ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleName(String);

/// How a caller names a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleKey {
    /// By its name, upper and lower case apart.
    Name(String),
    /// By its id; `None` is an id that cannot be one.
    Id(Option<RoleId>),
}

impl RoleName {
    /// Takes a name, which becomes lower case.
    ///
    /// # Errors
    ///
    /// [`RoleError::Unusable`], [`RoleError::NameTaken`] for that of a built-in role.
    pub fn new(access: &AccessControl, name: &str) -> Result<Self, RoleError> {
        let name = name.to_lowercase();
        if !is_usable(&name) {
            return Err(RoleError::Unusable);
        }
        if access.is_role(&name) {
            return Err(RoleError::NameTaken);
        }
        Ok(Self(name))
    }
}

/// Whether a member can carry the name. A list of roles is split at its commas and its names are trimmed, so that a role
/// whose name is empty, begins or ends with a space or holds a comma is nobody's.
#[must_use]
pub fn is_usable(name: &str) -> bool {
    role_list::names([name]) == [name]
}

/// Lists the roles of the organization, in the order of their making, and says how many there are.
///
/// # Errors
///
/// [`RoleError::Denied`]; else when the database fails.
pub async fn list(tx: &TenantTx) -> Result<Listed<Role>, RoleError> {
    require(tx, READ, Action::List)?;
    let all = tx
        .find::<entity::Entity>()
        .order_by_asc(entity::Column::CreatedAt)
        .order_by_asc(entity::Column::Id);
    let listed = Listed::read(tx, all).await?;
    Ok(Listed {
        rows: listed.rows.into_iter().map(Role::from).collect(),
        total: listed.total,
    })
}

/// Returns one role of the organization.
///
/// # Errors
///
/// [`RoleError::Denied`], [`RoleError::NotFound`]; else when the database fails.
pub async fn get(tx: &TenantTx, key: RoleKey) -> Result<Role, RoleError> {
    require(tx, READ, Action::Read)?;
    Ok(find(tx, key).await?.into())
}

/// What some names of roles come to.
pub(crate) struct Named {
    /// Those that are neither a built-in role nor one of the organization's own, in their order.
    pub(crate) unknown: Vec<String>,
    /// What the others grant.
    pub(crate) grants: Grants,
}

/// Looks up names of roles.
pub(crate) async fn named(tx: &TenantTx, access: &AccessControl, names: &[String]) -> Result<Named, DbErr> {
    let own: Vec<(String, String)> = tx
        .find::<entity::Entity>()
        .select_only()
        .columns([entity::Column::Role, entity::Column::Permission])
        .filter(entity::Column::Role.is_in(names))
        .into_tuple()
        .all(tx)
        .await?;
    let own: Vec<_> = own
        .into_iter()
        .map(|(role, permission)| DynamicRole {
            role,
            permission: read(&permission),
        })
        .collect();
    let is_unknown = |name: &&String| !access.is_role(name) && own.iter().all(|role| role.role != **name);
    Ok(Named {
        unknown: names.iter().filter(is_unknown).cloned().collect(),
        grants: access.grants(&names.join(","), &own),
    })
}

async fn find(tx: &TenantTx, key: RoleKey) -> Result<entity::Model, RoleError> {
    let this = match key {
        RoleKey::Name(name) => entity::Column::Role.eq(name),
        RoleKey::Id(id) => entity::Column::Id.eq(id.ok_or(RoleError::NotFound)?),
    };
    tx.find::<entity::Entity>()
        .filter(this)
        .one(tx)
        .await?
        .ok_or(RoleError::NotFound)
}

fn require(tx: &TenantTx, permission: Permission, action: Action) -> Result<(), RoleError> {
    if tx.allows(permission) {
        Ok(())
    } else {
        Err(RoleError::Denied(action))
    }
}

/// Members keep the name of a role that got another one, and hold nothing by it: whoever took that name for a role would give
/// them its rights without knowing.
async fn check_free(tx: &TenantTx, name: &str) -> Result<(), RoleError> {
    if members::is_held(tx, name, None).await? {
        return Err(RoleError::NameTaken);
    }
    Ok(())
}

/// Nobody hands on what they do not hold: each right must be one of the caller's, by itself.
fn check_rights(
    access: &AccessControl,
    grants: &Grants,
    permission: &Statements,
    action: Action,
) -> Result<(), RoleError> {
    if permission.keys().any(|resource| !access.knows_resource(resource)) {
        return Err(RoleError::UnknownResource);
    }
    let asked = permission
        .iter()
        .flat_map(|(resource, actions)| actions.iter().map(move |action| (resource, action)));
    let missing: Vec<String> = asked
        .filter(|(resource, action)| !grants.allows_all(&[(resource, &[action])]))
        .map(|(resource, action)| format!("{resource}:{action}"))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(RoleError::Missing(action, missing))
    }
}

/// A text that is no such object grants nothing, to whoever holds the role as well.
fn read(permission: &str) -> Statements {
    serde_json::from_str(permission).unwrap_or_default()
}

fn written(permission: &Statements) -> String {
    serde_json::json!(permission).to_string()
}

impl From<entity::Model> for Role {
    fn from(row: entity::Model) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            name: row.role,
            permission: read(&row.permission),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_control;

    #[test]
    fn a_name_is_one_that_a_member_can_carry() {
        for name in ["nurse", "front desk", "Ärztin", "a.b"] {
            assert!(is_usable(name), "{name}");
        }
        for name in ["", " ", "a,b", ",", " nurse", "nurse\t"] {
            assert!(!is_usable(name), "{name:?}");
        }
    }

    #[test]
    fn names_are_in_lower_case_and_none_of_the_built_in_ones() {
        let named = |name| RoleName::new(&access_control(), name);

        assert_eq!(named("Nurse").unwrap(), RoleName("nurse".to_owned()));
        assert!(matches!(named("ADMIN"), Err(RoleError::NameTaken)));
        assert!(matches!(named("a,b"), Err(RoleError::Unusable)));
    }

    #[test]
    fn each_right_must_be_held_and_is_named_if_not() {
        let (access, admin) = (access_control(), access_control().grants("admin", &[]));
        let checked = |permission: &[(&str, &[&str])]| {
            let permission = permission.iter().map(|(resource, actions)| {
                let actions = actions.iter().map(|action| (*action).to_owned()).collect();
                ((*resource).to_owned(), actions)
            });
            check_rights(&access, &admin, &permission.collect(), Action::Create)
        };

        assert!(checked(&[("ac", &["read"]), ("team", &[])]).is_ok());
        assert!(matches!(
            checked(&[("rocket", &[])]),
            Err(RoleError::UnknownResource)
        ));
        let Err(RoleError::Missing(Action::Create, missing)) =
            checked(&[("organization", &["update", "delete"]), ("ac", &["juggle"])])
        else {
            panic!("it is not held")
        };
        assert_eq!(missing, ["ac:juggle", "organization:delete"]);
    }
}
