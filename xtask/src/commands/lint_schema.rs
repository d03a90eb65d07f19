//! `cargo xtask lint-schema`: does every table keep organizations apart?

use wardkeep_migration::lint::{self, Finding, Severity};

use crate::commands::migrate;
use crate::failure::{Failure, OrFail};
use crate::local::{LocalServer, ScratchDatabase};
use crate::process::block_on;
use crate::workspace::Workspace;

/// Which database to judge.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// A migrated database [default: a fresh one on the local server, from the migrations of this checkout].
    #[arg(long, env = "ADMIN_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    admin_database_url: Option<String>,
}

/// Prints the findings, one a line, and how many there are.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    match args.admin_database_url.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => judge(url),
        None => scratch(workspace),
    }
}

/// Judges the migrations of this checkout.
pub(crate) fn scratch(workspace: &Workspace) -> Result<(), Failure> {
    let local = LocalServer::development(workspace)?;
    let database = ScratchDatabase::create(&local)?;
    migrate::apply(database.url(), database.name(), None)?;
    judge(database.url())
}

fn judge(url: &str) -> Result<(), Failure> {
    println!("==> lint the schema");
    let findings = block_on(lint::lint(url))?.or_fail(
        "could not judge the schema",
        "do what the message says; the login must be able to connect",
    )?;
    for finding in &findings {
        println!("    {finding}");
    }
    let breach = |finding: &&Finding| finding.severity == Severity::Breach;
    let breaches = findings.iter().filter(breach).count();
    if breaches < findings.len() {
        println!(
            "    {} are advice, for a superuser of the server to weigh",
            findings.len() - breaches
        );
    }
    println!("{breaches} findings");
    if breaches == 0 {
        return Ok(());
    }
    Err(Failure::new(
        "the schema breaks its rules",
        "each line above ends with what to do; docs/database.md says how a table is added",
    ))
}
