//! Every request as it goes over the real router, on a real database, with a clock that the test moves.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper of a test fails as the test does"
)]

mod advisories;
mod body;
mod clinics;
mod deletions;
mod development_sign_in;
mod document;
mod documents;
mod email_password;
mod emails;
mod embedding;
mod error_page;
mod invitation_page;
mod invitations;
mod letters;
mod lines;
mod mailbox;
mod members;
mod open_redirects;
mod order;
mod organization;
mod organizations;
mod origin;
mod passwords;
mod profile;
mod providers;
mod rate_limits;
mod redirects;
mod resets;
mod roles;
mod session;
mod sessions;
mod social;
mod social_advisories;
mod social_failures;
mod social_id_tokens;
mod social_links;
mod social_log;
mod social_shapes;
mod social_tokens;
mod surroundings;
mod teams;
mod world;
