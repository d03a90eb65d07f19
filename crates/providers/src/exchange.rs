//! From the code that a browser brought back to the user.

use serde_json::Value;
use time::OffsetDateTime;

use crate::claims::{bounded_name, profile};
use crate::discovery::Metadata;
use crate::id_tokens::{Expected, Origin, believed};
use crate::presets::Preset;
use crate::token_endpoint::{NoTokens, ask};
use crate::{Callback, Identity, Provider, ProviderError, userinfo};

/// Exchanges a code, and says who came.
pub(crate) async fn exchange(
    provider: &Provider,
    callback: &Callback<'_>,
    now: OffsetDateTime,
) -> Result<Identity, ProviderError> {
    let metadata = provider.metadata(Some(now)).await?;
    check_issuer(&metadata, callback.issuer)?;
    let grant = [
        ("grant_type", "authorization_code"),
        ("code", callback.code),
        ("code_verifier", callback.code_verifier),
        ("redirect_uri", callback.redirect_uri),
    ];
    let asked = ask(&provider.http, &provider.settings, &metadata, &grant, now).await;
    let tokens = asked.map_err(|error| match error {
        NoTokens::Refused(why) => ProviderError::InvalidCode(why),
        NoTokens::Unavailable(why) => ProviderError::Unavailable(why),
    })?;
    let claims = match &metadata.issuer {
        None => userinfo::ask(&provider.http, &metadata, tokens.access_token.as_ref()).await?,
        Some(issuer) => {
            let expected = Expected {
                from: Origin::Exchange,
                nonce: Some(callback.nonce),
                access_token: tokens.access_token.as_ref(),
                now,
            };
            let missing = || ProviderError::Unidentified("there is no id token".to_owned());
            let token = tokens.id_token.as_ref().ok_or_else(missing)?;
            // The code is used up: what fails from here on is that the user cannot be had.
            let claims = believed(provider, issuer, token, &expected)
                .await
                .map_err(unidentified)?;
            userinfo::complete(&provider.http, &metadata, claims, tokens.access_token.as_ref()).await?
        }
    };
    let missing = || ProviderError::Unidentified("no subject is named that can be kept".to_owned());
    let mut profile = profile(&provider.settings, claims).ok_or_else(missing)?;
    if provider.settings.preset == Preset::Apple {
        profile.name = profile.name.or_else(|| posted_name(callback.user?));
    }
    Ok(Identity { profile, tokens })
}

/// Whether the answer came from the provider that was asked, and not from another one to whom the browser was led (RFC
/// 9207; RFC 9700, section 4.4).
fn check_issuer(metadata: &Metadata, named: Option<&str>) -> Result<(), ProviderError> {
    match (&metadata.issuer, named) {
        (Some(issuer), Some(named)) if issuer.name != named => Err(ProviderError::IssuerMismatch),
        (Some(issuer), None) if issuer.names_itself => Err(ProviderError::IssuerMissing),
        _ => Ok(()),
    }
}

/// What Apple posts the first time: `{"name": {"firstName": ..., "lastName": ...}}`. The browser could have changed it, so
/// that it is nothing but a name.
fn posted_name(user: &str) -> Option<String> {
    let user: Value = serde_json::from_str(user).ok()?;
    let name = user.get("name")?;
    let part = |key: &str| name.get(key).and_then(Value::as_str).unwrap_or_default();
    bounded_name(&format!("{} {}", part("firstName"), part("lastName")))
}

fn unidentified(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Unavailable(why) => ProviderError::Unidentified(why),
        other => other,
    }
}
