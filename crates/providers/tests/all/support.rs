//! A provider and somebody who signs in through it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use url::Url;
use wardkeep_providers::{
    Authorization, Callback, GivenIdToken, Identity, Limits, Provider, ProviderError, Providers, Secret,
    Settings,
};
use wardkeep_testkit::{FakeProvider, clock};

pub(crate) use wardkeep_testkit::START as NOW;

pub(crate) const REDIRECT: &str = "https://app.example/api/auth/callback/id";
pub(crate) const STATE: &str = "the-state";
pub(crate) const NONCE: &str = "the-nonce";
pub(crate) const VERIFIER: &str = "the-code-verifier-of-at-least-forty-three-characters";

/// A provider of other people, with Ana, and our side of it.
pub(crate) struct World {
    pub(crate) fake: FakeProvider,
    pub(crate) providers: Providers,
    pub(crate) id: &'static str,
    pub(crate) now: OffsetDateTime,
}

pub(crate) fn ana() -> Value {
    json!({
        "sub": "17", "email": "ana@example.test", "email_verified": true, "name": "Ana",
        "picture": "https://pictures.example/ana.png",
    })
}

/// An issuer that is no preset.
pub(crate) async fn open_id() -> World {
    world("own", |fake| fake.open_id()).await
}

pub(crate) async fn github() -> World {
    world("github", |fake| fake.github()).await
}

/// A provider of this id with these settings beside those of the issuer; null takes one out.
pub(crate) async fn with(id: &'static str, more: Value) -> World {
    world(id, |fake| merged(fake.open_id(), more)).await
}

pub(crate) async fn world(id: &'static str, settings: impl FnOnce(&FakeProvider) -> Value) -> World {
    let fake = FakeProvider::start(clock()).await;
    fake.is(ana());
    let entry = settings(&fake);
    let providers = providers_within(&json!({ id: entry }), Limits::default());
    World {
        fake,
        providers,
        id,
        now: NOW,
    }
}

pub(crate) fn merged(mut settings: Value, more: Value) -> Value {
    let fields = settings.as_object_mut().unwrap();
    for (key, value) in more.as_object().unwrap() {
        if value.is_null() {
            fields.remove(key);
        } else {
            fields.insert(key.clone(), value.clone());
        }
    }
    settings
}

pub(crate) fn providers_within(json: &Value, limits: Limits) -> Providers {
    let settings = Settings::read(&json.to_string()).unwrap_or_else(|error| panic!("{error}"));
    Providers::with_limits(settings, limits).unwrap()
}

impl World {
    /// Waits for the provider no longer than this.
    pub(crate) fn within(mut self, settings: Value, request: Duration) -> Self {
        let limits = Limits {
            request,
            ..Limits::default()
        };
        self.providers = providers_within(&json!({ self.id: settings }), limits);
        self
    }

    pub(crate) fn provider(&self) -> &Provider {
        self.providers.get(self.id).unwrap()
    }

    pub(crate) async fn authorization(&self) -> Result<Url, ProviderError> {
        let none = BTreeMap::new();
        let asked = Authorization {
            redirect_uri: REDIRECT,
            state: STATE,
            nonce: NONCE,
            code_verifier: VERIFIER,
            scopes: &[],
            login_hint: None,
            additional: &none,
        };
        self.provider().authorization_url(&asked, self.now).await
    }

    /// Sends a browser there, whose user agrees.
    pub(crate) async fn agreed(&self) -> Back {
        let url = self.authorization().await.unwrap();
        let back = Url::parse(&self.fake.agree(url.as_str())).unwrap();
        let fields: BTreeMap<String, String> = back.query_pairs().into_owned().collect();
        assert_eq!(fields["state"], STATE);
        Back {
            code: fields["code"].clone(),
            issuer: fields.get("iss").cloned(),
            nonce: NONCE.to_owned(),
            user: None,
        }
    }

    pub(crate) async fn exchange(&self, back: &Back) -> Result<Identity, ProviderError> {
        let callback = Callback {
            code: &back.code,
            redirect_uri: REDIRECT,
            nonce: &back.nonce,
            code_verifier: VERIFIER,
            issuer: back.issuer.as_deref(),
            user: back.user.as_deref(),
        };
        self.provider().exchange(&callback, self.now).await
    }

    /// All of a sign-in.
    pub(crate) async fn sign_in(&self) -> Result<Identity, ProviderError> {
        let back = self.agreed().await;
        self.exchange(&back).await
    }

    /// A sign-in with an ID token that has these claims beside Ana's.
    pub(crate) async fn identify(&self, claims: Value) -> Result<Identity, ProviderError> {
        let given = given(self.fake.id_token(claims));
        self.provider().identify(&given, self.now).await
    }
}

pub(crate) fn given(token: String) -> GivenIdToken {
    GivenIdToken {
        token: Secret::new(token),
        nonce: None,
        access_token: None,
        refresh_token: None,
        name: None,
    }
}

/// What a browser brings back.
pub(crate) struct Back {
    pub(crate) code: String,
    pub(crate) issuer: Option<String>,
    pub(crate) nonce: String,
    pub(crate) user: Option<String>,
}

/// Why a user is not known.
pub(crate) fn unidentified(result: Result<Identity, ProviderError>) -> String {
    match result {
        Err(ProviderError::Unidentified(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// Why a provider is not available.
pub(crate) fn unavailable<T: std::fmt::Debug>(result: Result<T, ProviderError>) -> String {
    match result {
        Err(ProviderError::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}
