//! A migration that is not in the list never runs, and nothing else would say so.

use super::Finding;
use super::source::Layers;
use super::tree::File;

const FOLDER: &str = "migration/src/";

/// Names the migration files that the list does not mention: SQL that is not included, modules that are not used.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let rust = files
        .iter()
        .filter(|file| file.path.starts_with(FOLDER) && file.is_rust());
    let list = List::of(rust);
    let migrations = files.iter().filter(|file| is_migration(&file.path));
    migrations
        .filter(|file| !list.mentions(&file.path))
        .map(unlisted)
        .collect()
}

fn unlisted(file: &File) -> Finding {
    Finding::new(
        &file.path,
        "not in the list of migrations, so it never runs: add it to migration/src/migrations.rs",
    )
}

/// Whether the path is, or is inside, something named `m20260301_…`.
fn is_migration(path: &str) -> bool {
    path.strip_prefix(FOLDER)
        .and_then(|rest| rest.strip_prefix('m'))
        .is_some_and(|rest| rest.chars().take_while(char::is_ascii_digit).count() == 8)
}

/// What the Rust side of the migrations says.
struct List {
    code: String,
    included: Vec<String>,
}

impl List {
    fn of<'a>(files: impl Iterator<Item = &'a File>) -> Self {
        let mut list = Self {
            code: String::new(),
            included: Vec::new(),
        };
        for file in files {
            list.code.push_str(&Layers::of(&file.text).code);
            let lines = file
                .text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let parts = lines.flat_map(|line| line.split("include_str!(\"").skip(1));
            list.included.extend(
                parts
                    .filter_map(|part| part.split_once('"'))
                    .map(|(path, _)| path.to_owned()),
            );
        }
        list
    }

    fn mentions(&self, path: &str) -> bool {
        let path = path.strip_prefix(FOLDER).unwrap_or(path);
        match path.strip_suffix(".rs") {
            Some(module) => self.code.contains(&format!("{module}::")),
            None => self.included.iter().any(|included| included == path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::commands::tidy::tree::file;

    #[test]
    fn sql_that_is_not_included_is_found() {
        let list = "up: include_str!(\"m20260301_000001_roles/up.sql\"),\n";
        let files = [
            file("migration/src/migrations.rs", list),
            file("migration/src/m20260301_000001_roles/up.sql", ""),
            file("migration/src/m20260302_000001_patients/up.sql", ""),
        ];

        let findings = check(&files);

        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0].place,
            "migration/src/m20260302_000001_patients/up.sql"
        );
    }

    #[test]
    fn a_module_that_is_not_used_is_found() {
        let files = [
            file(
                "migration/src/lib.rs",
                "mod m20260301_000001_roles;\nmod m20260302_000001_patients;\n",
            ),
            file(
                "migration/src/migrations.rs",
                "vec![Box::new(m20260301_000001_roles::Migration)]",
            ),
            file("migration/src/m20260301_000001_roles.rs", ""),
            file("migration/src/m20260302_000001_patients.rs", ""),
        ];

        assert_eq!(check(&files).len(), 1);
    }

    #[test]
    fn a_mention_in_a_comment_does_not_list_a_migration() {
        let list = "// include_str!(\"m20260301_000001_roles/up.sql\")\n";
        let files = [
            file("migration/src/migrations.rs", list),
            file("migration/src/m20260301_000001_roles/up.sql", ""),
        ];

        assert_eq!(check(&files).len(), 1);
    }
}
