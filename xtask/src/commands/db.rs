//! `cargo xtask db`: the development server of this checkout.

use clap::Subcommand;
use wardkeep_local_postgres::{Running, find_running, stop};

use crate::failure::{Failure, OrFail};
use crate::local::{DEVELOPMENT_DATABASE, LocalServer, development_settings};
use crate::workspace::Workspace;

/// What to do with the server.
#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// Start it, and leave it running.
    Start,
    /// Stop it; sessions are ended, data is written.
    Stop,
    /// Say whether it runs, and where.
    Status,
    /// Print the superuser's address of the development database.
    Url,
}

const NEXT: &str = "do what the message says";

/// Runs one action.
pub(crate) fn run(workspace: &Workspace, action: &Action) -> Result<(), Failure> {
    match action {
        Action::Start => start(workspace),
        Action::Stop => {
            let stopped =
                stop(&development_settings(workspace)).or_fail("could not stop PostgreSQL", NEXT)?;
            println!("{}", if stopped { "stopped" } else { "was not running" });
            Ok(())
        }
        Action::Status => {
            match find(workspace)? {
                Some(running) => {
                    println!(
                        "running on 127.0.0.1:{}, data in {}",
                        running.port,
                        running.data_dir.display()
                    );
                }
                None => println!("not running"),
            }
            Ok(())
        }
        Action::Url => match find(workspace)? {
            Some(running) => {
                println!("{}", running.url(DEVELOPMENT_DATABASE));
                Ok(())
            }
            None => Err(Failure::new(
                "the development server is not running",
                "run `cargo xtask db start`",
            )),
        },
    }
}

fn start(workspace: &Workspace) -> Result<(), Failure> {
    let server = LocalServer::development(workspace)?;
    server.ensure_database(DEVELOPMENT_DATABASE)?;
    println!("    {}", server.url(DEVELOPMENT_DATABASE));
    server.keep()
}

fn find(workspace: &Workspace) -> Result<Option<Running>, Failure> {
    find_running(&development_settings(workspace)).or_fail("could not look for PostgreSQL", NEXT)
}
