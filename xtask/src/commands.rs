//! The commands, one file each.

mod better_auth_schema;
mod ci;
mod db;
mod migrate;
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
    /// Bring a database to the schema of this checkout, or say where it stands.
    Migrate(migrate::Args),
    /// Start, stop or find the development server.
    #[command(subcommand)]
    Db(db::Action),
    /// Ask Better Auth whether it accepts a database that the migrations made.
    BetterAuthSchema(better_auth_schema::Args),
    /// Check the crate graph, file sizes, names and other house rules.
    Tidy,
}

impl Command {
    /// Runs the command to its end.
    pub(crate) fn run(self, workspace: &Workspace) -> Result<(), Failure> {
        match self {
            Self::Test(args) => test::run(workspace, &args),
            Self::Ci(args) => ci::run(workspace, &args),
            Self::Migrate(args) => migrate::run(workspace, &args),
            Self::Db(action) => db::run(workspace, &action),
            Self::BetterAuthSchema(args) => better_auth_schema::run(workspace, &args),
            Self::Tidy => tidy::run(workspace),
        }
    }
}
