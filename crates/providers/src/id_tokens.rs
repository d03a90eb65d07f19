//! Who an ID token is of, and whether it is to be believed (OpenID Connect Core 1.0, sections 3.1.3.7 and 3.1.3.8).
//!
//! Keys, signatures and hashes are `openidconnect`'s. Its verifier of claims is not used: it knows neither `azp` nor `nbf`, and
//! its claim types refuse a whole token for one optional claim in an unusual form, such as `updated_at` as a text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::JsonWebKey as _;
use openidconnect::core::{CoreJsonWebKey, CoreJwsSigningAlgorithm};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::claims::text;
use crate::discovery::Issuer;
use crate::presets::Preset;
use crate::settings::Settings;
use crate::{Provider, ProviderError, Secret};

/// How far the clocks of two servers may be apart, in seconds.
const TOLERANCE: f64 = 30.0;
/// How many keys are tried at most: each costs a verification, and anybody may bring a token that names none.
const MOST_TRIED: usize = 32;
/// How old an ID token of a program may be, in seconds.
const LONGEST_AGE: f64 = 3600.0;

/// An ID token, taken apart and not believed yet.
#[derive(Debug)]
pub(crate) struct IdToken {
    algorithm: CoreJwsSigningAlgorithm,
    key_id: Option<String>,
    claims: Map<String, Value>,
    message: String,
    signature: Vec<u8>,
}

/// What an ID token must say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) from: Origin,
    pub(crate) nonce: Option<&'a str>,
    /// The access token that came with it.
    pub(crate) access_token: Option<&'a Secret>,
    pub(crate) now: OffsetDateTime,
}

/// Who gave an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The token endpoint, for a code: it is for our own client.
    Exchange,
    /// The token endpoint, for a refresh token: it is for whichever client got that.
    Refresh,
    /// A program, that may be another client and may have kept it.
    Program,
}

/// What is wrong with an ID token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unbelieved {
    /// A key that is not known, or not yet.
    #[error("the id token is signed with no key of the issuer")]
    UnknownKey,
    #[error("the id token {0}")]
    Wrong(&'static str),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<String>,
    crit: Option<Value>,
}

impl IdToken {
    /// Takes a token apart. Only the algorithms that the issuer lists are taken; `none` and those with a shared secret are
    /// never among them.
    pub(crate) fn parse(token: &Secret, issuer: &Issuer) -> Result<Self, Unbelieved> {
        let parts: Vec<&str> = token.expose().split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(Unbelieved::Wrong("is no signed token of three parts"));
        };
        let decode = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| Unbelieved::Wrong("is no base64url"))
        };
        let read: Header = serde_json::from_slice(&decode(header)?)
            .map_err(|_| Unbelieved::Wrong("has no header that can be read"))?;
        let algorithm = issuer
            .algorithms
            .iter()
            .find(|known| algorithm_name(known) == Some(read.alg.as_str()));
        let algorithm =
            algorithm.ok_or(Unbelieved::Wrong("is signed with an algorithm that is not taken"))?;
        // Tokens of other kinds are signed with the same keys: for logout, for other servers (RFC 8725, section 3.11).
        if read
            .typ
            .is_some_and(|kind| !["JWT", "APPLICATION/JWT"].contains(&kind.to_ascii_uppercase().as_str()))
        {
            return Err(Unbelieved::Wrong("is a token of another type"));
        }
        if read.crit.is_some() || read.cty.is_some() {
            return Err(Unbelieved::Wrong("has a header that asks for more than is known"));
        }
        Ok(Self {
            algorithm: algorithm.clone(),
            key_id: read.kid,
            claims: read_claims(&decode(claims)?)?,
            message: format!("{header}.{claims}"),
            signature: decode(signature)?,
        })
    }

    /// Believes the token, or says why not.
    pub(crate) fn verify(
        &self,
        keys: &[CoreJsonWebKey],
        issuer: &Issuer,
        settings: &Settings,
        expected: &Expected<'_>,
    ) -> Result<Map<String, Value>, Unbelieved> {
        let key = self.signing_key(keys)?;
        self.check_issuer(issuer, settings)?;
        self.check_audience(settings, expected.from)?;
        self.check_times(expected)?;
        self.check_nonce(settings.preset, expected.nonce)?;
        self.check_access_token(key, expected.access_token)?;
        check_membership(settings, &self.claims)?;
        Ok(self.claims.clone())
    }

    /// The key that made the signature: of this id, or any where the token names none.
    fn signing_key<'k>(&self, keys: &'k [CoreJsonWebKey]) -> Result<&'k CoreJsonWebKey, Unbelieved> {
        let named = |key: &&CoreJsonWebKey| match (&self.key_id, key.key_id()) {
            (None, _) => true,
            (Some(wanted), Some(id)) => wanted == id.as_str(),
            (Some(_), None) => false,
        };
        let signed = |key: &&CoreJsonWebKey| {
            key.verify_signature(&self.algorithm, self.message.as_bytes(), &self.signature)
                .is_ok()
        };
        let mut candidates = keys.iter().filter(named).take(MOST_TRIED).peekable();
        if candidates.peek().is_none() {
            return Err(Unbelieved::UnknownKey);
        }
        let found = candidates.find(signed);
        found.ok_or(match self.key_id {
            None => Unbelieved::UnknownKey,
            Some(_) => Unbelieved::Wrong("has a wrong signature"),
        })
    }

    fn check_issuer(&self, issuer: &Issuer, settings: &Settings) -> Result<(), Unbelieved> {
        let named = self.text("iss").ok_or(Unbelieved::Wrong("names no issuer"))?;
        if named == issuer.name || Some(named) == settings.preset.other_issuer() {
            return Ok(());
        }
        Err(Unbelieved::Wrong("is of another issuer"))
    }

    fn check_audience(&self, settings: &Settings, from: Origin) -> Result<(), Unbelieved> {
        let is_client = |id: &str| match from {
            Origin::Exchange => id == settings.client_id,
            Origin::Refresh | Origin::Program => settings.is_client(id),
        };
        let several = match self.claims.get("aud") {
            Some(Value::String(one)) if is_client(one) => return Ok(()),
            Some(Value::Array(several)) => several,
            _ => return Err(Unbelieved::Wrong("is for another client")),
        };
        if !several.iter().filter_map(Value::as_str).any(is_client) {
            return Err(Unbelieved::Wrong("is for other clients"));
        }
        // Of several, the one that it was made for is named.
        if several.len() > 1 && !self.text("azp").is_some_and(is_client) {
            return Err(Unbelieved::Wrong("was made for another of its clients"));
        }
        Ok(())
    }

    fn check_times(&self, expected: &Expected<'_>) -> Result<(), Unbelieved> {
        let now = expected.now.unix_timestamp() as f64;
        let time = |claim: &str| {
            self.claims
                .get(claim)
                .map(|value| value.as_f64().unwrap_or(f64::NAN))
        };
        let is = |holds: bool, why: &'static str| {
            if holds {
                Ok(())
            } else {
                Err(Unbelieved::Wrong(why))
            }
        };
        let (issued, end) = (time("iat").unwrap_or(f64::NAN), time("exp").unwrap_or(f64::NAN));
        // Comparisons with what is no number are false.
        is(end > now - TOLERANCE, "is over, or does not say when")?;
        is(
            issued <= now + TOLERANCE,
            "is from the future, or does not say when it was made",
        )?;
        is(
            time("nbf").is_none_or(|start| start <= now + TOLERANCE),
            "is not good yet",
        )?;
        is(
            expected.from != Origin::Program || issued >= now - LONGEST_AGE - TOLERANCE,
            "is older than an hour",
        )
    }

    /// Apple's libraries put the SHA-256 of what a program calls the nonce into the token.
    fn check_nonce(&self, preset: Preset, expected: Option<&str>) -> Result<(), Unbelieved> {
        let Some(expected) = expected else {
            return Ok(());
        };
        let nonce = self.text("nonce").ok_or(Unbelieved::Wrong("has no nonce"))?;
        if nonce == expected || (preset == Preset::Apple && nonce == hex(&Sha256::digest(expected))) {
            return Ok(());
        }
        Err(Unbelieved::Wrong("has another nonce"))
    }

    /// `at_hash` is the left half of the access token's hash (OpenID Connect Core 1.0, section 3.1.3.6).
    fn check_access_token(
        &self,
        key: &CoreJsonWebKey,
        access_token: Option<&Secret>,
    ) -> Result<(), Unbelieved> {
        let (Some(hash), Some(token)) = (self.claims.get("at_hash"), access_token) else {
            return Ok(());
        };
        let wrong = Unbelieved::Wrong("came with another access token");
        let bytes = key
            .hash_bytes(token.expose().as_bytes(), &self.algorithm)
            .map_err(|_| wrong.clone())?;
        let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
        if hash.as_str() == Some(URL_SAFE_NO_PAD.encode(half).as_str()) {
            return Ok(());
        }
        Err(wrong)
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }
}

/// The claims of a token that was believed when it came, and has been kept since. Nothing of it is checked again: it may
/// be over, and signed with a key that is gone.
pub(crate) fn claims_of_kept(token: &Secret) -> Option<Map<String, Value>> {
    let claims = token.expose().split('.').nth(1)?;
    read_claims(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

/// Whose ID token it is, if it is to be believed. A key that is not known yet is asked for.
pub(crate) async fn believed(
    provider: &Provider,
    issuer: &Issuer,
    token: &Secret,
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, ProviderError> {
    let unidentified = |error: Unbelieved| ProviderError::Unidentified(error.to_string());
    let token = IdToken::parse(token, issuer).map_err(unidentified)?;
    let keys = provider.keys(&issuer.keys, expected.now).await?;
    match token.verify(&keys, issuer, &provider.settings, expected) {
        Err(Unbelieved::UnknownKey) => {}
        verified => return verified.map_err(unidentified),
    }
    let newer = provider.newer_keys(&keys, &issuer.keys, expected.now).await;
    let newer = newer.ok_or_else(|| unidentified(Unbelieved::UnknownKey))?;
    token
        .verify(&newer, issuer, &provider.settings, expected)
        .map_err(unidentified)
}

fn read_claims(bytes: &[u8]) -> Result<Map<String, Value>, Unbelieved> {
    serde_json::from_slice(bytes).map_err(|_| Unbelieved::Wrong("has no claims that can be read"))
}

/// Whether the user is of the organization at the provider that may sign in.
fn check_membership(settings: &Settings, claims: &Map<String, Value>) -> Result<(), Unbelieved> {
    if let Some(domain) = &settings.hosted_domain {
        let hosted = text(claims, "hd").ok_or(Unbelieved::Wrong(
            "is of an account of no organization (hostedDomain)",
        ))?;
        if domain != "*" && domain != hosted {
            return Err(Unbelieved::Wrong(
                "is of an account of another organization (hostedDomain)",
            ));
        }
    }
    let Some(tenant) = &settings.tenant else {
        return Ok(());
    };
    let id = text(claims, "tid").ok_or(Unbelieved::Wrong("names no tenant"))?;
    let is_ours = match Preset::is_tenant_id(tenant) {
        true => tenant.eq_ignore_ascii_case(id),
        // Asked by a domain, the issuer has said which tenant that is.
        false => text(claims, "iss").is_some_and(|issuer| issuer.ends_with(&format!("/{id}/v2.0"))),
    };
    if is_ours {
        return Ok(());
    }
    Err(Unbelieved::Wrong("is of another tenant"))
}

fn algorithm_name(algorithm: &CoreJwsSigningAlgorithm) -> Option<&'static str> {
    match algorithm {
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256 => Some("RS256"),
        CoreJwsSigningAlgorithm::RsaSsaPssSha256 => Some("PS256"),
        CoreJwsSigningAlgorithm::EcdsaP256Sha256 => Some("ES256"),
        CoreJwsSigningAlgorithm::EcdsaP384Sha384 => Some("ES384"),
        CoreJwsSigningAlgorithm::EdDsa => Some("EdDSA"),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::signature::Signer as _;
    use p256::ecdsa::{Signature, SigningKey};
    use proptest::prelude::*;
    use serde_json::json;
    use time::macros::datetime;
    use url::Url;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-07-01 12:00 UTC);

    fn issuer() -> Issuer {
        Issuer {
            name: "https://id.example".to_owned(),
            keys: Url::parse("https://id.example/keys").unwrap(),
            algorithms: vec![CoreJwsSigningAlgorithm::EcdsaP256Sha256],
            names_itself: false,
        }
    }

    fn settings() -> Settings {
        let entry = json!({"own": {"issuer": "https://id.example", "clientId": "c", "clientSecret": "s"}});
        Settings::read(&entry.to_string()).unwrap().remove(0)
    }

    fn key(seed: &str) -> SigningKey {
        SigningKey::from_slice(&Sha256::digest(seed)).unwrap()
    }

    fn public(key: &SigningKey, more: Value) -> CoreJsonWebKey {
        let point = key.verifying_key().to_sec1_point(false);
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (x, y) = (part(&point.as_bytes()[1..33]), part(&point.as_bytes()[33..]));
        let mut entry = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
        entry
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        serde_json::from_value(entry).unwrap()
    }

    fn token(key: &SigningKey, header: &Value, claims: &Value) -> Secret {
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encoded(header), encoded(claims));
        let signature: Signature = key.sign(message.as_bytes());
        Secret::new(format!(
            "{message}.{}",
            URL_SAFE_NO_PAD.encode(signature.to_bytes())
        ))
    }

    fn claims() -> Value {
        let now = NOW.unix_timestamp();
        json!({"iss": "https://id.example", "aud": "c", "sub": "17", "iat": now, "exp": now + 60})
    }

    fn verified(header: &Value, keys: &[CoreJsonWebKey]) -> Result<Map<String, Value>, Unbelieved> {
        let token = token(&key("ours"), header, &claims());
        let expected = Expected {
            from: Origin::Exchange,
            nonce: None,
            access_token: None,
            now: NOW,
        };
        IdToken::parse(&token, &issuer())?.verify(keys, &issuer(), &settings(), &expected)
    }

    /// Tokens that Node.js has signed, each with a key of its own that was thrown away.
    fn signed_elsewhere() -> Vec<(CoreJsonWebKey, Secret)> {
        let all: Vec<Value> = serde_json::from_str(include_str!("id_tokens/signed.json")).unwrap();
        let read = |entry: Value| {
            let key = serde_json::from_value(entry["key"].clone()).unwrap();
            (key, Secret::new(entry["token"].as_str().unwrap()))
        };
        all.into_iter().map(read).collect()
    }

    #[test]
    fn each_algorithm_is_verified_and_hashes_the_access_token_its_way() {
        let mut issuer = issuer();
        issuer.algorithms = crate::discovery::ALGORITHMS.to_vec();
        let all = signed_elsewhere();
        let keys: Vec<CoreJsonWebKey> = all.iter().map(|(key, _)| key.clone()).collect();
        for (key, token) in &all {
            let kid = key.key_id();
            let check = |keys: &[CoreJsonWebKey], access_token: &str| {
                let expected = Expected {
                    from: Origin::Exchange,
                    nonce: None,
                    access_token: Some(&Secret::new(access_token)),
                    now: NOW,
                };
                IdToken::parse(token, &issuer)?.verify(keys, &issuer, &settings(), &expected)
            };
            check(&keys, "an-access-token").unwrap_or_else(|error| panic!("{kid:?}: {error}"));
            let other = Unbelieved::Wrong("came with another access token");
            assert_eq!(check(&keys, "another"), Err(other), "{kid:?}");
            let others: Vec<CoreJsonWebKey> = keys.iter().filter(|other| *other != key).cloned().collect();
            assert_eq!(
                check(&others, "an-access-token"),
                Err(Unbelieved::UnknownKey),
                "{kid:?}"
            );
        }
        assert_eq!(all.len(), issuer.algorithms.len());
    }

    #[test]
    fn a_signature_of_other_claims_is_none_in_any_algorithm() {
        let mut issuer = issuer();
        issuer.algorithms = crate::discovery::ALGORITHMS.to_vec();
        for (key, token) in signed_elsewhere() {
            let mut token = IdToken::parse(&token, &issuer).unwrap();
            let keys = [key];
            token.signing_key(&keys).unwrap();
            token.message.push('A');
            assert_eq!(
                token.signing_key(&keys),
                Err(Unbelieved::Wrong("has a wrong signature"))
            );
        }
    }

    #[test]
    fn a_header_that_asks_for_more_is_refused() {
        let keys = [public(&key("ours"), json!({"kid": "k"}))];
        let header = |more: Value| {
            let mut header = json!({"alg": "ES256", "kid": "k"});
            header
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            header
        };
        for fine in [
            json!({}),
            json!({"typ": "JWT"}),
            json!({"typ": "jwt"}),
            json!({"typ": "application/jwt"}),
        ] {
            verified(&header(fine), &keys).unwrap();
        }
        for odd in [
            json!({"typ": "logout+jwt"}),
            json!({"typ": "at+jwt"}),
            json!({"crit": ["exp"]}),
            json!({"crit": []}),
            json!({"cty": "JWT"}),
            json!({"alg": "none"}),
            json!({"alg": "es256"}),
            json!({"alg": "ES384"}),
            json!({"alg": null}),
        ] {
            assert!(
                matches!(verified(&header(odd.clone()), &keys), Err(Unbelieved::Wrong(_))),
                "{odd}"
            );
        }
    }

    #[test]
    fn a_key_is_found_by_its_id_or_tried() {
        let (ours, other) = (key("ours"), key("other"));
        let set = [
            public(&other, json!({"kid": "other"})),
            public(&ours, json!({"kid": "ours"})),
        ];
        let by = |kid: Value| verified(&json!({"alg": "ES256", "kid": kid}), &set);
        by(json!("ours")).unwrap();
        by(json!(null)).unwrap();
        assert_eq!(
            by(json!("other")),
            Err(Unbelieved::Wrong("has a wrong signature"))
        );
        assert_eq!(by(json!("new")), Err(Unbelieved::UnknownKey));
        let header = json!({"alg": "ES256"});
        assert_eq!(verified(&header, &set[..1]), Err(Unbelieved::UnknownKey));
        // A set of thousands would keep the server busy with each token that names none of them.
        let set: Vec<CoreJsonWebKey> = (0..MOST_TRIED)
            .map(|_| public(&other, json!({})))
            .chain([public(&ours, json!({}))])
            .collect();
        assert_eq!(verified(&header, &set), Err(Unbelieved::UnknownKey));
        verified(&header, &set[1..]).unwrap();
        for unfit in [
            json!({"use": "enc"}),
            json!({"alg": "ES384"}),
            json!({"crv": "P-384"}),
        ] {
            assert_eq!(
                verified(&header, &[public(&ours, unfit)]),
                Err(Unbelieved::UnknownKey)
            );
        }
    }

    proptest! {
        // Each signs a token, which takes a while without optimisation.
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_claims_panic(changes in prop::collection::btree_map(crate::testing::name(), crate::testing::json(), 0..6)) {
            let mut claims = claims();
            claims.as_object_mut().unwrap().extend(changes);
            let token = token(&key("ours"), &json!({"alg": "ES256"}), &claims);
            let access_token = Secret::new("a");
            for preset in ["google", "microsoft", "apple", "own"] {
                let further = if preset == "microsoft" { "tenantId" } else { "name" };
                let entry = json!({preset: {
                    "issuer": "https://id.example", "clientId": "c", "clientSecret": "s", further: "t",
                }});
                let settings = Settings::read(&entry.to_string()).unwrap().remove(0);
                let expected = Expected {
                    from: Origin::Program,
                    nonce: Some("n"),
                    access_token: Some(&access_token),
                    now: NOW,
                };
                let parsed = IdToken::parse(&token, &issuer()).unwrap();
                let _ = parsed.verify(&[public(&key("ours"), json!({}))], &issuer(), &settings, &expected);
                crate::claims::profile(&settings, claims.as_object().unwrap().clone());
            }
        }

        #[test]
        fn no_token_panics(text in ".{0,40}", header in crate::testing::json(), claims in crate::testing::json()) {
            let _ = IdToken::parse(&Secret::new(text.clone()), &issuer());
            let _ = IdToken::parse(&token(&key("ours"), &header, &claims), &issuer());
            claims_of_kept(&Secret::new(text));
        }
    }
}
