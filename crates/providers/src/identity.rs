//! Who somebody is at a provider, and what the provider gave for it.

use std::fmt;

use serde_json::{Map, Value};
use time::OffsetDateTime;

/// A token or a client's secret: its Debug output holds nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be sent to the provider, or stored encrypted.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

/// What a token endpoint answered (RFC 6749, section 5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    /// For the provider's other endpoints.
    pub access_token: Option<Secret>,
    /// For a new access token.
    pub refresh_token: Option<Secret>,
    /// Says who the user is, signed.
    pub id_token: Option<Secret>,
    /// When the access token is over, if the provider says so.
    pub access_token_expires_at: Option<OffsetDateTime>,
    /// When the refresh token is over, if the provider says so.
    pub refresh_token_expires_at: Option<OffsetDateTime>,
    /// What was granted.
    pub scopes: Vec<String>,
}

/// Who somebody is at a provider, by its word alone: nothing here was said by a browser, except the name that Apple gives
/// in no other way.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The id that never changes: the claim `sub`, at Microsoft `oid`, at GitHub `id`. Never empty.
    pub subject: String,
    /// The address, as the provider writes it.
    pub email: Option<String>,
    /// Whether the provider says that the address was proven, or is trusted to have proven all of them.
    pub email_verified: bool,
    /// The name.
    pub name: Option<String>,
    /// The address of a picture, `https:` or `http:`.
    pub image: Option<String>,
    /// All that the provider says.
    pub claims: Map<String, Value>,
}

/// Who somebody is, and the tokens that came with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// Who.
    pub profile: Profile,
    /// The tokens.
    pub tokens: Tokens,
}

/// An ID token that a program got from the provider by itself, and what it says beside it.
#[derive(Debug, Clone)]
pub struct GivenIdToken {
    /// The token.
    pub token: Secret,
    /// What the program asked the provider to put into it.
    pub nonce: Option<String>,
    /// The access token that came with it.
    pub access_token: Option<Secret>,
    /// The refresh token that came with it.
    pub refresh_token: Option<Secret>,
    /// The name that Apple gives to the program alone, once.
    pub name: Option<String>,
}
