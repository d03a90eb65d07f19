//! ID tokens that a program got by itself.

use wardkeep_providers::{GivenIdToken, Identity, ProviderError};
use wardkeep_tenancy::{Database, RequestContext};

use super::ProviderSignInError;
use super::links::{self, Arrival, By, Entering, Linking};
use super::returns::takes_newcomers;
use crate::Auth;
use crate::sessions::{Client, CurrentSession, SignedIn};

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
    let identity = identify(cx, auth, provider, &given).await?;
    let sign_up = auth.providers().get(provider).map(|provider| provider.sign_up());
    let entering = Entering {
        newcomers: takes_newcomers(sign_up.unwrap_or_default(), request_sign_up),
        callback: None,
        client: &client,
    };
    let arrival = Arrival {
        provider,
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
    let identity = identify(cx, auth, provider, &given).await?;
    if identity.profile.email.as_deref().is_none_or(str::is_empty) {
        return Err(ProviderSignInError::EmailNotFound);
    }
    let arrival = Arrival {
        provider,
        identity: &identity,
    };
    let linking = Linking {
        user: current.user.id,
        session: current.session.id,
        by: By::Program,
    };
    links::link(db, cx, auth, arrival, linking).await
}

/// Asks the provider's keys whose token it is.
async fn identify(
    cx: &RequestContext,
    auth: &Auth,
    provider: &str,
    given: &GivenIdToken,
) -> Result<Identity, ProviderSignInError> {
    let provider = auth
        .providers()
        .get(provider)
        .ok_or(ProviderSignInError::NotFound)?;
    if !provider.takes_id_tokens() {
        return Err(ProviderSignInError::NoIdTokens);
    }
    let identity = provider.identify(given, cx.now()).await;
    identity.map_err(|error| match error {
        ProviderError::NoIdTokens => ProviderSignInError::NoIdTokens,
        error @ ProviderError::Unavailable(_) => ProviderSignInError::Provider(error),
        error => ProviderSignInError::InvalidToken(error),
    })
}
