//! `cargo xtask better-auth-schema`: does Better Auth itself accept a database that our migrations made?

use std::path::PathBuf;

use crate::commands::migrate;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::local::{LocalServer, ScratchDatabase};
use crate::node::Copy;
use crate::process;
use crate::workspace::Workspace;

/// Where Better Auth is.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder with check-schema.mjs [default: ../shared/reference beside the checkout].
    #[arg(long, value_name = "DIR")]
    reference: Option<PathBuf>,
}

/// Migrates a database of its own and asks Better Auth what it would still create.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    let beside = || workspace.beside("shared/reference");
    let source = args.reference.clone().unwrap_or_else(beside);
    let interrupt = Interrupt::watch()?;
    let reference = Copy::prepare(workspace, &source, "reference", "--reference")?;
    let server = LocalServer::development(workspace)?;
    let database = ScratchDatabase::create(&server)?;
    migrate::apply(database.url(), database.name(), None)?;
    println!("==> ask Better Auth what is missing");
    let mut command = reference.node("check-schema.mjs");
    let status = process::stream(command.env("DATABASE_URL", database.url()), &interrupt, |_| ())?;
    interrupt.check()?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(
        "Better Auth would change this schema",
        "add what it names above in a new migration: columns it needs, by its names",
    ))
}
