//! What an operator says about the providers.

mod document;
mod entries;
mod fields;

use std::collections::BTreeMap;

use p256::ecdsa::SigningKey;
use url::Url;

use crate::http::literal;
use crate::presets::Preset;
use crate::{Secret, SignUp, addresses};

/// One provider, as an operator describes it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The id in the addresses, such as `google`.
    pub id: String,
    /// The name that people know it by.
    pub name: String,
    pub(crate) preset: Preset,
    pub(crate) endpoints: Endpoints,
    pub(crate) client_id: String,
    /// More clients whose ID tokens a program may bring.
    pub(crate) further_client_ids: Vec<String>,
    pub(crate) credential: Credential,
    pub(crate) token_auth: Option<TokenEndpointAuth>,
    /// Those of the preset first.
    pub(crate) scopes: Vec<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) sign_up: SignUp,
    pub(crate) takes_id_tokens: bool,
    pub(crate) trust_email: bool,
    pub(crate) allow_private_addresses: bool,
    pub(crate) hosted_domain: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) mapping: Mapping,
}

/// Where a provider is.
#[derive(Debug, Clone)]
pub(crate) enum Endpoints {
    /// Its issuer says so.
    Discovered { issuer: String },
    /// The operator says so.
    Given(Box<Given>),
}

/// The addresses of a plain OAuth 2 provider.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) authorization: Url,
    pub(crate) token: Url,
    pub(crate) userinfo: Url,
    /// The user's addresses, at GitHub.
    pub(crate) emails: Option<Url>,
}

/// What shows a provider that it is us who ask.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// Nothing: PKCE alone.
    Public,
    Secret(Secret),
    /// A key, with which a secret is made for each use.
    Apple {
        team: String,
        key_id: String,
        key: Box<SigningKey>,
    },
}

/// How the secret is shown at the token endpoint (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenEndpointAuth {
    Basic,
    Post,
    None,
}

/// Which field of a plain OAuth 2 provider's answer says what.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    pub(crate) subject: String,
    pub(crate) email: String,
    pub(crate) email_verified: String,
    pub(crate) name: String,
    pub(crate) image: String,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            subject: "id".to_owned(),
            email: "email".to_owned(),
            email_verified: "email_verified".to_owned(),
            name: "name".to_owned(),
            image: "picture".to_owned(),
        }
    }
}

impl Settings {
    /// Reads the providers from JSON: an object with one provider by each id.
    ///
    /// # Errors
    ///
    /// When it is no such object, or describes a provider that cannot work: all that is wrong at once, a line for each.
    pub fn read(json: &str) -> Result<Vec<Self>, SettingsError> {
        document::read(json)
    }

    /// How the client shows who it is: as the operator says, else as the preset needs it, else as the provider lists it.
    pub(crate) fn token_auth(&self, listed: TokenEndpointAuth) -> TokenEndpointAuth {
        match (&self.credential, self.token_auth, self.preset) {
            (Credential::Public, _, _) => TokenEndpointAuth::None,
            (_, Some(chosen), _) => chosen,
            (_, None, Preset::GitHub | Preset::Apple) => TokenEndpointAuth::Post,
            (_, None, _) => listed,
        }
    }

    /// Whether an ID token is for one of these clients.
    pub(crate) fn is_client(&self, id: &str) -> bool {
        self.client_id == id || self.further_client_ids.iter().any(|further| further == id)
    }
}

/// Why a provider cannot work as it is described. The text says which, why, and what to do; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub(crate) String);

/// Takes an address of a provider, or says what is wrong with it, to be read after its name.
pub(crate) fn check_url(text: &str, allows_private: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => "is no address: begin with https://".to_owned(),
        error => format!("is no address: {error}"),
    })?;
    match url.scheme() {
        "https" => {}
        "http" if allows_private => {}
        "http" => {
            return Err(
                "begins with http:, where everybody on the way can read: give an https: address \
                 (allowPrivateAddresses lets http: be used in a network of your own)"
                    .to_owned(),
            );
        }
        scheme => return Err(format!("begins with {scheme:?}: give an https: address")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or password in it: leave them out".to_owned());
    }
    if url.fragment().is_some() {
        return Err("has a fragment (what follows the #): leave it out".to_owned());
    }
    if !allows_private && literal(&url).is_some_and(|address| !addresses::is_global(address)) {
        return Err(
            "is a private or special address, which is not reached: give a public one, or set \
             allowPrivateAddresses"
                .to_owned(),
        );
    }
    Ok(url)
}
