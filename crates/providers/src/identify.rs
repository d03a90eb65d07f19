//! Whose ID token a program has got by itself.

use time::OffsetDateTime;

use crate::claims::{bounded_name, profile};
use crate::id_tokens::{Expected, Origin, believed};
use crate::presets::Preset;
use crate::{GivenIdToken, Identity, Provider, ProviderError, Tokens, userinfo};

/// Says whose ID token a program has got.
pub(crate) async fn identify(
    provider: &Provider,
    given: &GivenIdToken,
    now: OffsetDateTime,
) -> Result<Identity, ProviderError> {
    if !provider.takes_id_tokens() {
        return Err(ProviderError::NoIdTokens);
    }
    let metadata = provider.metadata(Some(now)).await?;
    let issuer = metadata.issuer.as_ref().ok_or(ProviderError::NoIdTokens)?;
    let expected = Expected {
        from: Origin::Program,
        nonce: given.nonce.as_deref(),
        access_token: given.access_token.as_ref(),
        now,
    };
    let claims = believed(provider, issuer, &given.token, &expected).await?;
    let claims = userinfo::complete(&provider.http, &metadata, claims, given.access_token.as_ref()).await?;
    let missing = || ProviderError::Unidentified("no subject is named that can be kept".to_owned());
    let mut profile = profile(&provider.settings, claims).ok_or_else(missing)?;
    if provider.settings.preset == Preset::Apple {
        profile.name = profile.name.or_else(|| bounded_name(given.name.as_deref()?));
    }
    let tokens = Tokens {
        access_token: given.access_token.clone(),
        refresh_token: given.refresh_token.clone(),
        id_token: Some(given.token.clone()),
        ..Tokens::default()
    };
    Ok(Identity { profile, tokens })
}
