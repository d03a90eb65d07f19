//! Where a browser is sent to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::Authorization;
use crate::discovery::Metadata;
use crate::settings::Settings;

/// The parameters of the address that are made for each sign-in, and given by nobody else, as in Better Auth: with another
/// `state` or `redirect_uri` somebody else would get the answer.
pub const RESERVED_PARAMETERS: [&str; 8] = [
    "state",
    "client_id",
    "redirect_uri",
    "response_type",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "scope",
];

/// The address, with a code challenge by S256 (RFC 7636) and, where ID tokens are signed, a nonce.
pub(crate) fn url(settings: &Settings, metadata: &Metadata, asked: &Authorization<'_>) -> Url {
    let preset = settings.preset;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked.code_verifier));
    let mut scopes: Vec<&str> = Vec::new();
    for scope in settings.scopes.iter().chain(asked.scopes) {
        if !scopes.contains(&scope.as_str()) {
            scopes.push(scope);
        }
    }
    let scopes = scopes.join(" ");
    let mut parameters = Parameters::default();
    parameters.set("response_type", preset.response_type());
    parameters.set("client_id", &settings.client_id);
    parameters.set("state", asked.state);
    if !scopes.is_empty() {
        parameters.set("scope", &scopes);
    }
    parameters.set("redirect_uri", asked.redirect_uri);
    let optional = [
        ("login_hint", asked.login_hint),
        ("nonce", metadata.issuer.is_some().then_some(asked.nonce)),
        ("prompt", settings.prompt.as_deref()),
        ("hd", settings.hosted_domain.as_deref()),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            parameters.set(name, value);
        }
    }
    parameters.set("code_challenge_method", "S256");
    parameters.set("code_challenge", &challenge);
    for (name, value) in preset.parameters() {
        parameters.set(name, value);
    }
    for (name, value) in settings.parameters.iter().chain(asked.additional) {
        if !RESERVED_PARAMETERS.contains(&name.as_str()) {
            parameters.set(name, value);
        }
    }
    parameters.added_to(&metadata.authorization)
}

/// Parameters, of which each is there once.
#[derive(Default)]
struct Parameters<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parameters<'a> {
    fn set(&mut self, name: &'a str, value: &'a str) {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
    }

    /// The endpoint may have a query of its own; what is set here replaces it.
    fn added_to(&self, endpoint: &Url) -> Url {
        let own = endpoint
            .query_pairs()
            .filter(|(name, _)| !self.0.iter().any(|(set, _)| set == name));
        let own: Vec<_> = own.collect();
        let mut url = endpoint.clone();
        url.set_query(None);
        url.query_pairs_mut().extend_pairs(own).extend_pairs(&self.0);
        url
    }
}
