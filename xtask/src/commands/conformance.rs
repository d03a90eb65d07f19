//! `cargo xtask conformance`: does the official Better Auth client work with us as with the original?

pub(crate) mod differences;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::commands::migrate;
use crate::failure::{Failure, OrFail};
use crate::interrupt::Interrupt;
use crate::local::{LocalServer, ScratchDatabase};
use crate::node::Copy;
use crate::secrets::{Secrets, random_text};
use crate::server::{self, Launch, Server, free_port};
use crate::workspace::Workspace;
use crate::{metadata, process};

use differences::{Difference, Outcome, Report};

/// Which recordings to compare with.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder with run.mjs [default: ../shared/conformance beside the checkout].
    #[arg(long, value_name = "DIR")]
    harness: Option<PathBuf>,
    /// What run.mjs takes: --scenario NAME, --dir PATH, --json FILE, --quiet.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    more: Vec<OsString>,
}

/// Runs the harness against a server of its own, and is content with nothing less than the original's answers, but for
/// the steps that `docs/conformance-differences.json` lists: those must differ.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    let source = args
        .harness
        .clone()
        .unwrap_or_else(|| workspace.beside("shared/conformance"));
    let listed = differences::read(workspace.root())?;
    let interrupt = Interrupt::watch()?;
    let harness = Copy::prepare(workspace, &source, "conformance", "--harness")?;
    let program = server::build(workspace)?;
    let secrets = Secrets::of(workspace)?;
    let local = LocalServer::development(workspace)?;
    let database = ScratchDatabase::create(&local)?;
    migrate::apply(database.url(), database.name(), None)?;
    local.set_passwords(&secrets)?;

    let smtp_port = free_port()?;
    let target = metadata::read(workspace.root())?.target_directory;
    let auth_secret = random_text().or_fail("could not make a secret", "try again")?;
    let launch = Launch {
        port: free_port()?,
        database_url: local.app_url(database.name(), &secrets),
        auth_secret: &auth_secret,
        more: vec![
            ("PROFILE", "compatibility".into()),
            ("SMTP_URL", format!("smtp://127.0.0.1:{smtp_port}")),
            ("WORKER_DATABASE_URL", local.worker_url(database.name(), &secrets)),
        ],
        log: Some(target.join("conformance-server.log")),
    };
    let server = Server::start(&program, launch, &interrupt)?;

    println!("==> conformance");
    let (own_report, report) = report_path(&args.more, &target);
    let counts = Mutex::new(Counts::default());
    let mut command = harness.node("run.mjs");
    command
        .args(["check", "--base-url", server.base_url()])
        .args(&args.more)
        .args(own_report)
        .env("SMTP_PORT", smtp_port.to_string())
        .env("TOKEN_HANDLE", "sha256")
        .env("AUTH_SECRET", &auth_secret)
        .env("DATABASE_URL", database.url());
    let status = process::stream(&mut command, &interrupt, |line| {
        counts.lock().unwrap_or_else(PoisonError::into_inner).read(line);
    })?;
    interrupt.check()?;
    let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let verdict = counts
        .complete()
        .and_then(|()| hold_against(&listed, &report, &args.more))
        .and_then(|outcome| counts.judge(status.success(), &outcome));
    if verdict.is_err() {
        eprint!("the end of the server's log:\n{}", server.log_tail());
    }
    verdict
}

/// What to add to the harness's arguments so that it writes a report, and where it will be: where the caller wants it,
/// else below the target folder.
fn report_path(more: &[OsString], target: &Path) -> (Vec<OsString>, PathBuf) {
    let named = more.iter().rposition(|argument| argument == "--json");
    if let Some(path) = named.and_then(|at| more.get(at + 1)) {
        return (Vec::new(), path.into());
    }
    let path = target.join("conformance-report.json");
    // A report of another run must not pass for one of this.
    let _ = fs::remove_file(&path);
    (vec!["--json".into(), path.clone().into()], path)
}

/// Holds the list of differences against what the harness has reported, and says what came out.
fn hold_against(listed: &[Difference], report: &Path, more: &[OsString]) -> Result<Outcome, Failure> {
    let all = !more.iter().any(|argument| argument == OsStr::new("--scenario"));
    let outcome = differences::compare(listed, &Report::read(report)?, all);
    if outcome.expected > 0 {
        println!("expected differences: {}", outcome.expected);
    }
    for wrong in &outcome.wrong {
        println!("FAIL  {}: {wrong}", differences::LIST);
    }
    Ok(outcome)
}

/// What the harness says at its end.
#[derive(Debug, Default)]
struct Counts {
    passed: Option<u64>,
    failed: u64,
    soft: u64,
    skipped: u64,
}

impl Counts {
    fn read(&mut self, line: &str) {
        let line = line.trim_end();
        if let Some(number) = line
            .strip_prefix("skipped scenarios: ")
            .and_then(|rest| rest.parse().ok())
        {
            self.skipped = number;
        } else if let Some(number) = line.strip_prefix("soft: ").and_then(|rest| rest.parse().ok()) {
            self.soft = number;
        } else if let Some((passed, failed)) = line
            .strip_suffix(" failed")
            .and_then(|rest| rest.split_once(" passed, "))
            && let (Ok(passed), Ok(failed)) = (passed.parse(), failed.parse())
        {
            (self.passed, self.failed) = (Some(passed), failed);
        }
    }

    /// Whether the harness came to its end and compared anything.
    fn complete(&self) -> Result<(), Failure> {
        match self.passed {
            None => refuse("the harness ended without its last line"),
            Some(0) if self.failed == 0 => refuse("no step was compared"),
            Some(_) => Ok(()),
        }
    }

    /// The verdict, with the steps that differ as they shall taken out.
    fn judge(&self, success: bool, outcome: &Outcome) -> Result<(), Failure> {
        let failed = self.failed.saturating_sub(outcome.expected);
        if failed > 0 {
            refuse(format!("{failed} steps differ from the recordings"))
        } else if self.skipped > 0 {
            refuse(format!("{} scenarios were skipped", self.skipped))
        } else if self.soft > 0 {
            refuse(format!("{} messages differ from the recordings", self.soft))
        } else if !outcome.wrong.is_empty() {
            let wrong = outcome.wrong.len();
            refuse(format!("{wrong} entries of {} are not true", differences::LIST))
        } else if !success && self.failed == 0 {
            refuse("the harness failed")
        } else {
            Ok(())
        }
    }
}

fn refuse<T>(what: impl Into<String>) -> Result<T, Failure> {
    let next = "each FAIL, skip and soft line above says what differs";
    Err(Failure::new(what, next))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Counts, Outcome, report_path};

    fn judge(lines: &[&str], success: bool) -> bool {
        judge_with(lines, success, &Outcome::default())
    }

    fn judge_with(lines: &[&str], success: bool, outcome: &Outcome) -> bool {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.read(line));
        counts
            .complete()
            .and_then(|()| counts.judge(success, outcome))
            .is_ok()
    }

    #[test]
    fn everything_as_recorded_passes() {
        assert!(judge(
            &[
                "ok    01-email-password / sign up\n",
                "soft: 0\n",
                "18 passed, 0 failed\n"
            ],
            true
        ));
    }

    #[test]
    fn a_failed_step_fails() {
        assert!(!judge(&["soft: 0", "17 passed, 1 failed"], false));
    }

    #[test]
    fn a_skipped_scenario_fails() {
        assert!(!judge(
            &["skipped scenarios: 1", "soft: 0", "17 passed, 0 failed"],
            true
        ));
    }

    #[test]
    fn a_soft_difference_fails() {
        assert!(!judge(&["soft: 2", "17 passed, 0 failed"], true));
    }

    #[test]
    fn a_harness_that_compares_nothing_or_dies_fails() {
        assert!(!judge(&["soft: 0", "0 passed, 0 failed"], true));
        assert!(!judge(&["Error: connect ECONNREFUSED"], false));
        assert!(!judge(&["soft: 0", "17 passed, 0 failed"], false));
    }

    #[test]
    fn differences_that_are_expected_pass_and_one_more_fails() {
        let expected = Outcome {
            expected: 2,
            wrong: Vec::new(),
        };

        assert!(judge_with(&["soft: 0", "16 passed, 2 failed"], false, &expected));
        assert!(!judge_with(&["soft: 0", "15 passed, 3 failed"], false, &expected));
        assert!(!judge_with(&["soft: 1", "16 passed, 2 failed"], false, &expected));
        assert!(!judge_with(
            &["skipped scenarios: 1", "soft: 0", "16 passed, 2 failed"],
            false,
            &expected
        ));
    }

    #[test]
    fn an_entry_that_is_not_true_fails_a_run_that_passed() {
        let outcome = Outcome {
            expected: 0,
            wrong: vec!["01-email-password / sign in: passes".to_owned()],
        };

        assert!(!judge_with(&["soft: 0", "18 passed, 0 failed"], true, &outcome));
    }

    #[test]
    fn the_report_goes_where_the_caller_wants_it() {
        let target = Path::new("/nowhere/target");
        let (own, path) = report_path(&["--quiet".into(), "--json".into(), "mine.json".into()], target);
        assert_eq!((own.len(), path.as_path()), (0, Path::new("mine.json")));

        let (own, path) = report_path(&["--quiet".into()], target);
        assert_eq!(path, target.join("conformance-report.json"));
        assert_eq!(own, ["--json".into(), path.into_os_string()]);
    }
}
