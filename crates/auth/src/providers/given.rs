//! ID tokens that a program got by itself.

use wardkeep_providers::{GivenIdToken, Identity, Provider, ProviderError};
use wardkeep_tenancy::{Database, RequestContext};

use super::ProviderSignInError;
use super::links::{self, Arrival, By, Entering, Linking};
use super::returns::takes_newcomers;
use crate::Auth;
use crate::sessions::{Client, CurrentSession, SignedIn};

/// A sign-in with an ID token that a program got by itself.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The provider's id.
    pub provider: String,
    /// The token, and what came with it.
    pub given: GivenIdToken,
    /// Where the link in the mail leads, where the address must be proven first; the start page by default.
    pub callback: Option<String>,
    /// Whether a new user may be made where the provider's settings ask for that.
    pub request_sign_up: bool,
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
    brought: Brought,
    client: Client,
) -> Result<SignedIn, ProviderSignInError> {
    let provider = find(auth, &brought.provider)?;
    let identity = identify(cx, provider, &brought.given).await?;
    let entering = Entering {
        newcomers: takes_newcomers(provider.sign_up(), brought.request_sign_up),
        callback: brought.callback.as_deref(),
        client: &client,
    };
    let arrival = Arrival {
        provider: provider.id(),
        identity: &identity,
    };
    let entered = links::enter(db, cx, auth, arrival, entering).await?;
    Ok(entered.signed_in)
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
    let provider = find(auth, provider)?;
    let identity = identify(cx, provider, &given).await?;
    if identity.profile.email.as_deref().is_none_or(str::is_empty) {
        return Err(ProviderSignInError::EmailNotFound);
    }
    let arrival = Arrival {
        provider: provider.id(),
        identity: &identity,
    };
    let linking = Linking {
        user: current.user.id,
        session: current.session.id,
        by: By::Program,
    };
    links::link(db, cx, auth, arrival, linking).await
}

fn find<'a>(auth: &'a Auth, provider: &str) -> Result<&'a Provider, ProviderSignInError> {
    auth.providers()
        .get(provider)
        .ok_or(ProviderSignInError::NotFound)
}

/// Asks the provider's keys whose token it is.
async fn identify(
    cx: &RequestContext,
    provider: &Provider,
    given: &GivenIdToken,
) -> Result<Identity, ProviderSignInError> {
    let identity = provider.identify(given, cx.now()).await;
    identity.map_err(|error| match error {
        ProviderError::NoIdTokens => ProviderSignInError::NoIdTokens,
        error @ ProviderError::Unavailable(_) => ProviderSignInError::Provider(error),
        error => ProviderSignInError::InvalidToken(error),
    })
}
