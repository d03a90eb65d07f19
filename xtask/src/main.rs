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

use std::process::ExitCode;

use clap::Parser;

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
    match cli.command.run(&Workspace::here()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::FAILURE
        }
    }
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
