//! The commands, one file each.

mod ci;
mod test;
mod tidy;

use clap::Subcommand;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// What `cargo xtask` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every test and doctest; says how many passed and how long it took.
    Test(test::Args),
    /// Everything a change must pass: format, tidy, clippy, documentation, schema, tests.
    Ci(ci::Args),
    /// Check the crate graph, file sizes, names and other house rules.
    Tidy,
}

impl Command {
    /// Runs the command to its end.
    pub(crate) fn run(self, workspace: &Workspace) -> Result<(), Failure> {
        match self {
            Self::Test(args) => test::run(workspace, &args),
            Self::Ci(args) => ci::run(workspace, &args),
            Self::Tidy => tidy::run(workspace),
        }
    }
}
