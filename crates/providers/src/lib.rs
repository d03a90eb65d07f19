//! Signing in through somebody else: the conversation with an OpenID Connect issuer or an OAuth 2 provider.
//!
//! The crate makes the address that a browser is sent to, exchanges the code that comes back for tokens, checks them, and
//! says who the user is there. It keeps nothing and knows no database: state, users and linked accounts are the business
//! of `wardkeep-auth`.
//!
//! It promises that a [`Profile`] is the provider's word: the ID token is signed with a key that the issuer publishes, by
//! an algorithm that it lists and that needs a private key; it is from that issuer, for this client, of now, and of this
//! sign-in (its nonce); and what the userinfo endpoint adds is of the same subject. Every code has a challenge (PKCE, S256).
//! A provider has ten seconds and 256 KiB for an answer, and is asked over https; its metadata and keys are kept for an hour.
//!
//! It refuses to follow a redirect, to use a proxy of the environment, and to connect to an address that is not everybody's
//! (the one that a name resolves to is looked at, and is the one connected to), unless the operator allows private ones.
//! What a browser or a program says of the user is not believed, but for the name that Apple gives in no other way. No
//! secret and no token shows in Debug output or in an error.
//!
//! `state`, `nonce` and `code_verifier` are the caller's: texts that nobody can guess, made for each sign-in
//! (`state` and `nonce` with 128 random bits or more; `code_verifier` 43 to 128 characters of `A-Z a-z 0-9 - . _ ~`, RFC 7636,
//! section 4.1), kept on the server for some minutes, and used once. **The caller must compare the state that comes back
//! with one in a cookie of the same browser**, before anything else, and look up the rest by it: who leaves that out signs people
//! in to a stranger's account (RFC 9700, section 4.7). `wardkeep-auth` does all of that.
//!
//! ```no_run
//! use std::collections::BTreeMap;
//!
//! use time::OffsetDateTime;
//! use wardkeep_providers::{Authorization, Callback, Providers, Settings};
//!
//! # async fn example(now: OffsetDateTime, state: &str, nonce: &str, verifier: &str, code: &str, iss: Option<&str>)
//! #     -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::read(
//!     r#"{"keycloak": {"issuer": "https://id.clinic.example/realms/staff", "clientId": "wardkeep", "clientSecret": "..."}}"#,
//! )?;
//! let providers = Providers::new(settings)?;
//! let keycloak = providers.get("keycloak").ok_or("it was configured a line ago")?;
//!
//! let redirect_uri = "https://clinic.example/api/auth/callback/keycloak";
//! let authorization = Authorization {
//!     redirect_uri,
//!     state,
//!     nonce,
//!     code_verifier: verifier,
//!     scopes: &[],
//!     login_hint: None,
//!     additional: &BTreeMap::new(),
//! };
//! println!("go to {}", keycloak.authorization_url(&authorization, now).await?);
//!
//! // The browser is back, and the state in the address is the one in its cookie: that was checked.
//! let callback = Callback {
//!     code,
//!     redirect_uri,
//!     nonce,
//!     code_verifier: verifier,
//!     issuer: iss,
//!     user: None,
//! };
//! let identity = keycloak.exchange(&callback, now).await?;
//! println!("{} came, {:?}", identity.profile.subject, identity.profile.email);
//! # Ok(())
//! # }
//! ```
//!
//! What an operator may say is read all at once, and what is wrong is said with its remedy:
//!
//! ```
//! let refused = wardkeep_providers::Settings::read(r#"{"google": {"clientid": "c", "clientSecret": "..."}}"#).unwrap_err();
//! assert!(refused.to_string().contains("clientid is no key of such a provider: is clientId meant?"));
//! ```

mod addresses;
mod authorize;
mod cache;
mod claims;
mod current;
mod discovery;
mod error;
mod exchange;
mod http;
mod id_tokens;
mod identify;
mod identity;
mod presets;
mod provider;
mod refresh;
mod settings;
#[cfg(test)]
mod testing;
mod token_endpoint;
mod userinfo;

pub use authorize::RESERVED_PARAMETERS;
pub use error::ProviderError;
pub use http::Limits;
pub use identity::{GivenIdToken, Identity, Profile, Secret, Tokens};
pub use provider::{Authorization, Callback, Provider, Providers, SignUp};
pub use settings::{Settings, SettingsError};
