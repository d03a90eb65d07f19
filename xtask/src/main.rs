//! All of Wardkeep's automation: `cargo xtask <command>`.
//!
//! One file per command in `commands/`. Every command says what it does while it does it and, when it fails, what
//! to do next; the exit status is 0 only when everything went well. There are no shell scripts beside `.ci/run`,
//! which calls these commands.

mod api;
mod commands;
mod database_url;
mod failure;
mod interrupt;
mod local;
mod metadata;
mod node;
mod process;
mod secrets;
mod server;
mod workspace;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::commands::Command;
use crate::workspace::Workspace;

/// Wardkeep's automation.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    show_events();
    match cli.command.run(&Workspace::here()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::FAILURE
        }
    }
}

/// Shows what the libraries report, such as the download of a PostgreSQL.
fn show_events() {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("error,wardkeep_local_postgres=info"))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .without_time()
        .with_target(false)
        .init();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
