//! `cargo xtask audit`: does what must not change stand as it was?

mod notes;

use clap::Subcommand;

use crate::database_url::AdminUrl;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// What to look at.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Recompute the hash of every signed note of all organizations, and name those that are not what was signed.
    VerifyNotes(AdminUrl),
}

/// Looks, and fails if anything was changed.
pub(crate) fn run(workspace: &Workspace, action: &Action) -> Result<(), Failure> {
    match action {
        Action::VerifyNotes(args) => notes::run(workspace, args),
    }
}
