//! What goes wrong with a provider.

/// Why a provider did not say who somebody is. The text after the colon is for the log: it may be the provider's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It cannot be reached, or what it publishes about itself is wrong.
    #[error("the provider is not available: {0}")]
    Unavailable(String),
    /// The answer to the browser lacks the issuer although the provider promises it (RFC 9207, section 2.4).
    #[error("the provider's answer names no issuer")]
    IssuerMissing,
    /// The answer to the browser names another issuer (RFC 9207, section 2.4).
    #[error("the provider's answer names another issuer")]
    IssuerMismatch,
    /// The token endpoint gave no tokens.
    #[error("the code was not exchanged: {0}")]
    InvalidCode(String),
    /// The ID token is not valid, or the profile could not be had.
    #[error("the user is not known: {0}")]
    Unidentified(String),
    /// The provider signs no ID tokens, or none are taken from programs.
    #[error("the provider takes no id tokens")]
    NoIdTokens,
    /// A new access token was refused.
    #[error("the access token was not refreshed: {0}")]
    NotRefreshed(String),
}

impl ProviderError {
    /// The code that Better Auth puts into the redirect.
    pub fn code(&self) -> &'static str {
        match self {
            Self::IssuerMissing => "issuer_missing",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::Unavailable(_) | Self::InvalidCode(_) | Self::NotRefreshed(_) => "invalid_code",
            Self::Unidentified(_) | Self::NoIdTokens => "unable_to_get_user_info",
        }
    }
}
