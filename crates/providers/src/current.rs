//! Who somebody is now, by tokens that were kept.

use crate::claims::{profile as read, text};
use crate::id_tokens::claims_of_kept;
use crate::{Profile, Provider, ProviderError, Tokens, userinfo};

/// Says who somebody is by tokens that were checked when they came: the ID token is read without being verified again, as
/// it is over by now, and what it says is asked for where it lacks the address.
pub(crate) async fn profile(
    provider: &Provider,
    tokens: &Tokens,
    subject: &str,
) -> Result<Profile, ProviderError> {
    let access_token = tokens.access_token.as_ref();
    let kept = tokens.id_token.as_ref().and_then(claims_of_kept);
    let claims = match kept {
        Some(claims) if text(&claims, "email").is_some() => claims,
        Some(claims) => {
            let metadata = provider.metadata(None).await?;
            userinfo::complete(&provider.http, &metadata, claims, access_token).await?
        }
        None => {
            let metadata = provider.metadata(None).await?;
            userinfo::ask(&provider.http, &metadata, access_token).await?
        }
    };
    let profile = read(&provider.settings, claims);
    let is_theirs = |profile: &Profile| profile.subject == subject;
    let other = || ProviderError::Unidentified("the provider speaks of another subject".to_owned());
    profile.filter(is_theirs).ok_or_else(other)
}
