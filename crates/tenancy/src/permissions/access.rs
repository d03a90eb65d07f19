//! Statements and roles: which rights exist, and which role has them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Deserializer};

use super::{Grants, Rights};

/// The rights that exist, and the built-in roles. Each crate adds its own; the finished value is handed down.
///
/// ```
/// use wardkeep_tenancy::{AccessControl, Permission};
///
/// let access = AccessControl::new()
///     .statement("room", &["book", "close"])
///     .role("owner", &[("room", &["book", "close"])])
///     .role("member", &[("room", &["book"])]);
///
/// let grants = access.grants("member", &[]);
/// assert!(grants.allows(Permission::new("room", "book")));
/// assert!(!grants.allows(Permission::new("room", "close")));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessControl {
    inner: Arc<Inner>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Inner {
    statements: Rights,
    roles: BTreeMap<String, Rights>,
}

/// A role that an organization made for itself, as its row says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct DynamicRole {
    /// Its name, as members carry it.
    pub role: String,
    /// Actions by resource. The row keeps them as JSON text; a text that is none is a role without rights.
    #[serde(default, deserialize_with = "permission")]
    pub permission: BTreeMap<String, Vec<String>>,
}

impl AccessControl {
    /// No statement and no role.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that these actions exist on this resource, besides those already said.
    #[must_use]
    pub fn statement(mut self, resource: &str, actions: &[&str]) -> Self {
        merge(
            &mut Arc::make_mut(&mut self.inner).statements,
            &rights(&[(resource, actions)]),
        );
        self
    }

    /// Gives a built-in role these rights, besides those it already has. A right that no statement knows is none.
    #[must_use]
    pub fn role(mut self, name: &str, rights: &[(&str, &[&str])]) -> Self {
        let given = self::rights(rights);
        merge(
            Arc::make_mut(&mut self.inner)
                .roles
                .entry(name.to_owned())
                .or_default(),
            &given,
        );
        self
    }

    /// What a member with this list of roles may do. The list is what the member row holds: names between commas,
    /// trimmed, empty ones dropped, upper and lower case apart. An organization's own role of a built-in name adds
    /// to the built-in one; a name that nobody knows allows nothing (Better Auth 1.7, organization plugin).
    #[must_use]
    pub fn grants(&self, role_list: &str, dynamic: &[DynamicRole]) -> Grants {
        let names = role_list
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        Grants::of_roles(names.map(|name| self.rights_of(name, dynamic)).collect())
    }

    /// Every action that exists, behind its resource, in the order of their names.
    pub fn statements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.inner.statements.iter().flat_map(|(resource, actions)| {
            actions
                .iter()
                .map(move |action| (resource.as_str(), action.as_str()))
        })
    }

    /// Whether this action exists on this resource.
    #[must_use]
    pub fn knows(&self, resource: &str, action: &str) -> bool {
        super::allows(&self.inner.statements, resource, action)
    }

    /// Whether any action exists on this resource.
    #[must_use]
    pub fn knows_resource(&self, resource: &str) -> bool {
        self.inner.statements.contains_key(resource)
    }

    /// Whether this is the name of a built-in role, upper and lower case apart.
    #[must_use]
    pub fn is_role(&self, name: &str) -> bool {
        self.inner.roles.contains_key(name)
    }

    fn rights_of(&self, name: &str, dynamic: &[DynamicRole]) -> Rights {
        let mut rights = self.inner.roles.get(name).cloned().unwrap_or_default();
        for role in dynamic.iter().filter(|role| role.role == name) {
            for (resource, actions) in &role.permission {
                rights
                    .entry(resource.clone())
                    .or_default()
                    .extend(actions.iter().cloned());
            }
        }
        rights.retain(|resource, actions| {
            actions.retain(|action| self.knows(resource, action));
            !actions.is_empty()
        });
        rights
    }
}

pub(super) fn rights(rights: &[(&str, &[&str])]) -> Rights {
    let mut set = Rights::new();
    for (resource, actions) in rights {
        let named: BTreeSet<String> = actions.iter().map(|action| (*action).to_owned()).collect();
        set.entry((*resource).to_owned()).or_default().extend(named);
    }
    set
}

fn merge(into: &mut Rights, from: &Rights) {
    for (resource, actions) in from {
        into.entry(resource.clone())
            .or_default()
            .extend(actions.iter().cloned());
    }
}

/// An object, or the text of one.
fn permission<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let object = match value {
        serde_json::Value::String(text) => serde_json::from_str(&text),
        other => serde_json::from_value(other),
    };
    Ok(object.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Permission;
    use proptest::prelude::*;

    const READ: Permission = Permission::new("patient", "read");
    const DELETE: Permission = Permission::new("patient", "delete");

    fn access() -> AccessControl {
        AccessControl::new()
            .statement("patient", &["read", "delete"])
            .statement("team", &["create"])
            .role(
                "owner",
                &[("patient", &["read", "delete"]), ("team", &["create"])],
            )
            .role("reader", &[("patient", &["read"])])
            .role("builder", &[("team", &["create"])])
    }

    fn dynamic(role: &str, permission: &[(&str, &[&str])]) -> DynamicRole {
        let permission = permission.iter().map(|(resource, actions)| {
            (
                (*resource).to_owned(),
                actions.iter().map(|action| (*action).to_owned()).collect(),
            )
        });
        DynamicRole {
            role: role.to_owned(),
            permission: permission.collect(),
        }
    }

    #[test]
    fn rights_of_two_roles_do_not_add_up() {
        let both: &[(&str, &[&str])] = &[("patient", &["read"]), ("team", &["create"])];

        let grants = access().grants("reader,builder", &[]);

        assert!(grants.allows(READ) && grants.allows(Permission::new("team", "create")));
        assert!(!grants.allows_all(both));
        assert!(access().grants("reader,owner", &[]).allows_all(both));
    }

    #[test]
    fn a_role_list_is_trimmed_and_its_empty_names_are_dropped() {
        assert!(access().grants(" , reader ,,", &[]).allows(READ));
        assert!(!access().grants("", &[]).allows(READ));
        assert!(!access().grants("Reader", &[]).allows(READ));
        assert!(!access().grants("stranger", &[]).allows(READ));
    }

    #[test]
    fn a_built_in_role_is_known_by_its_exact_name() {
        assert!(access().is_role("reader"));
        assert!(!access().is_role("Reader") && !access().is_role(" reader") && !access().is_role(""));
    }

    #[test]
    fn an_empty_question_is_not_allowed() {
        let owner = access().grants("owner", &[]);

        assert!(!owner.allows_all::<&str, &str>(&[]));
        assert!(!owner.allows_all::<_, &str>(&[("patient", &[])]));
        assert!(!owner.allows_all(&[("patient", &["read"]), ("patient", &["sell"])]));
        assert!(!owner.allows_all(&[("moon", &["read"])]));
    }

    #[test]
    fn an_organizations_own_role_of_a_built_in_name_adds_to_it() {
        let own = [dynamic("reader", &[("patient", &["delete"])])];

        let grants = access().grants("reader", &own);

        assert!(grants.allows_all(&[("patient", &["read", "delete"])]));
    }

    #[test]
    fn an_own_role_cannot_hold_what_no_statement_knows() {
        let own = [dynamic(
            "curious",
            &[("moon", &["read"]), ("patient", &["read", "sell"])],
        )];

        let grants = access().grants("curious", &own);

        assert!(grants.allows(READ));
        assert!(!grants.allows(DELETE));
        assert!(!grants.allows(Permission::new("patient", "sell")));
        assert!(!grants.allows(Permission::new("moon", "read")));
    }

    #[test]
    fn adding_to_a_role_unites() {
        let access = access()
            .statement("note", &["sign"])
            .role("reader", &[("note", &["sign"])]);

        assert!(
            access
                .grants("reader", &[])
                .allows_all(&[("patient", &["read"]), ("note", &["sign"])])
        );
    }

    #[test]
    fn resources_and_built_in_roles_are_known_by_their_exact_names() {
        let access = access();

        assert!(access.knows_resource("patient") && !access.knows_resource("Patient"));
        assert!(access.is_role("owner") && !access.is_role("Owner") && !access.is_role("nurse"));
    }

    #[test]
    fn the_statements_are_listed_by_name() {
        let access = access();
        let listed: Vec<_> = access.statements().collect();
        assert_eq!(
            listed,
            [("patient", "delete"), ("patient", "read"), ("team", "create")]
        );
    }

    #[test]
    fn an_own_role_is_read_as_an_object_as_text_and_as_nothing() {
        let rows = r#"[{"role":"a","permission":{"patient":["read"]}},
                       {"role":"b","permission":"{\"patient\":[\"read\"]}"},
                       {"role":"c","permission":"{nonsense"},
                       {"role":"d","permission":null},
                       {"role":"e"}]"#;

        let roles: Vec<DynamicRole> = serde_json::from_str(rows).unwrap();

        let reads = |name| access().grants(name, &roles).allows(READ);
        assert_eq!(
            ["a", "b", "c", "d", "e"].map(reads),
            [true, true, false, false, false]
        );
    }

    const RESOURCES: [&str; 3] = ["patient", "team", "note"];
    const ACTIONS: [&str; 3] = ["read", "create", "delete"];

    /// Any set of the nine rights, one bit each.
    fn spelled(bits: u16) -> Vec<(&'static str, Vec<&'static str>)> {
        RESOURCES
            .iter()
            .enumerate()
            .map(|(row, resource)| {
                let chosen = ACTIONS
                    .iter()
                    .enumerate()
                    .filter(|(column, _)| bits & (1 << (row * 3 + column)) != 0);
                (*resource, chosen.map(|(_, action)| *action).collect::<Vec<_>>())
            })
            .filter(|(_, actions)| !actions.is_empty())
            .collect()
    }

    proptest! {
        /// The model: a question is a set of rights, and it is allowed exactly if some one role holds all of it.
        #[test]
        fn a_question_is_allowed_exactly_when_one_role_holds_all_of_it(
            built_in in proptest::collection::vec(0u16..512, 0..4),
            own in proptest::collection::vec(0u16..512, 0..4),
            known in 0u16..512,
            asked in 1u16..512,
        ) {
            let mut access = AccessControl::new();
            for (resource, actions) in spelled(known) {
                access = access.statement(resource, &actions);
            }
            for (index, bits) in built_in.iter().enumerate() {
                for (resource, actions) in spelled(*bits) {
                    access = access.role(&format!("role{index}"), &[(resource, &actions)]);
                }
            }
            // Own roles take the same names, so that some of them meet a built-in one.
            let dynamic: Vec<DynamicRole> = own.iter().enumerate().map(|(index, bits)| {
                let rights = spelled(*bits);
                let rights: Vec<(&str, &[&str])> = rights.iter().map(|(r, a)| (*r, a.as_slice())).collect();
                dynamic(&format!("role{index}"), &rights)
            }).collect();
            let count = built_in.len().max(own.len());
            let list = (0..count).map(|index| format!("role{index}")).collect::<Vec<_>>().join(", ");

            let grants = access.grants(&list, &dynamic);

            let question = spelled(asked);
            let question: Vec<(&str, &[&str])> = question.iter().map(|(r, a)| (*r, a.as_slice())).collect();
            let expected = (0..count).any(|index| {
                let held = built_in.get(index).unwrap_or(&0) | own.get(index).unwrap_or(&0);
                held & known & asked == asked
            });
            prop_assert_eq!(grants.allows_all(&question), expected);
        }
    }
}
