//! ID tokens, well signed and badly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{FakeProvider, Shared, State, change};

/// How ID tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdTokens {
    /// With the published key.
    #[default]
    Signed,
    /// With a key that is not published, under the name of the one that is.
    Forged,
    /// With the algorithm `none`.
    Unsigned,
    /// With HMAC, the published key taken for a secret.
    Confused,
    /// With another algorithm than the metadata lists, by the client's secret.
    Symmetric,
    /// Not at all: there is none.
    Missing,
}

/// The key that signs after so many rotations. Made up; nothing real is signed with it.
fn key(number: u8) -> SigningKey {
    let bytes: [u8; 32] = Sha256::digest([b'k', number]).into();
    SigningKey::from_slice(&bytes).expect("a hash is a key but for one in 2^32")
}

/// The public half as a JSON Web Key.
fn public(number: u8) -> Value {
    let sec1 = key(number).verifying_key().to_sec1_point(false);
    let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let bytes = sec1.as_bytes();
    json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("key-{number}"),
        "x": coordinate(&bytes[1..33]), "y": coordinate(&bytes[33..65]),
    })
}

/// The keys as they are published.
pub(super) fn published(state: &State) -> Value {
    json!({"keys": [public(state.key)]})
}

impl Shared {
    /// The claims of the person, for our client, now.
    pub(super) fn id_token(
        &self,
        state: &mut State,
        nonce: Option<&str>,
        changes: &Map<String, Value>,
    ) -> String {
        let now = self.clock.now().unix_timestamp();
        let mut claims = state.person.clone();
        let ours = json!({
            "iss": self.base, "aud": FakeProvider::CLIENT_ID, "iat": now, "exp": now + 3600, "nonce": nonce,
        });
        change(&mut claims, &super::object(ours));
        change(&mut claims, &state.claims);
        change(&mut claims, changes);
        sign(state, &Value::Object(claims))
    }
}

fn sign(state: &State, claims: &Value) -> String {
    let kid = format!("key-{}", state.key);
    let algorithm = match state.id_tokens {
        IdTokens::Unsigned => "none",
        IdTokens::Confused | IdTokens::Symmetric => "HS256",
        _ => "ES256",
    };
    let header = json!({"alg": algorithm, "kid": kid, "typ": "JWT"});
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encoded(&header), encoded(claims));
    let hmac = |secret: &[u8]| {
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length");
        mac.chain_update(&message).finalize().into_bytes().to_vec()
    };
    let ecdsa = |number: u8| -> Vec<u8> {
        let signature: Signature = key(number).sign(message.as_bytes());
        signature.to_bytes().to_vec()
    };
    let signature = match state.id_tokens {
        IdTokens::Unsigned => Vec::new(),
        IdTokens::Confused => hmac(public(state.key).to_string().as_bytes()),
        IdTokens::Symmetric => hmac(FakeProvider::CLIENT_SECRET.as_bytes()),
        IdTokens::Forged => ecdsa(u8::MAX),
        IdTokens::Signed | IdTokens::Missing => ecdsa(state.key),
    };
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}
