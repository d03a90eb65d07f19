//! The token endpoint: how the client shows who it is, and what an answer holds (RFC 6749, sections 2.3, 4.1.3, 5 and 6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::discovery::Metadata;
use crate::http::{Answer, Http, HttpError};
use crate::settings::{Credential, Settings, TokenEndpointAuth};
use crate::{Secret, Tokens};

/// How long a secret that is signed for one request is good.
const SECRET_LIFETIME: Duration = Duration::minutes(5);
/// Nothing that a provider gives lives longer: what says so is taken to say nothing.
const LONGEST_LIFETIME: Duration = Duration::days(3660);
/// How much of a provider's words goes to the log.
const LONGEST_REASON: usize = 200;

/// The fields of a request that a log must not have.
const SECRET: [&str; 4] = ["code", "code_verifier", "refresh_token", "client_secret"];

/// Why there are no tokens.
pub(crate) enum NoTokens {
    /// The provider says no, in these words.
    Refused(String),
    /// There is no answer, or none that can be read.
    Unavailable(String),
}

/// Posts a grant, and reads the tokens.
pub(crate) async fn ask(
    http: &Http,
    settings: &Settings,
    metadata: &Metadata,
    grant: &[(&str, &str)],
    now: OffsetDateTime,
) -> Result<Tokens, NoTokens> {
    let secret = secret(settings, metadata, now);
    let mut form = grant.to_vec();
    let mut basic = None;
    match (metadata.token_auth, &secret) {
        (TokenEndpointAuth::Basic, Some(secret)) => basic = Some((settings.client_id.as_str(), secret)),
        (TokenEndpointAuth::Post, Some(secret)) => {
            form.push(("client_id", &settings.client_id));
            form.push(("client_secret", secret.expose()));
        }
        (TokenEndpointAuth::None, _) | (_, None) => form.push(("client_id", &settings.client_id)),
    }
    let answer = http.post(&metadata.token, &form, basic).await;
    let secrets: Vec<&str> = form
        .iter()
        .filter(|(name, _)| SECRET.contains(name))
        .map(|(_, value)| *value)
        .chain(basic.map(|(_, secret)| secret.expose()))
        .collect();
    let body = accepted(answer, &secrets)?;
    Ok(read(&body, now))
}

/// The client's secret. Apple's is a statement that the client signs for each use
/// (<https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret>).
fn secret(settings: &Settings, metadata: &Metadata, now: OffsetDateTime) -> Option<Secret> {
    let (team, key_id, key) = match &settings.credential {
        Credential::Public => return None,
        Credential::Secret(secret) => return Some(secret.clone()),
        Credential::Apple { team, key_id, key } => (team, key_id, key),
    };
    let header = json!({"alg": "ES256", "kid": key_id});
    let claims = json!({
        "iss": team,
        "iat": now.unix_timestamp(),
        "exp": (now + SECRET_LIFETIME).unix_timestamp(),
        "aud": metadata.issuer.as_ref().map(|issuer| issuer.name.as_str()),
        "sub": settings.client_id,
    });
    Some(Secret::new(signed(key, &header, &claims)))
}

fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature: Signature = key.sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// GitHub says what is wrong with status 200. What a provider repeats of the secrets that it was sent is left out.
fn accepted(answer: Result<Answer, HttpError>, secrets: &[&str]) -> Result<Map<String, Value>, NoTokens> {
    let Answer { status, body } = answer.map_err(|error| NoTokens::Unavailable(error.to_string()))?;
    let body = match body {
        Value::Object(body) => body,
        _ => Map::new(),
    };
    if let Some(error) = body.get("error") {
        let description = body
            .get("error_description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let error = error.as_str().unwrap_or("an error without a code");
        return Err(NoTokens::Refused(bounded(&without(
            format!("{error} {description}"),
            secrets,
        ))));
    }
    match status {
        200..300 if body.is_empty() => Err(NoTokens::Unavailable("the tokens are no JSON object".to_owned())),
        200..300 => Ok(body),
        400..500 => Err(NoTokens::Refused(format!("status {status}"))),
        _ => Err(NoTokens::Unavailable(format!(
            "tokens are answered with status {status}"
        ))),
    }
}

fn without(text: String, secrets: &[&str]) -> String {
    let secrets = secrets.iter().filter(|secret| !secret.is_empty());
    secrets.fold(text, |text, secret| text.replace(secret, "..."))
}

/// A few of a provider's words on one line, as it may be anybody who put them there.
fn bounded(text: &str) -> String {
    let plain = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(LONGEST_REASON).collect()
}

fn read(body: &Map<String, Value>, now: OffsetDateTime) -> Tokens {
    let token = |key: &str| {
        let text = body.get(key)?.as_str()?;
        (!text.is_empty()).then(|| Secret::new(text))
    };
    let end = |key: &str| ends(body.get(key)?, now);
    Tokens {
        access_token: token("access_token"),
        refresh_token: token("refresh_token"),
        id_token: token("id_token"),
        access_token_expires_at: end("expires_in"),
        refresh_token_expires_at: end("refresh_token_expires_in"),
        scopes: scopes(body.get("scope")),
    }
}

/// Seconds, as a number or, at some providers, a text.
fn ends(seconds: &Value, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let seconds = seconds
        .as_i64()
        .or_else(|| seconds.as_str()?.trim().parse().ok())?;
    let lifetime = Duration::seconds(seconds);
    if !lifetime.is_positive() || lifetime > LONGEST_LIFETIME {
        return None;
    }
    now.checked_add(lifetime)
}

/// By spaces (RFC 6749, section 3.3), at GitHub by commas, elsewhere as a list.
fn scopes(value: Option<&Value>) -> Vec<String> {
    let listed: Vec<&str> = match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let each = listed
        .iter()
        .flat_map(|text| text.split(|c: char| c.is_whitespace() || c == ','));
    let usable = each.filter(|scope| !scope.is_empty() && scope.chars().all(|c| c.is_ascii_graphic()));
    usable.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-07-01 12:00 UTC);

    fn tokens(body: Value) -> Tokens {
        read(body.as_object().unwrap(), NOW)
    }

    #[test]
    fn a_lifetime_is_a_number_or_a_text_or_missing() {
        let hour = Some(NOW + Duration::HOUR);
        assert_eq!(tokens(json!({"expires_in": 3600})).access_token_expires_at, hour);
        assert_eq!(
            tokens(json!({"expires_in": "3600"})).access_token_expires_at,
            hour
        );
        assert_eq!(
            tokens(json!({"refresh_token_expires_in": 3600})).refresh_token_expires_at,
            hour
        );
        assert_eq!(tokens(json!({})).access_token_expires_at, None);
    }

    #[test]
    fn a_lifetime_beyond_reason_says_nothing() {
        for seconds in [
            json!(i64::MAX),
            json!(u64::MAX),
            json!(1e300),
            json!(0),
            json!(-5),
            json!("soon"),
            json!([]),
        ] {
            assert_eq!(
                tokens(json!({"expires_in": seconds})).access_token_expires_at,
                None,
                "{seconds}"
            );
        }
    }

    #[test]
    fn scopes_come_in_three_ways() {
        for scope in [
            json!("a b"),
            json!("a,b"),
            json!(["a", "b"]),
            json!(" a  b\n,\u{0}c "),
        ] {
            assert_eq!(tokens(json!({"scope": scope})).scopes, ["a", "b"], "{scope}");
        }
    }

    #[test]
    fn a_providers_words_stay_short_and_on_one_line() {
        let body = json!({"error": "e", "error_description": "x\ny".repeat(1000)});
        let Err(NoTokens::Refused(words)) = accepted(Ok(Answer { status: 200, body }), &[]) else {
            panic!("it is an error");
        };
        assert!(
            words.chars().count() <= LONGEST_REASON && !words.contains('\n'),
            "{words}"
        );
    }

    #[test]
    fn a_provider_that_repeats_what_it_was_sent_tells_the_log_nothing() {
        let words = format!(
            "{} no refresh token {} for {}",
            "x".repeat(150),
            "r-e".repeat(9),
            "v".repeat(64)
        );
        let body = json!({"error": "invalid_grant", "error_description": words});
        let secrets = ["r-e".repeat(9), "v".repeat(64)];
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let Err(NoTokens::Refused(words)) = accepted(Ok(Answer { status: 400, body }), &secrets) else {
            panic!("it is an error");
        };
        assert!(words.ends_with("no refresh token ... for ..."), "{words}");
    }

    proptest! {
        #[test]
        fn no_answer_panics(status in 200u16..600, body in crate::testing::json()) {
            if let Ok(body) = accepted(Ok(Answer { status, body }), &["s"]) {
                read(&body, NOW);
            }
        }
    }
}
