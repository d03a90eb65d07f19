//! What an issuer publishes: where it is asked what (OpenID Connect Discovery 1.0), and the keys that sign its tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, ProviderMetadata};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::http::{Answer, Http, HttpError};
use crate::settings::{Settings, TokenEndpointAuth, check_url};
use crate::{ProviderError, presets::Preset};

/// The algorithms that are taken at all: none that needs no key, and none whose key both sides know.
pub(crate) const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The shortest modulus of an RSA key, in bytes (RFC 7518, section 3.3).
const SHORTEST_MODULUS: usize = 256;

/// Where a provider is asked what.
#[derive(Debug)]
pub(crate) struct Metadata {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) userinfo: Option<Url>,
    /// The user's addresses, at GitHub.
    pub(crate) emails: Option<Url>,
    /// How the client shows who it is.
    pub(crate) token_auth: TokenEndpointAuth,
    /// Who signs ID tokens; nobody at a plain OAuth 2 provider.
    pub(crate) issuer: Option<Issuer>,
}

/// Who signs ID tokens.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) name: String,
    pub(crate) keys: Url,
    pub(crate) algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// Whether it promises to name itself whenever it sends a browser back (RFC 9207).
    pub(crate) names_itself: bool,
}

/// Keys that sign ID tokens.
pub(crate) type Keys = Vec<CoreJsonWebKey>;

#[derive(Debug, Clone, Deserialize, Serialize)]
struct Further {
    authorization_response_iss_parameter_supported: Option<bool>,
}

impl AdditionalProviderMetadata for Further {}

type Published = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Asks an issuer where it is asked what.
pub(crate) async fn discover(
    http: &Http,
    settings: &Settings,
    issuer: &str,
) -> Result<Metadata, ProviderError> {
    let address = format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    );
    let url = Url::parse(&address).map_err(|error| unavailable(settings, &format!("issuer: {error}")))?;
    let body = document(http.get(&url).await).map_err(|why| unavailable(settings, &why))?;
    read_metadata(body, settings, issuer).map_err(|why| unavailable(settings, &why))
}

/// Asks an issuer for its keys.
pub(crate) async fn fetch_keys(http: &Http, settings: &Settings, url: &Url) -> Result<Keys, ProviderError> {
    let body = document(http.get(url).await).map_err(|why| unavailable(settings, &why))?;
    read_keys(&body).ok_or_else(|| unavailable(settings, "the keys are no set of keys (RFC 7517)"))
}

fn document(answer: Result<Answer, HttpError>) -> Result<Value, String> {
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.is_success() {
        return Ok(answer.body);
    }
    Err(format!(
        "what it publishes is answered with status {}",
        answer.status
    ))
}

fn read_metadata(body: Value, settings: &Settings, expected: &str) -> Result<Metadata, String> {
    let published: Published =
        serde_json::from_value(body).map_err(|error| format!("its metadata cannot be read: {error}"))?;
    let name = published.issuer().as_str();
    if !is_issuer(name, expected, settings) {
        return Err(format!(
            "its metadata is of the issuer {name:?} and not {expected:?}: both must be equal to the letter, \
             also a slash at the end"
        ));
    }
    let private = settings.allow_private_addresses;
    let address = |key: &str, url: &Url| match check_url(url.as_str(), private) {
        Ok(url) => Ok(url),
        Err(why) => Err(format!("its {key} {why}")),
    };
    let token = published
        .token_endpoint()
        .ok_or("its metadata has no token_endpoint")?;
    let userinfo = published.userinfo_endpoint();
    let listed = published.id_token_signing_alg_values_supported();
    let algorithms: Vec<_> = ALGORITHMS
        .into_iter()
        .filter(|ours| listed.contains(ours))
        .collect();
    if algorithms.is_empty() {
        return Err("it signs ID tokens with none of RS256, PS256, ES256, ES384 and EdDSA".to_owned());
    }
    let further = published.additional_metadata();
    Ok(Metadata {
        authorization: address("authorization_endpoint", published.authorization_endpoint().url())?,
        token: address("token_endpoint", token.url())?,
        userinfo: userinfo
            .map(|url| address("userinfo_endpoint", url.url()))
            .transpose()?,
        emails: None,
        token_auth: settings.token_auth(listed_auth(&published)),
        issuer: Some(Issuer {
            name: name.to_owned(),
            keys: address("jwks_uri", published.jwks_uri().url())?,
            algorithms,
            names_itself: further.authorization_response_iss_parameter_supported == Some(true),
        }),
    })
}

/// Basic is the one that every provider must know (RFC 6749, section 2.3.1), and what counts where nothing is said.
fn listed_auth(published: &Published) -> TokenEndpointAuth {
    match published.token_endpoint_auth_methods_supported() {
        Some(methods) if !methods.contains(&CoreClientAuthMethod::ClientSecretBasic) => {
            TokenEndpointAuth::Post
        }
        _ => TokenEndpointAuth::Basic,
    }
}

/// Whether the metadata is of the issuer that was asked. Microsoft names the tenant by its id also where it is asked by a
/// domain of the tenant.
fn is_issuer(name: &str, expected: &str, settings: &Settings) -> bool {
    if name == expected {
        return true;
    }
    let Some(tenant) = settings
        .tenant
        .as_deref()
        .filter(|_| settings.preset == Preset::Microsoft)
    else {
        return false;
    };
    let Some((authority, _)) = expected.split_once(&format!("/{tenant}/")) else {
        return false;
    };
    let named = name
        .strip_prefix(authority)
        .and_then(|rest| rest.strip_prefix('/'));
    let id = named.and_then(|rest| rest.strip_suffix("/v2.0"));
    !Preset::is_tenant_id(tenant) && id.is_some_and(Preset::is_tenant_id)
}

/// A key that cannot be used is left out: a set may have some of kinds that nobody here knows.
fn read_keys(body: &Value) -> Option<Keys> {
    let listed = body.get("keys")?.as_array()?;
    let usable = listed.iter().filter(|key| !is_weak(key));
    Some(
        usable
            .filter_map(|key| CoreJsonWebKey::deserialize(key).ok())
            .collect(),
    )
}

/// An RSA key that is too short to trust, or even no modulus.
fn is_weak(key: &Value) -> bool {
    if key.get("kty").and_then(Value::as_str) != Some("RSA") {
        return false;
    }
    let modulus = key.get("n").and_then(Value::as_str).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD
        .decode(modulus.trim_end_matches('='))
        .unwrap_or_default();
    let significant = bytes.iter().skip_while(|byte| **byte == 0).count();
    significant < SHORTEST_MODULUS || bytes.last().is_none_or(|last| last % 2 == 0)
}

fn unavailable(settings: &Settings, why: &str) -> ProviderError {
    ProviderError::Unavailable(format!("{}: {why}", settings.id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TENANT: &str = "3aa9a6f2-1c5f-4c63-8f0a-0d6a3a3b1b11";

    fn settings(id: &str, entry: Value) -> Settings {
        Settings::read(&json!({ id: entry }).to_string())
            .unwrap()
            .remove(0)
    }

    fn own() -> Settings {
        settings(
            "own",
            json!({"issuer": "https://id.example", "clientId": "c", "clientSecret": "s"}),
        )
    }

    fn metadata(changes: Value) -> Value {
        let mut usual = json!({
            "issuer": "https://id.example",
            "authorization_endpoint": "https://id.example/authorize",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none", "XY512"],
        });
        let fields = usual.as_object_mut().unwrap();
        fields.extend(changes.as_object().unwrap().clone());
        usual
    }

    fn refused(settings: &Settings, changes: Value, expected: &str) -> String {
        read_metadata(metadata(changes), settings, expected).unwrap_err()
    }

    #[test]
    fn an_issuer_everybody_reaches_cannot_lead_into_the_private_network() {
        for key in ["token_endpoint", "userinfo_endpoint", "jwks_uri"] {
            for address in [
                "https://10.0.0.1/",
                "https://[::1]/",
                "https://169.254.169.254/latest",
                "https://127.1/",
            ] {
                let why = refused(&own(), json!({key: address}), "https://id.example");
                assert!(why.contains(key) && why.contains("private or special"), "{why}");
            }
        }
    }

    #[test]
    fn an_endpoint_without_encryption_is_refused() {
        for key in [
            "authorization_endpoint",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
        ] {
            let why = refused(&own(), json!({key: "http://id.example/x"}), "https://id.example");
            assert!(why.contains(key) && why.contains("http:"), "{why}");
        }
    }

    #[test]
    fn the_secret_is_shown_as_the_provider_lists_it() {
        let auth = |listed: Value| {
            let changes = json!({"token_endpoint_auth_methods_supported": listed});
            read_metadata(metadata(changes), &own(), "https://id.example")
                .unwrap()
                .token_auth
        };
        assert_eq!(auth(json!(null)), TokenEndpointAuth::Basic);
        assert_eq!(
            auth(json!(["client_secret_post", "client_secret_basic"])),
            TokenEndpointAuth::Basic
        );
        assert_eq!(
            auth(json!(["private_key_jwt", "client_secret_post"])),
            TokenEndpointAuth::Post
        );
    }

    #[test]
    fn a_tenant_of_microsoft_by_its_domain_is_named_by_its_id() {
        let microsoft = |tenant: &str| {
            settings(
                "microsoft",
                json!({"clientId": "c", "clientSecret": "s", "tenantId": tenant}),
            )
        };
        let by_domain = "https://login.microsoftonline.com/clinic.example/v2.0";
        let by_id = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        let is = |name: &str, expected: &str, tenant: &str| is_issuer(name, expected, &microsoft(tenant));
        assert!(is(&by_id, by_domain, "clinic.example"));
        assert!(is(&by_id, &by_id, TENANT));
        for other in [
            &format!("https://login.evil.example/{TENANT}/v2.0"),
            &format!("https://login.microsoftonline.com/{TENANT}/v1.0"),
            "https://login.microsoftonline.com/common/v2.0",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
        ] {
            assert!(!is(other, by_domain, "clinic.example"), "{other}");
        }
        let other = by_id.replace("3aa9", "4aa9");
        assert!(!is(&other, &by_id, TENANT), "a tenant by its id is no other one");
        assert!(!is_issuer(&by_id, by_domain, &own()));
    }

    #[test]
    fn a_key_that_nobody_here_knows_or_is_weak_is_left_out() {
        let odd = |bytes: usize| URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
        let rsa = |n: String| json!({"kty": "RSA", "e": "AQAB", "n": n});
        let even = URL_SAFE_NO_PAD.encode(vec![0xfe; 256]);
        let zeros = URL_SAFE_NO_PAD.encode([vec![0; 256], vec![0xff; 64]].concat());
        let set = json!({"keys": [
            rsa(odd(256)), rsa(odd(255)), rsa(even), rsa(zeros), rsa(String::new()), json!({"kty": "RSA", "e": "AQAB"}),
            {"kty": "AKP", "alg": "ML-DSA-44", "pub": "x"}, 17, null,
        ]});
        assert_eq!(read_keys(&set).unwrap().len(), 1);
        assert!(read_keys(&json!({})).is_none());
    }

    proptest! {
        #[test]
        fn no_metadata_panics(key in crate::testing::name(), value in crate::testing::json()) {
            let mut body = metadata(json!({}));
            body[key] = value.clone();
            let _ = read_metadata(body, &own(), "https://id.example");
            let _ = read_metadata(value, &own(), "https://id.example");
        }

        #[test]
        fn no_keys_panic(mut keys in prop::collection::vec(crate::testing::json(), 0..6), body in crate::testing::json()) {
            keys.push(body.clone());
            read_keys(&json!({"keys": keys}));
            read_keys(&body);
        }
    }
}
