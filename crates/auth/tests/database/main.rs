//! Sign-up, sign-in and sessions against a real database, as the application's login.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test fails as the test does"
)]

mod accounts;
mod alike;
mod cheap;
mod credentials;
mod deletion_races;
mod deletions;
mod email_changes;
mod email_proofs;
mod guesses;
mod interleaving;
mod no_mails;
mod outbox;
mod passwords;
mod pending;
mod post;
mod provider_flows;
mod provider_links;
mod provider_races;
mod provider_sign_in;
mod provider_takeover;
mod provider_tokens;
mod providers;
mod resets;
mod session_lists;
mod sessions;
mod sign_in;
mod sign_in_races;
mod sign_up;
mod smtp_server;
mod stored_secrets;
mod takeover;
mod world;
