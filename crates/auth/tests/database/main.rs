//! Sign-up, sign-in and sessions against a real database, as the application's login.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails as the test does")]

mod outbox;
mod passwords;
mod proxy;
mod sessions;
mod sign_in;
mod sign_up;
mod smtp_server;
mod world;
