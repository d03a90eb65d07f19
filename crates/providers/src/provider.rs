//! One provider, and all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::OffsetDateTime;
use url::Url;

use crate::{GivenIdToken, Identity, Profile, ProviderError, Settings, SettingsError, Tokens};

/// The providers of a server, by their ids. Cheap to clone; clones share what was discovered.
#[derive(Debug, Clone, Default)]
pub struct Providers(Arc<BTreeMap<String, Provider>>);

/// A provider that people can sign in through.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
}

/// Whether somebody whom nobody knows yet may come in through a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignUp {
    /// Signing in makes a user.
    #[default]
    Allowed,
    /// Only if the program asks for it (`requestSignUp`).
    OnRequest,
    /// Never.
    Refused,
}

/// What a browser is sent to a provider with.
#[derive(Debug, Clone, Copy)]
pub struct Authorization<'a> {
    /// Where the provider sends the browser back to.
    pub redirect_uri: &'a str,
    /// Says which sign-in comes back.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// Its SHA-256 goes along (RFC 7636, S256).
    pub code_verifier: &'a str,
    /// Scopes beside those of the settings.
    pub scopes: &'a [String],
    /// Who probably signs in.
    pub login_hint: Option<&'a str>,
    /// More parameters; none of those that are ours.
    pub additional: &'a BTreeMap<String, String>,
}

/// What a browser comes back from a provider with.
#[derive(Debug, Clone, Copy)]
pub struct Callback<'a> {
    /// To be exchanged for tokens.
    pub code: &'a str,
    /// As it was sent.
    pub redirect_uri: &'a str,
    /// As it was sent.
    pub nonce: &'a str,
    /// What was hashed.
    pub code_verifier: &'a str,
    /// Who answered (RFC 9207).
    pub issuer: Option<&'a str>,
    /// What Apple posts once: JSON with a name.
    pub user: Option<&'a str>,
}

impl Providers {
    /// Takes the providers. Nothing is asked of them before somebody signs in.
    ///
    /// # Errors
    ///
    /// When one cannot work as it is described, or two have one id.
    pub fn new(settings: impl IntoIterator<Item = Settings>) -> Result<Self, SettingsError> {
        let named = settings
            .into_iter()
            .map(|settings| (settings.id.clone(), Provider { settings }));
        Ok(Self(Arc::new(named.collect())))
    }

    /// The provider of this id.
    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.0.get(id)
    }

    /// All, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.values()
    }
}

impl Provider {
    /// The id in the addresses.
    pub fn id(&self) -> &str {
        &self.settings.id
    }

    /// Whether a newcomer may come in.
    pub fn sign_up(&self) -> SignUp {
        SignUp::default()
    }

    /// Whether [`identify`](Self::identify) can work.
    pub fn takes_id_tokens(&self) -> bool {
        false
    }

    /// Whether [`refresh`](Self::refresh) can work.
    pub fn refreshes(&self) -> bool {
        true
    }

    /// Where to send a browser.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unavailable`].
    pub async fn authorization_url(
        &self,
        authorization: &Authorization<'_>,
        now: OffsetDateTime,
    ) -> Result<Url, ProviderError> {
        let _ = (authorization, now);
        Err(ProviderError::Unavailable(String::new()))
    }

    /// Exchanges a code, and says who came.
    ///
    /// # Errors
    ///
    /// When the provider does not say so, or says what is not believed.
    pub async fn exchange(
        &self,
        callback: &Callback<'_>,
        now: OffsetDateTime,
    ) -> Result<Identity, ProviderError> {
        let _ = (callback, now);
        Err(ProviderError::Unavailable(String::new()))
    }

    /// Says whose ID token a program has got.
    ///
    /// # Errors
    ///
    /// When the token is not valid.
    pub async fn identify(
        &self,
        given: &GivenIdToken,
        now: OffsetDateTime,
    ) -> Result<Identity, ProviderError> {
        let _ = (given, now);
        Err(ProviderError::NoIdTokens)
    }

    /// Gets a new access token. `subject` is whose: an ID token of somebody else is refused (OpenID Connect Core 1.0,
    /// section 12.2). What the provider did not send is `None`.
    ///
    /// # Errors
    ///
    /// [`ProviderError::NotRefreshed`] and [`ProviderError::Unavailable`].
    pub async fn refresh(
        &self,
        refresh_token: &str,
        subject: &str,
        now: OffsetDateTime,
    ) -> Result<Tokens, ProviderError> {
        let _ = (refresh_token, subject, now);
        Err(ProviderError::NotRefreshed(String::new()))
    }

    /// Says who somebody is now, by tokens that were checked when they came.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unidentified`] and [`ProviderError::Unavailable`], also when the provider names another subject.
    pub async fn profile(&self, tokens: &Tokens, subject: &str) -> Result<Profile, ProviderError> {
        let _ = (tokens, subject);
        Err(ProviderError::Unidentified(String::new()))
    }
}
