//! Signing in through somebody else: OpenID Connect issuers and OAuth 2 providers.
//!
//! [`begin`] sends a browser away, [`finish`] takes it back; [`with_id_token`] takes what a program got by itself. What
//! links an account to a user, and when, stands in `links`; the state between going and coming in `states`.

mod links;
pub mod states;
mod tokens;

use std::collections::BTreeMap;

use sea_orm::DbErr;
use wardkeep_providers::{GivenIdToken, ProviderError};
use wardkeep_tenancy::{BeginError, Database, Fault, FaultKind, RequestContext};

pub use tokens::{AccessToken, Info, Refreshed, TokenError, access_token, info, refresh};
pub use wardkeep_providers::{self as client, Providers};

use crate::Auth;
use crate::sessions::{Client, CurrentSession, SignedIn};

/// What a sign-in through a provider begins with. The addresses are checked by the caller: they are on a trusted origin.
#[derive(Debug, Clone, Default)]
pub struct Begin {
    /// The provider's id.
    pub provider: String,
    /// Where the browser is led in the end; the start page by default.
    pub callback: Option<String>,
    /// Where it is led when something went wrong; the error page by default.
    pub error_callback: Option<String>,
    /// Where it is led instead, if the user is a new one.
    pub new_user_callback: Option<String>,
    /// Whether a new user may be made where the provider's settings ask for that.
    pub request_sign_up: bool,
    /// Scopes beside those of the settings.
    pub scopes: Vec<String>,
    /// Who probably signs in.
    pub login_hint: Option<String>,
    /// More parameters for the provider.
    pub additional: BTreeMap<String, String>,
}

/// A sign-in that has begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Where to send the browser.
    pub url: String,
    /// What the browser must keep in a signed cookie, for [`COOKIE_LIFETIME`](states::COOKIE_LIFETIME).
    pub state: String,
}

/// What a browser brought back from a provider, and the state in its cookie.
#[derive(Debug, Clone, Default)]
pub struct Return {
    /// The provider whose address it came back to.
    pub provider: String,
    /// The state in the signed cookie.
    pub browser: Option<String>,
    /// The state in the address.
    pub state: Option<String>,
    /// To be exchanged for tokens.
    pub code: Option<String>,
    /// What went wrong at the provider.
    pub error: Option<String>,
    /// The same in words.
    pub error_description: Option<String>,
    /// Who answered (RFC 9207).
    pub issuer: Option<String>,
    /// What Apple posts once: JSON with a name.
    pub user: Option<String>,
}

/// A sign-in, or a link, that has worked.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Where to lead the browser.
    pub leads_to: String,
    /// The new session; none after a link.
    pub signed_in: Option<SignedIn>,
}

/// A sign-in that has not worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The code of the protocol, or the provider's.
    pub error: String,
    /// The same in the provider's words.
    pub description: Option<String>,
    /// Where the program wants to hear of it; `None` is the error page.
    pub leads_to: Option<String>,
    /// Whether the state was used up, so that the cookie is worth nothing.
    pub spent: bool,
}

/// Sends a browser to a provider, to sign in or, for somebody who is signed in, to link an account.
///
/// # Errors
///
/// [`ProviderSignInError::NotFound`] and [`ProviderSignInError::Provider`]; else when the database fails.
pub async fn begin(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    link: Option<&CurrentSession>,
    begin: Begin,
) -> Result<Begun, ProviderSignInError> {
    let _ = (db, cx, auth, link, begin);
    Err(ProviderSignInError::NotFound)
}

/// Takes a browser back from a provider: whoever comes is signed in, or an account linked, or nothing at all happened.
///
/// # Errors
///
/// The code for the page that the browser is led to; what the log should know is logged.
pub async fn finish(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    back: Return,
    client: Client,
) -> Result<Finished, Failed> {
    let _ = (db, cx, auth, back, client);
    Err(Failed {
        error: "state_not_found".to_owned(),
        description: None,
        leads_to: None,
        spent: false,
    })
}

/// Signs in with an ID token that a program got by itself.
///
/// # Errors
///
/// See [`ProviderSignInError`].
pub async fn with_id_token(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    provider: &str,
    given: GivenIdToken,
    request_sign_up: bool,
    client: Client,
) -> Result<SignedIn, ProviderSignInError> {
    let _ = (db, cx, auth, provider, given, request_sign_up, client);
    Err(ProviderSignInError::NotFound)
}

/// Links the account of an ID token that a program got by itself to the signed-in user.
///
/// # Errors
///
/// See [`ProviderSignInError`].
pub async fn link_id_token(
    db: &Database,
    cx: &RequestContext,
    auth: &Auth,
    current: &CurrentSession,
    provider: &str,
    given: GivenIdToken,
) -> Result<(), ProviderSignInError> {
    let _ = (db, cx, auth, current, provider, given);
    Err(ProviderSignInError::NotFound)
}

/// Why nobody was signed in, or nothing linked.
#[derive(Debug, thiserror::Error)]
pub enum ProviderSignInError {
    /// No such provider is configured.
    #[error("there is no such provider")]
    NotFound,
    /// The provider cannot be reached, or its settings do not work.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// The database did not do its part.
    #[error("the sign-in could not be read or written")]
    Database(#[from] DbErr),
    /// No connection was to be had.
    #[error("no transaction could be opened for the sign-in")]
    Begin(#[from] BeginError),
}

impl Fault for ProviderSignInError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::NotFound => FaultKind::NotFound,
            Self::Provider(_) => FaultKind::Unavailable,
            Self::Database(error) => error.kind(),
            Self::Begin(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "PROVIDER_NOT_FOUND",
            Self::Provider(_) => "PROVIDER_UNAVAILABLE",
            Self::Database(error) => error.code(),
            Self::Begin(error) => error.code(),
        }
    }
}
