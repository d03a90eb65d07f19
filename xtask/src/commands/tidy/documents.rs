//! A document that names a command names one that exists.

use clap::error::ErrorKind;

use super::Finding;
use super::tree::File;

/// What stands before a command's name.
const CALL: &str = "cargo xtask ";

/// Names each call of this program in a document that its own command line refuses.
pub(super) fn check(files: &[File], program: &clap::Command) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (at, line) in file.text.lines().enumerate() {
            let calls = line.split(CALL).skip(1).filter_map(|rest| refused(rest, program));
            findings.extend(calls.map(|message| Finding::new(format!("{}:{}", file.path, at + 1), message)));
        }
    }
    findings
}

/// Why the call that starts here is no good, if it is not.
fn refused(rest: &str, program: &clap::Command) -> Option<String> {
    let call = rest
        .split(['`', '#', '&', '|', ';', ',', ')', '"'])
        .next()
        .unwrap_or_default();
    let call = call
        .split("  ")
        .next()
        .unwrap_or_default()
        .trim()
        .trim_end_matches(['.', ':']);
    let name = call.split_whitespace().next()?;
    if name.starts_with(['<', '[', '…']) {
        return None;
    }
    if !name.starts_with('-') && program.find_subcommand(name).is_none() {
        return Some(format!("there is no `{CALL}{name}`"));
    }
    // A synopsis such as `migrate [up|down]` shows what there is, it is no call.
    if call.contains(['[', '<', '…']) {
        return None;
    }
    let words = std::iter::once("xtask").chain(call.split_whitespace());
    let error = program.clone().try_get_matches_from(words).err()?;
    // Help is no refusal, and a document may write N where a number goes.
    if error.exit_code() == 0 || error.kind() == ErrorKind::ValueValidation {
        return None;
    }
    let said = error.to_string();
    Some(format!(
        "`{CALL}{call}` is refused: {}",
        said.lines().next().unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::check;
    use crate::Cli;
    use crate::commands::tidy::Finding;
    use crate::commands::tidy::tree::file;

    fn findings(text: &str) -> Vec<Finding> {
        check(&[file("README.md", text)], &Cli::command())
    }

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        assert_eq!(findings("Run `cargo xtask launch` first.\n").len(), 1);
    }

    #[test]
    fn an_option_that_does_not_exist_is_found() {
        assert_eq!(findings("    cargo xtask tidy --fast\n").len(), 1);
    }

    #[test]
    fn every_call_of_a_line_is_looked_at() {
        assert_eq!(
            findings("    cargo xtask tidy && cargo xtask launch   # go\n").len(),
            1
        );
    }

    #[test]
    fn commands_that_exist_are_fine() {
        assert_eq!(
            findings(
                "`cargo xtask test`, `cargo xtask --help`, then cargo xtask tidy.\n    cargo xtask test patients  # some\n"
            ),
            []
        );
    }
}
