//! What the unit tests share.

use proptest::prelude::*;
use serde_json::Value;

/// Names that mean something somewhere, so that trees of them reach further than noise.
const NAMES: [&str; 33] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "at_hash",
    "email",
    "email_verified",
    "name",
    "picture",
    "keys",
    "kty",
    "n",
    "e",
    "kid",
    "error",
    "error_description",
    "scope",
    "expires_in",
    "id",
    "verified_primary_email",
    "crv",
    "x",
    "y",
    "alg",
    "use",
    "issuer",
    "token_endpoint",
    "jwks_uri",
    "authorization_endpoint",
];

/// A name that means something, or none.
pub(crate) fn name() -> impl Strategy<Value = String> {
    prop_oneof![prop::sample::select(&NAMES[..]).prop_map(str::to_owned), ".{0,6}"]
}

/// Any JSON.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(&["RSA", "EC", "OKP", "AQAB", "true", "https://a.test/", "a.b.c"][..])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
