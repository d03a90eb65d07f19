//! Lists of role names, as a member row or an invitation holds them.

use sea_orm::DbErr;
use wardkeep_tenancy::{AccessControl, TenantTx};

const OWN_ROLES: &str = r#"
select role
from public."organizationRole"
where "organizationId" = $1
  and role in (select part from unnest(string_to_array($2, ',')) as part)"#;

/// The names in lists between commas: trimmed, empty ones dropped, in their order, upper and lower case apart.
pub(crate) fn names<'a>(lists: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    lists
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect()
}

/// Whether a name is in a list.
pub(crate) fn contains(list: &str, name: &str) -> bool {
    names([list]).contains(&name)
}

/// Those names that are neither built in nor the organization's own roles, in their order.
pub(crate) async fn unknown<'a>(
    tx: &TenantTx,
    access: &AccessControl,
    names: &[&'a str],
) -> Result<Vec<&'a str>, DbErr> {
    let own: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !access.is_role(name))
        .collect();
    if own.is_empty() {
        return Ok(own);
    }
    let rows = tx
        .sql(OWN_ROLES, [tx.organization().into(), own.join(",").into()])
        .all()
        .await?;
    let known: Vec<String> = rows
        .iter()
        .map(|row| row.try_get("", "role"))
        .collect::<Result<_, _>>()?;
    Ok(own
        .into_iter()
        .filter(|name| !known.iter().any(|role| role == name))
        .collect())
}
