//! Asks who the user is with an access token.

use serde_json::{Map, Value};

use crate::claims::text;
use crate::discovery::Metadata;
use crate::http::{Answer, Http, HttpError};
use crate::{ProviderError, Secret};

/// Asks the userinfo endpoint of an issuer, and adds what it says to the claims of the ID token. Without `email` in the
/// ID token both the address and whether it is verified are the endpoint's; of the rest the ID token's word counts.
pub(crate) async fn complete(
    http: &Http,
    metadata: &Metadata,
    mut claims: Map<String, Value>,
    access_token: Option<&Secret>,
) -> Result<Map<String, Value>, ProviderError> {
    let (Some(url), Some(token)) = (&metadata.userinfo, access_token) else {
        return Ok(claims);
    };
    if text(&claims, "email").is_some() {
        return Ok(claims);
    }
    let said = object(http.get_with(url, token).await)?;
    // OpenID Connect Core 1.0, section 5.3.2: else one user's token would show another one's profile.
    if claims.get("sub") != said.get("sub") {
        return Err(unidentified(
            "the userinfo endpoint speaks of another subject than the id token",
        ));
    }
    claims.remove("email");
    claims.remove("email_verified");
    for (claim, value) in said {
        claims.entry(claim).or_insert(value);
    }
    Ok(claims)
}

/// Asks for the profile, and at GitHub for the addresses: the public one is whatever the user chose, and only the list
/// says whether it is verified.
pub(crate) async fn ask(
    http: &Http,
    metadata: &Metadata,
    access_token: Option<&Secret>,
) -> Result<Map<String, Value>, ProviderError> {
    let url = metadata
        .userinfo
        .as_ref()
        .ok_or_else(|| unidentified("there is no userinfo endpoint"))?;
    let token = access_token.ok_or_else(|| unidentified("there is no access token"))?;
    let mut profile = object(http.get_with(url, token).await)?;
    let Some(url) = &metadata.emails else {
        return Ok(profile);
    };
    let answer = http
        .get_with(url, token)
        .await
        .map_err(|error| unidentified(&error.to_string()))?;
    // Without the scope there is no list, and nothing is verified.
    let is_success = answer.is_success();
    let listed = match answer.body {
        Value::Array(listed) if is_success => listed,
        _ => Vec::new(),
    };
    let (email, is_verified) = chosen(text(&profile, "email"), &listed);
    profile.insert("email".to_owned(), email.map_or(Value::Null, Value::from));
    profile.insert("email_verified".to_owned(), is_verified.into());
    Ok(profile)
}

/// The public address, else the primary one, else the first; and what the list says of it.
fn chosen(public: Option<&str>, listed: &[Value]) -> (Option<String>, bool) {
    let address = |entry: &Value| entry.get("email").and_then(Value::as_str).map(str::to_owned);
    let is = |entry: &Value, flag: &str| entry.get(flag) == Some(&Value::Bool(true));
    let primary = || {
        listed
            .iter()
            .find(|entry| is(entry, "primary"))
            .or(listed.first())
    };
    let email = public.map(str::to_owned).or_else(|| address(primary()?));
    let entry = listed
        .iter()
        .find(|entry| email.is_some() && address(entry) == email);
    (email, entry.is_some_and(|entry| is(entry, "verified")))
}

fn object(answer: Result<Answer, HttpError>) -> Result<Map<String, Value>, ProviderError> {
    let answer = answer.map_err(|error| unidentified(&error.to_string()))?;
    if !answer.is_success() {
        let status = answer.status;
        return Err(unidentified(&format!(
            "the userinfo endpoint answers with status {status}"
        )));
    }
    match answer.body {
        Value::Object(object) => Ok(object),
        _ => Err(unidentified("the userinfo endpoint answers with no JSON object")),
    }
}

fn unidentified(why: &str) -> ProviderError {
    ProviderError::Unidentified(why.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::chosen;

    proptest! {
        #[test]
        fn no_list_of_addresses_panics(listed in prop::collection::vec(crate::testing::json(), 0..6), public in any::<Option<String>>()) {
            chosen(public.as_deref(), &listed);
        }
    }
}
