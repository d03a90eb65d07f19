//! `cargo xtask conformance`: does the official Better Auth client work with us as with the original?

use std::ffi::OsString;
use std::path::PathBuf;
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

/// Runs the harness against a server of its own, and is content with nothing less than the original's answers.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    let source = args
        .harness
        .clone()
        .unwrap_or_else(|| workspace.beside("shared/conformance"));
    let interrupt = Interrupt::watch()?;
    let harness = Copy::prepare(workspace, &source, "conformance", "--harness")?;
    let program = server::build(workspace)?;
    let secrets = Secrets::of(workspace)?;
    let local = LocalServer::development(workspace)?;
    let database = ScratchDatabase::create(&local)?;
    migrate::apply(database.url(), database.name(), None)?;
    local.set_passwords(&secrets)?;

    let smtp_port = free_port()?;
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
        log: Some(
            metadata::read(workspace.root())?
                .target_directory
                .join("conformance-server.log"),
        ),
    };
    let server = Server::start(&program, launch, &interrupt)?;

    println!("==> conformance");
    let counts = Mutex::new(Counts::default());
    let mut command = harness.node("run.mjs");
    command
        .args(["check", "--base-url", server.base_url()])
        .args(&args.more)
        .env("SMTP_PORT", smtp_port.to_string())
        .env("TOKEN_HANDLE", "sha256")
        .env("AUTH_SECRET", &auth_secret)
        .env("DATABASE_URL", database.url());
    let status = process::stream(&mut command, &interrupt, |line| {
        counts.lock().unwrap_or_else(PoisonError::into_inner).read(line);
    })?;
    interrupt.check()?;
    let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let verdict = counts.judge(status.success());
    if verdict.is_err() {
        eprint!("the end of the server's log:\n{}", server.log_tail());
    }
    verdict
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

    fn judge(&self, success: bool) -> Result<(), Failure> {
        let fail = |what: String| {
            Err(Failure::new(
                what,
                "each FAIL, skip and soft line above says what differs",
            ))
        };
        match self.passed {
            None => fail("the harness ended without its last line".into()),
            Some(0) => fail("no step was compared".into()),
            Some(_) if self.failed > 0 => fail(format!("{} steps differ from the recordings", self.failed)),
            Some(_) if self.skipped > 0 => fail(format!("{} scenarios were skipped", self.skipped)),
            Some(_) if self.soft > 0 => fail(format!("{} messages differ from the recordings", self.soft)),
            Some(_) if !success => fail("the harness failed".into()),
            Some(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn judge(lines: &[&str], success: bool) -> bool {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.read(line));
        counts.judge(success).is_ok()
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
}
