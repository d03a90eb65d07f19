//! Signing in through somebody else: the conversation with an OpenID Connect issuer or an OAuth 2 provider.
//!
//! The crate makes the address that a browser is sent to, exchanges the code that comes back for tokens, checks them, and
//! says who the user is there. It keeps nothing and knows no database: state, users and linked accounts are the business
//! of `wardkeep-auth`.

mod addresses;
mod authorize;
mod cache;
mod discovery;
mod error;
mod exchange;
mod http;
mod id_tokens;
mod identify;
mod identity;
mod presets;
mod profile;
mod profiles;
mod provider;
mod refresh;
mod settings;
#[cfg(test)]
mod testing;
mod token_endpoint;
mod userinfo;

pub use error::ProviderError;
pub use http::Limits;
pub use identity::{GivenIdToken, Identity, Profile, Secret, Tokens};
pub use provider::{Authorization, Callback, Provider, Providers, SignUp};
pub use settings::{Settings, SettingsError};
