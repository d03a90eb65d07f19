//! `cargo xtask lint-schema`: does every table keep organizations apart?

use wardkeep_migration::lint::{self, Finding, Severity};

use crate::commands::migrate;
use crate::database_url::AdminUrl;
use crate::failure::{Failure, OrFail};
use crate::local::{LocalServer, ScratchDatabase};
use crate::process::block_on;
use crate::workspace::Workspace;

/// Prints the findings, one a line, and how many there are. Without a database, judges the migrations of this checkout.
pub(crate) fn run(workspace: &Workspace, args: &AdminUrl) -> Result<(), Failure> {
    match args.named()? {
        Some(target) => judge(&target.url, &target.place),
        None => scratch(workspace),
    }
}

/// Judges the migrations of this checkout.
pub(crate) fn scratch(workspace: &Workspace) -> Result<(), Failure> {
    let local = LocalServer::development(workspace)?;
    let database = ScratchDatabase::create(&local)?;
    migrate::apply(database.url(), database.name(), None)?;
    judge(
        database.url(),
        "the migrations of this checkout, in a fresh database",
    )
}

fn judge(url: &str, place: &str) -> Result<(), Failure> {
    println!("==> lint the schema: {place}");
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
