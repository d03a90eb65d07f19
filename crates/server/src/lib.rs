//! The `wardkeep` program: configuration, log, start and stop around the endpoints of `wardkeep-web`.
//!
//! It promises to start only with a configuration that makes sense and a database that it may serve, to say what to do
//! when it refuses, and to finish the requests it has begun when it is asked to stop. It holds no rule of sign-in or of
//! a clinic: it reads the environment once and hands plain values down.
//!
//! ```
//! use wardkeep_server::Profile;
//!
//! // Everything that the program can be told is a field of `Config`, which `Config::from_process` reads.
//! let profile = Profile::Standard;
//! assert_ne!(profile, Profile::Compatibility);
//! ```

pub mod config;
mod mail;
mod serve;
mod start_page;
pub mod telemetry;

pub use config::{Config, InvalidConfig, LogFormat, Profile};
pub use serve::{ServeError, serve};
