//! The commands, one file each.

mod audit;
mod better_auth_schema;
mod ci;
mod conformance;
mod db;
mod demo;
mod dev;
mod lint_schema;
mod migrate;
mod openapi;
mod test;
mod tidy;

use clap::Subcommand;

use crate::database_url::AdminUrl;
use crate::failure::Failure;
use crate::workspace::Workspace;

/// What `cargo xtask` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a server with two small clinics, from nothing; Ctrl-C stops everything.
    Dev(dev::Args),
    /// Show against the real server that two clinics in one database cannot reach each other, and a day in one of them.
    Demo,
    /// Run every test and doctest; says how many passed and how long it took.
    Test(test::Args),
    /// Everything a change must pass: format, tidy, clippy, documentation, schema, tests.
    Ci(ci::Args),
    /// Bring a database to the schema of this checkout, or say where it stands.
    Migrate(migrate::Args),
    /// Start, stop or find the development server.
    #[command(subcommand)]
    Db(db::Action),
    /// Look in the catalogue for every table, role and function that breaks a rule of the isolation.
    LintSchema(AdminUrl),
    /// Look whether what must not change stands as it was.
    #[command(subcommand)]
    Audit(audit::Action),
    /// Ask Better Auth whether it accepts a database that the migrations made.
    BetterAuthSchema(better_auth_schema::Args),
    /// Compare the server with recordings of Better Auth, through its official client.
    Conformance(conformance::Args),
    /// Print the OpenAPI document.
    Openapi,
    /// Check the crate graph, file sizes, names and other house rules.
    Tidy,
}

impl Command {
    /// Runs the command to its end.
    pub(crate) fn run(self, workspace: &Workspace) -> Result<(), Failure> {
        match self {
            Self::Dev(args) => dev::run(workspace, &args),
            Self::Demo => demo::run(workspace),
            Self::Test(args) => test::run(workspace, &args),
            Self::Ci(args) => ci::run(workspace, &args),
            Self::Migrate(args) => migrate::run(workspace, &args),
            Self::Db(action) => db::run(workspace, &action),
            Self::LintSchema(args) => lint_schema::run(workspace, &args),
            Self::Audit(action) => audit::run(workspace, &action),
            Self::BetterAuthSchema(args) => better_auth_schema::run(workspace, &args),
            Self::Conformance(args) => conformance::run(workspace, &args),
            Self::Openapi => openapi::run(),
            Self::Tidy => tidy::run(workspace),
        }
    }
}
