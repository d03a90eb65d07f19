//! A migration that is not in the list never runs, and nothing else would say so.

use super::Finding;
use super::source::Layers;
use super::tree::File;

const FOLDER: &str = "migration/src/";

/// Names the migration files that no list mentions.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let ours: Vec<&File> = files
        .iter()
        .filter(|file| file.path.starts_with(FOLDER))
        .collect();
    let code: String = ours
        .iter()
        .filter(|file| file.is_rust())
        .map(|file| Layers::of(&file.text).code)
        .collect();
    let stems = ours
        .iter()
        .filter_map(|file| stem(&file.path).map(|stem| (file, stem)));
    stems
        .filter(|(_, stem)| !code.contains(&format!("{stem}::Migration")))
        .map(|(file, stem)| {
            Finding::new(
                &file.path,
                format!("not in the migrator's list: add `{stem}::Migration`"),
            )
        })
        .collect()
}

/// The module of a migration: `m20260301_000001_roles` of `migration/src/m20260301_000001_roles.rs`.
fn stem(path: &str) -> Option<&str> {
    let stem = path.strip_prefix(FOLDER)?.strip_suffix(".rs")?;
    let digits = stem
        .strip_prefix('m')?
        .chars()
        .take_while(char::is_ascii_digit)
        .count();
    (digits == 8 && !stem.contains('/')).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::commands::tidy::tree::file;

    #[test]
    fn a_migration_that_is_not_listed_is_found() {
        let files = [
            file(
                "migration/src/lib.rs",
                "vec![Box::new(m20260301_000001_roles::Migration)]",
            ),
            file("migration/src/m20260301_000001_roles.rs", "pub struct Migration;"),
            file(
                "migration/src/m20260302_000001_patients.rs",
                "pub struct Migration;",
            ),
        ];

        let findings = check(&files);

        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "migration/src/m20260302_000001_patients.rs");
    }

    #[test]
    fn a_mention_in_a_comment_does_not_list_a_migration() {
        let files = [
            file("migration/src/lib.rs", "// m20260301_000001_roles::Migration"),
            file("migration/src/m20260301_000001_roles.rs", ""),
        ];

        assert_eq!(check(&files).len(), 1);
    }
}
