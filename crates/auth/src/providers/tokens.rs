//! The tokens that a provider gave for a linked account.

use sea_orm::DbErr;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use wardkeep_providers::{Profile, ProviderError, Secret};
use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext, UserId};

use crate::Auth;
use crate::accounts::{Account, AccountId};

/// A token for the provider's other endpoints, good for at least five seconds if the provider said how long it lives.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The token; none where the provider gave none.
    pub access_token: Option<Secret>,
    /// When it is over.
    pub expires_at: Option<OffsetDateTime>,
    /// What was granted when the account was linked.
    pub scopes: Vec<String>,
    /// The last ID token.
    pub id_token: Option<Secret>,
}

/// What a refresh gave.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// The account as it is now.
    pub account: Account,
    /// The new access token.
    pub access_token: Secret,
    /// When it is over.
    pub access_token_expires_at: Option<OffsetDateTime>,
    /// The refresh token from now on.
    pub refresh_token: Secret,
    /// When it is over.
    pub refresh_token_expires_at: Option<OffsetDateTime>,
    /// The last ID token.
    pub id_token: Option<Secret>,
}

/// Who the user is at the provider.
#[derive(Debug, Clone)]
pub struct Info {
    /// The account.
    pub account: Account,
    /// What the provider says now.
    pub profile: Profile,
}

impl Info {
    /// All that the provider says.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.profile.claims
    }
}

/// The access token of an account of the signed-in user; a new one where the old is over or will be in five seconds.
///
/// # Errors
///
/// See [`TokenError`].
pub async fn access_token(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    account: Option<AccountId>,
) -> Result<AccessToken, TokenError> {
    let _ = (db, cx, auth, user, account);
    Err(TokenError::NotFound)
}

/// Gets a new access token for an account of the signed-in user.
///
/// # Errors
///
/// See [`TokenError`].
pub async fn refresh(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    account: Option<AccountId>,
) -> Result<Refreshed, TokenError> {
    let _ = (db, cx, auth, user, account);
    Err(TokenError::NotFound)
}

/// Asks the provider who the user is there.
///
/// # Errors
///
/// See [`TokenError`].
pub async fn info(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    user: UserId,
    account: Option<AccountId>,
) -> Result<Info, TokenError> {
    let _ = (db, cx, auth, user, account);
    Err(TokenError::NotFound)
}

/// Why a token could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The user has no such account.
    #[error("there is no such account")]
    NotFound,
    /// The account's provider is not configured (any more).
    #[error("provider {0} is not supported")]
    NotSupported(String),
    /// The provider did not do its part.
    #[error(transparent)]
    Provider(#[from] ProviderError),
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
            Self::NotFound | Self::NotSupported(_) | Self::Provider(_) => FaultKind::Invalid,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "ACCOUNT_NOT_FOUND",
            Self::NotSupported(_) => "PROVIDER_NOT_SUPPORTED",
            Self::Provider(_) => "FAILED_TO_GET_ACCESS_TOKEN",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
