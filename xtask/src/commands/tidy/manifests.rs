//! Every package takes licence and lints from the root manifest.

use super::Finding;
use super::tree::File;

/// Names the manifests that go their own way.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let manifests = files
        .iter()
        .filter(|file| file.name() == "Cargo.toml" && file.path != "Cargo.toml");
    manifests.flat_map(missing).collect()
}

fn missing(file: &File) -> Vec<Finding> {
    let licence = ("package", "license.workspace = true");
    let lints = ("lints", "workspace = true");
    let absent = [licence, lints]
        .into_iter()
        .filter(|(section, line)| !has(&file.text, section, line));
    absent
        .map(|(section, line)| Finding::new(&file.path, format!("[{section}] lacks `{line}`")))
        .collect()
}

/// Whether the section of that name has that line.
fn has(manifest: &str, section: &str, wanted: &str) -> bool {
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            inside = name == section;
        } else if inside && line == wanted {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::commands::tidy::tree::file;

    const GOOD: &str = "[package]\nname = \"a\"\nlicense.workspace = true\n\n[lints]\nworkspace = true\n";

    #[test]
    fn a_manifest_without_the_shared_licence_is_found() {
        let text = GOOD.replace("license.workspace = true", "license = \"GPL-3.0\"");

        assert_eq!(check(&[file("crates/a/Cargo.toml", &text)]).len(), 1);
    }

    #[test]
    fn a_manifest_without_the_shared_lints_is_found() {
        let text = GOOD.replace("[lints]", "[features]");

        assert_eq!(check(&[file("crates/a/Cargo.toml", &text)]).len(), 1);
    }

    #[test]
    fn a_manifest_with_both_is_fine() {
        assert_eq!(check(&[file("crates/a/Cargo.toml", GOOD)]), []);
    }
}
