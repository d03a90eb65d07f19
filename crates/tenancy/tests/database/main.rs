//! Transactions against a real PostgreSQL, as the application's login.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod cap;
mod connect;
mod fixtures;
mod nested;
mod proxy;
mod scopes;
mod sessions;
mod traps;
mod wire;
mod worker;
