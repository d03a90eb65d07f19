//! Providers over the network, against one that misbehaves when told to.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod apple;
mod authorization;
mod discovery;
mod exchange;
mod id_tokens;
mod network;
mod presets;
mod profiles;
mod refresh;
mod settings;
mod support;
