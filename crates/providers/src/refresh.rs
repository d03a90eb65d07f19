//! A new access token for an old refresh token (RFC 6749, section 6).

use time::OffsetDateTime;

use crate::claims::subject;
use crate::id_tokens::{Expected, Origin, believed};
use crate::presets::Preset;
use crate::token_endpoint::{NoTokens, ask};
use crate::{Provider, ProviderError, Tokens};

/// Gets a new access token.
pub(crate) async fn refresh(
    provider: &Provider,
    refresh_token: &str,
    of: &str,
    now: OffsetDateTime,
) -> Result<Tokens, ProviderError> {
    let settings = &provider.settings;
    let metadata = provider.metadata(Some(now)).await?;
    let scopes = settings.scopes.join(" ");
    let mut grant = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    if settings.preset == Preset::Microsoft {
        grant.push(("scope", &scopes));
    }
    let refused = |why: &str| ProviderError::NotRefreshed(why.to_owned());
    let tokens = ask(&provider.http, settings, &metadata, &grant, now)
        .await
        .map_err(|error| match error {
            NoTokens::Refused(why) => ProviderError::NotRefreshed(why),
            NoTokens::Unavailable(why) => ProviderError::Unavailable(why),
        })?;
    if tokens.access_token.is_none() {
        return Err(refused("there is no access token"));
    }
    let (Some(token), Some(issuer)) = (&tokens.id_token, &metadata.issuer) else {
        return Ok(tokens);
    };
    // A nonce need not be there again (OpenID Connect Core 1.0, section 12.2).
    let expected = Expected {
        from: Origin::Refresh,
        nonce: None,
        access_token: tokens.access_token.as_ref(),
        now,
    };
    let claims = believed(provider, issuer, token, &expected)
        .await
        .map_err(|error| match error {
            ProviderError::Unidentified(why) => ProviderError::NotRefreshed(why),
            other => other,
        })?;
    if subject(settings, &claims).as_deref() != Some(of) {
        return Err(refused("the id token is of another subject"));
    }
    Ok(tokens)
}
