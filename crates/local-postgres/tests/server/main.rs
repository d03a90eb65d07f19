//! A real server in a folder of its own, for each test.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod crashes;
mod npm;
mod refusals;
mod root;
mod sandbox;
mod starting;
