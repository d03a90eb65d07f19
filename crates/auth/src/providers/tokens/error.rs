use sea_orm::DbErr;
use wardkeep_providers::ProviderError;
use wardkeep_tenancy::{BeginError, Fault, FaultKind};

/// Why a token, or what the provider says of its owner, could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// The user has no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account's provider is not configured (any more), or the account is a password.
    #[error("provider {0} is not supported")]
    NotSupported(String),
    /// The same, for what the provider would say of the user.
    #[error("the account's provider is not configured")]
    NotConfigured,
    /// There is no refresh token, or no secret of ours opens it.
    #[error("refresh token not found")]
    RefreshTokenNotFound,
    /// The provider gave no new access token to somebody who asked for one.
    #[error("the access token was not refreshed")]
    NotRefreshed(#[source] ProviderError),
    /// The access token is over, and the provider gave no new one.
    #[error("there is no valid access token")]
    NoValidAccessToken(#[source] ProviderError),
    /// There is no access token, or no secret of ours opens it.
    #[error("access token not found")]
    AccessTokenNotFound,
    /// The provider does not say who the user is.
    #[error("the provider does not say who the user is")]
    Unidentified(#[source] ProviderError),
    /// The server stops.
    #[error("the refresh was interrupted")]
    Interrupted,
    /// The database did not do its part.
    #[error("the account could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the account")]
    Begin(#[from] BeginError),
}

impl Fault for TokenError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound
            | Self::NotSupported(_)
            | Self::NotConfigured
            | Self::RefreshTokenNotFound
            | Self::NotRefreshed(_)
            | Self::NoValidAccessToken(_)
            | Self::AccessTokenNotFound => FaultKind::Invalid,
            Self::Unidentified(_) => FaultKind::Unauthenticated,
            Self::Interrupted => FaultKind::Unavailable,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ACCOUNT_NOT_FOUND",
            Self::NotSupported(_) => "PROVIDER_NOT_SUPPORTED",
            Self::NotConfigured => "PROVIDER_NOT_CONFIGURED",
            Self::RefreshTokenNotFound => "REFRESH_TOKEN_NOT_FOUND",
            Self::NotRefreshed(_) => "FAILED_TO_REFRESH_ACCESS_TOKEN",
            Self::NoValidAccessToken(_) => "FAILED_TO_GET_ACCESS_TOKEN",
            Self::AccessTokenNotFound => "ACCESS_TOKEN_NOT_FOUND",
            Self::Unidentified(_) => "FAILED_TO_GET_USER_INFO",
            Self::Interrupted => "SERVER_STOPPING",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
