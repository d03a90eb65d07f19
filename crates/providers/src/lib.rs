//! Signing in through somebody else: the conversation with an OpenID Connect issuer or an OAuth 2 provider.
//!
//! The crate makes the address that a browser is sent to, exchanges the code that comes back for tokens, checks them, and
//! says who the user is there. It keeps nothing and knows no database: state, users and linked accounts are the business
//! of `wardkeep-auth`.

mod error;
mod identity;
mod provider;
mod settings;

pub use error::ProviderError;
pub use identity::{GivenIdToken, Identity, Profile, Secret, Tokens};
pub use provider::{Authorization, Callback, Provider, Providers, SignUp};
pub use settings::{Settings, SettingsError};
