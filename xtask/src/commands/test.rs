//! `cargo xtask test`: every test of the workspace, and its doctests.

mod tally;

use std::num::NonZeroU32;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clap::builder::FalseyValueParser;

use self::tally::{Runner, Tally};

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::local::LocalServer;
use crate::metadata;
use crate::process;
use crate::workspace::Workspace;

/// What to test; without arguments everything.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Only this package; may be repeated.
    #[arg(short, long = "package", value_name = "NAME")]
    packages: Vec<String>,
    /// Only tests whose name contains one of these.
    #[arg(value_name = "FILTER")]
    filters: Vec<String>,
    /// A test that is skipped or ignored is a failure (unless a filter left it out).
    #[arg(long, env = "CI", value_parser = FalseyValueParser::new())]
    fail_on_skip: bool,
    /// How often requests race each other in each test that lets them [default: 50]. A thousand take minutes a test.
    #[arg(long, value_name = "N")]
    race_rounds: Option<NonZeroU32>,
}

/// Runs the tests and closes with `N passed, N failed`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    let started = Instant::now();
    let interrupt = Interrupt::watch()?;
    let outcome = run_all(workspace, args, &interrupt);
    let tally = match &outcome {
        Ok(tally) => *tally,
        Err(_) => Tally {
            failed: 1,
            ..Tally::default()
        },
    };
    let verdict = outcome.and_then(|tally| interrupt.check().and_then(|()| judge(tally, args)));
    if let Err(failure) = &verdict {
        failure.tell();
    }
    println!();
    for missing in missing() {
        println!(
            "left out, though counted as passed: what drives the official client with {missing}, which is not there"
        );
    }
    println!(
        "{} tests passed in {:.1} s; {} skipped",
        tally.passed,
        started.elapsed().as_secs_f64(),
        tally.skipped
    );
    println!("{} passed, {} failed", tally.passed, tally.failed);
    verdict.map_err(|_| Failure::told())
}

/// The programs without which a test of the official client (`tests/tests/browser.rs`) ends at once. What it says of that is
/// not shown, as nothing is that a test says which passes; with `CI` set it fails instead.
fn missing() -> impl Iterator<Item = &'static str> {
    ["node", "npm", "/usr/bin/chromium"]
        .into_iter()
        .filter(|program| !process::answers(Command::new(program).arg("--version")))
}

/// Runs one runner after the other, also when the first has failures: one run shows them all.
fn run_all(workspace: &Workspace, args: &Args, interrupt: &Interrupt) -> Result<Tally, Failure> {
    // Once, up front: the first tests would otherwise all wait for it.
    let _server = if has_own_server() {
        None
    } else {
        Some(LocalServer::for_tests(workspace)?)
    };
    let root = workspace.root();
    let mut tally = unit_tests(root, args, interrupt)?;
    if !interrupt.asked() && args.has_library(root)? {
        tally += doctests(root, args, interrupt)?;
    }
    Ok(tally)
}

/// Whether the tests were given a server.
#[expect(
    clippy::disallowed_methods,
    reason = "the tests read the same variable; here it only spares a start"
)]
fn has_own_server() -> bool {
    std::env::var_os("TEST_DATABASE_URL").is_some_and(|url| !url.is_empty())
}

/// What the numbers mean.
fn judge(tally: Tally, args: &Args) -> Result<(), Failure> {
    if tally.failed > 0 {
        return Err(Failure::new(
            format!("{} of {} tests failed", tally.failed, tally.failed + tally.passed),
            "their output is above; `cargo xtask test NAME` runs only those with NAME in their name",
        ));
    }
    if tally.passed == 0 {
        return Err(Failure::new(
            "no test was run",
            "check the filter: it is compared with the test's path",
        ));
    }
    if args.fail_on_skip && args.filters.is_empty() && tally.skipped > 0 {
        return Err(Failure::new(
            format!(
                "{} tests were skipped, which CI=true does not accept",
                tally.skipped
            ),
            "run them, or delete them: an ignored test protects nothing",
        ));
    }
    Ok(())
}

/// The tests: with nextest when it is installed (each in a process of its own, so a hanging one is named).
fn unit_tests(root: &Path, args: &Args, interrupt: &Interrupt) -> Result<Tally, Failure> {
    let mut command = process::cargo(root);
    if let Some(rounds) = args.race_rounds {
        command
            .env("RACE_ROUNDS", rounds.to_string())
            // More time for each test.
            .env("NEXTEST_PROFILE", "races");
    }
    if process::answers(process::cargo(root).args(["nextest", "--version"])) {
        println!("==> tests (cargo nextest)");
        args.select(command.args(["nextest", "run", "--no-fail-fast", "--no-tests=pass"]))
            .args(&args.filters);
        return tally::stream(&mut command, Runner::Nextest, interrupt);
    }
    println!("==> tests (cargo test; `cargo install cargo-nextest` gives a faster run)");
    args.select(command.args(["test", "--no-fail-fast", "--all-targets"]))
        .arg("--")
        .args(&args.filters);
    tally::stream(&mut command, Runner::Libtest, interrupt)
}

/// The examples in the documentation, which nextest does not run.
fn doctests(root: &Path, args: &Args, interrupt: &Interrupt) -> Result<Tally, Failure> {
    println!("==> doctests");
    let mut command = process::cargo(root);
    args.select(command.args(["test", "--doc", "--no-fail-fast"]))
        .arg("--")
        .args(&args.filters);
    tally::stream(&mut command, Runner::Libtest, interrupt)
}

impl Args {
    /// The whole workspace.
    pub(crate) fn everything(fail_on_skip: bool) -> Self {
        Self {
            fail_on_skip,
            ..Self::default()
        }
    }

    /// Adds the packages, or the whole workspace.
    fn select<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if self.packages.is_empty() {
            return command.arg("--workspace");
        }
        command.args(self.packages.iter().flat_map(|package| ["--package", package]))
    }

    /// Whether something selected can hold doctests: cargo refuses `--doc` for a package of binaries only.
    fn has_library(&self, root: &Path) -> Result<bool, Failure> {
        if self.packages.is_empty() {
            return Ok(true);
        }
        let metadata = metadata::read(root)?;
        let with_library = |name: &String| {
            metadata
                .packages
                .iter()
                .any(|package| package.name == *name && package.has_library())
        };
        Ok(self.packages.iter().all(with_library))
    }
}

#[cfg(test)]
mod tests {
    use super::{Args, judge};
    use crate::commands::test::tally::Tally;

    const ONE_IGNORED: Tally = Tally {
        passed: 3,
        failed: 0,
        skipped: 1,
    };

    #[test]
    fn a_failed_test_fails_the_run() {
        assert!(
            judge(
                Tally {
                    passed: 3,
                    failed: 1,
                    skipped: 0
                },
                &Args::default()
            )
            .is_err()
        );
    }

    #[test]
    fn a_run_without_any_test_fails() {
        assert!(judge(Tally::default(), &Args::default()).is_err());
    }

    #[test]
    fn an_ignored_test_fails_a_build_machine_only() {
        let build_machine = Args {
            fail_on_skip: true,
            ..Args::default()
        };

        assert!(judge(ONE_IGNORED, &Args::default()).is_ok());
        assert!(judge(ONE_IGNORED, &build_machine).is_err());
    }

    #[test]
    fn a_filter_skips_the_rest_without_failing_a_build_machine() {
        let filtered = Args {
            fail_on_skip: true,
            filters: vec!["patients".into()],
            ..Args::default()
        };

        assert!(judge(ONE_IGNORED, &filtered).is_ok());
    }
}
