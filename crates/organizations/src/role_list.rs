//! Lists of role names, as a member row or an invitation holds them.

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
