//! `cargo xtask ci`: everything a change must pass, in an order that fails early.

use std::time::Instant;

use clap::builder::FalseyValueParser;

use crate::commands::{lint_schema, test, tidy};
use crate::failure::Failure;
use crate::process::{self, step};
use crate::workspace::Workspace;

/// How strict to be.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A test that is skipped or ignored is a failure.
    #[arg(long, env = "CI", value_parser = FalseyValueParser::new())]
    fail_on_skip: bool,
}

/// Runs the steps until one fails. All build into the one target folder of the workspace.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<(), Failure> {
    let started = Instant::now();
    let root = workspace.root();
    step(
        "format",
        process::cargo(root).args(["fmt", "--all", "--check"]),
        "run `cargo fmt --all`",
    )?;
    println!("==> tidy");
    tidy::run(workspace)?;
    step(
        "clippy",
        process::cargo(root).args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
        "mend what it says above; a lint is lifted for one place by #[expect(lint, reason = \"...\")]",
    )?;
    step(
        "documentation",
        process::cargo(root)
            .args(["doc", "--quiet", "--workspace", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings"),
        "mend the doc comments it names above",
    )?;
    lint_schema::scratch(workspace)?;
    test::run(workspace, &test::Args::everything(args.fail_on_skip))?;
    println!("ci: all steps passed in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}
