//! No silenced lint and no unfinished work.

use super::Finding;
use super::source::Layers;
use super::tree::File;

/// Words that mark unfinished work in a comment or document.
const UNFINISHED: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
/// Files other than Rust source in which those words are looked for, by their ending.
const DOCUMENTS: [&str; 4] = [".md", ".toml", ".sql", "/run"];

/// Names each line with a silenced lint or a mark of unfinished work.
pub(super) fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        if file.is_rust() {
            let layers = Layers::of(&file.text);
            lines(file, &layers.code, in_code, &mut findings);
            lines(file, &layers.comments, unfinished, &mut findings);
        } else if DOCUMENTS.iter().any(|ending| file.path.ends_with(ending)) {
            lines(file, &file.text, unfinished, &mut findings);
        }
    }
    findings
}

fn lines(file: &File, text: &str, rule: fn(&str) -> Option<String>, findings: &mut Vec<Finding>) {
    for (at, line) in text.lines().enumerate() {
        if let Some(message) = rule(line) {
            findings.push(Finding::new(format!("{}:{}", file.path, at + 1), message));
        }
    }
}

fn in_code(line: &str) -> Option<String> {
    if ["#[allow", "#![allow"]
        .iter()
        .any(|start| line.trim_start().starts_with(start))
    {
        return Some(
            "a silenced lint: use #[expect(lint, reason = \"...\")], which says when it is no longer needed"
                .into(),
        );
    }
    ["todo!", "unimplemented!"]
        .into_iter()
        .find(|mark| line.contains(mark))
        .map(|mark| format!("`{mark}` is unfinished work: finish it or leave it out"))
}

fn unfinished(line: &str) -> Option<String> {
    let mut words = line.split(|character: char| !character.is_alphanumeric() && character != '_');
    let mark = words.find(|word| UNFINISHED.contains(word))?;
    Some(format!(
        "`{mark}` is unfinished work: finish it, or write an issue"
    ))
}

#[cfg(test)]
mod tests {
    use super::{UNFINISHED, check};
    use crate::commands::tidy::tree::file;

    #[test]
    fn a_silenced_lint_is_found() {
        let files = [file(
            "crates/auth/src/users.rs",
            "#[allow(dead_code)]\nfn a() {}\n",
        )];

        let findings = check(&files);

        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "crates/auth/src/users.rs:1");
    }

    #[test]
    fn an_unfinished_function_is_found() {
        assert_eq!(
            check(&[file("crates/auth/src/users.rs", "fn a() {\n    todo!()\n}\n")]).len(),
            1
        );
    }

    #[test]
    fn a_mark_is_found_in_comments_and_documents() {
        for mark in UNFINISHED {
            let files = [
                file("crates/auth/src/users.rs", &format!("// {mark}: later\n")),
                file("README.md", &format!("{mark} write this\n")),
            ];

            assert_eq!(check(&files).len(), 2, "{mark}");
        }
    }

    #[test]
    fn the_same_words_inside_a_string_are_fine() {
        let text = "const A: &str = \"#[allow] and todo!\";\n";

        assert_eq!(check(&[file("crates/auth/src/users.rs", text)]), []);
    }
}
