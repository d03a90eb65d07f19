//! One provider, and all of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;
use url::Url;

use crate::cache::Cache;
use crate::discovery::{self, Keys, Metadata};
use crate::http::{self, Http, Limits};
use crate::settings::{Endpoints, TokenEndpointAuth};
use crate::{
    GivenIdToken, Identity, Profile, ProviderError, Settings, SettingsError, Tokens, authorize, current,
    exchange, identify, refresh,
};

/// The providers of a server, by their ids. Cheap to clone; clones share what was discovered.
#[derive(Debug, Clone, Default)]
pub struct Providers(Arc<BTreeMap<String, Provider>>);

/// A provider that people can sign in through.
pub struct Provider {
    pub(crate) settings: Settings,
    pub(crate) http: Http,
    metadata: Cache<Metadata>,
    keys: Cache<Keys>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        formatter
            .debug_struct("Provider")
            .field("settings", settings)
            .finish_non_exhaustive()
    }
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
    /// More parameters; [reserved](crate::RESERVED_PARAMETERS) ones are left out.
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
    /// When two have one id, or the system's TLS cannot be set up.
    pub fn new(settings: impl IntoIterator<Item = Settings>) -> Result<Self, SettingsError> {
        Self::with_limits(settings, Limits::default())
    }

    /// The same for providers that get other time than usual.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_limits(
        settings: impl IntoIterator<Item = Settings>,
        limits: Limits,
    ) -> Result<Self, SettingsError> {
        let mut tls = None;
        let mut named = BTreeMap::new();
        for settings in settings {
            let id = settings.id.clone();
            let failed = |why: String| SettingsError(format!("provider {id:?}: {why}"));
            if named.contains_key(&id) {
                return Err(failed(
                    "it is there twice: give one of them another id".to_owned(),
                ));
            }
            let config = match &tls {
                Some(config) => config,
                None => tls.insert(http::tls().map_err(|error| failed(error.to_string()))?),
            };
            let http = Http::new(config.clone(), limits, settings.allow_private_addresses);
            let provider = Provider {
                http: http.map_err(|error| failed(error.to_string()))?,
                settings,
                metadata: Cache::default(),
                keys: Cache::default(),
            };
            named.insert(id, provider);
        }
        Ok(Self(Arc::new(named)))
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

    /// The name that people know it by.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Whether a newcomer may come in.
    pub fn sign_up(&self) -> SignUp {
        self.settings.sign_up
    }

    /// Whether [`identify`](Self::identify) can work.
    pub fn takes_id_tokens(&self) -> bool {
        self.settings.takes_id_tokens
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
        let metadata = self.metadata(Some(now)).await?;
        Ok(authorize::url(&self.settings, &metadata, authorization))
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
        exchange::exchange(self, callback, now).await
    }

    /// Says whose ID token a program has got.
    ///
    /// # Errors
    ///
    /// [`ProviderError::NoIdTokens`], [`ProviderError::Unidentified`] when the token is not valid, and
    /// [`ProviderError::Unavailable`] when the issuer's keys cannot be had.
    pub async fn identify(
        &self,
        given: &GivenIdToken,
        now: OffsetDateTime,
    ) -> Result<Identity, ProviderError> {
        identify::identify(self, given, now).await
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
        refresh::refresh(self, refresh_token, subject, now).await
    }

    /// Says who somebody is now, by tokens that were checked when they came.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unidentified`] and [`ProviderError::Unavailable`], also when the provider names another subject.
    pub async fn profile(&self, tokens: &Tokens, subject: &str) -> Result<Profile, ProviderError> {
        current::profile(self, tokens, subject).await
    }

    /// Where it is asked what.
    pub(crate) async fn metadata(&self, now: Option<OffsetDateTime>) -> Result<Arc<Metadata>, ProviderError> {
        let fetch = async {
            match &self.settings.endpoints {
                Endpoints::Discovered { issuer } => {
                    discovery::discover(&self.http, &self.settings, issuer).await
                }
                Endpoints::Given(given) => Ok(Metadata {
                    authorization: given.authorization.clone(),
                    token: given.token.clone(),
                    userinfo: Some(given.userinfo.clone()),
                    emails: given.emails.clone(),
                    token_auth: self.settings.token_auth(TokenEndpointAuth::Basic),
                    issuer: None,
                }),
            }
        };
        self.metadata.get(now, fetch).await
    }

    /// The keys that sign its ID tokens.
    pub(crate) async fn keys(&self, url: &Url, now: OffsetDateTime) -> Result<Arc<Keys>, ProviderError> {
        let fetch = discovery::fetch_keys(&self.http, &self.settings, url);
        self.keys.get(Some(now), fetch).await
    }

    /// Its keys again, where a token is signed with none of these.
    pub(crate) async fn newer_keys(
        &self,
        than: &Arc<Keys>,
        url: &Url,
        now: OffsetDateTime,
    ) -> Option<Arc<Keys>> {
        let fetch = discovery::fetch_keys(&self.http, &self.settings, url);
        self.keys.newer(than, now, fetch).await
    }
}
