//! Somebody who comes from a provider, without one.

use serde_json::{Map, Value, json};
use time::Duration;
use wardkeep_auth::providers::client::{Identity, Profile, Secret, Settings, Tokens};
use wardkeep_auth::providers::links::{self, Arrival, By, Entered, Entering, Linking};
use wardkeep_auth::providers::{
    self, Begin, Begun, Failed, Finished, ProviderSignInError, Providers, Return,
};
use wardkeep_auth::sessions::Client;
use wardkeep_auth::{Auth, AuthConfig, CurrentSession, Policy, Secrets};
use wardkeep_tenancy::{Clock, RequestContext, UserId};
use wardkeep_testkit::{FakeProvider, START};

use crate::world::{SECRET, World, at};

pub(crate) const GOOGLE: &str = "google";
pub(crate) const GITHUB: &str = "github";

/// Who a provider says somebody is, having proven the address.
pub(crate) fn identity(subject: &str, email: &str) -> Identity {
    Identity {
        profile: Profile {
            subject: subject.to_owned(),
            email: Some(email.to_owned()),
            email_verified: true,
            name: Some("Ana of the provider".to_owned()),
            image: Some("https://provider.example/ana.png".to_owned()),
            claims: Map::new(),
        },
        tokens: tokens("first"),
    }
}

/// The same, without having proven the address.
pub(crate) fn unproven(subject: &str, email: &str) -> Identity {
    let mut identity = identity(subject, email);
    identity.profile.email_verified = false;
    identity
}

pub(crate) fn tokens(name: &str) -> Tokens {
    Tokens {
        access_token: Some(Secret::new(format!("the-{name}-access-token"))),
        refresh_token: Some(Secret::new(format!("the-{name}-refresh-token"))),
        id_token: Some(Secret::new(format!("the-{name}-id-token"))),
        access_token_expires_at: Some(START + Duration::hours(1)),
        refresh_token_expires_at: Some(START + Duration::days(30)),
        scopes: vec!["openid".to_owned(), "email".to_owned()],
    }
}

/// The id of the issuer of [`Staged`].
pub(crate) const CLINIC: &str = "clinic";

/// A server with a provider: `clinic` is an issuer, `github` the same the other way, `closed` and `asking` are the issuer
/// for nobody new, and for who asks for it.
pub(crate) struct Staged {
    pub(crate) world: World,
    pub(crate) provider: FakeProvider,
    settings: Value,
}

impl Staged {
    pub(crate) async fn new() -> Self {
        let provider = FakeProvider::start(Clock::manual(START)).await;
        provider.is(json!({"sub": "1", "email": "ana@example.test", "email_verified": true, "name": "Ana"}));
        let settings = json!({
            CLINIC: provider.open_id(),
            GITHUB: provider.github(),
            "closed": with(provider.open_id(), "disableSignUp"),
            "asking": with(provider.open_id(), "disableImplicitSignUp"),
        });
        let mut staged = Self {
            world: World::new().await,
            provider,
            settings,
        };
        staged.world.auth = staged.server(&[SECRET]);
        staged
    }

    /// The server after a restart with these secrets.
    pub(crate) fn server(&self, secrets: &[&str]) -> Auth {
        let settings = Settings::read(&self.settings.to_string()).unwrap();
        Auth::new(AuthConfig {
            providers: Providers::new(settings).unwrap(),
            policy: Policy::default(),
            ..AuthConfig::new(Secrets::new(secrets).unwrap(), "http://wardkeep.test")
        })
    }

    /// Adds a plain provider whose endpoints are all at this address, and restarts the server.
    pub(crate) fn add(&mut self, id: &str, address: &str) {
        let mut settings = json!({
            "clientId": "wardkeep", "clientSecret": "a secret", "allowPrivateAddresses": true,
            "profile": {"subject": "id", "email": "email", "emailVerified": "email_verified"},
        });
        for endpoint in ["authorizationEndpoint", "tokenEndpoint", "userinfoEndpoint"] {
            settings[endpoint] = json!(format!("http://{address}/"));
        }
        self.settings[id] = settings;
        self.world.auth = self.server(&[SECRET]);
    }

    pub(crate) async fn begin(&self, link: Option<&CurrentSession>, begin: Begin) -> Begun {
        let cx = at(Duration::ZERO);
        providers::begin(&self.world.db, &cx, &self.world.auth, link, begin)
            .await
            .unwrap()
    }

    /// Goes to the provider and agrees: what the browser brings back.
    pub(crate) fn agree(&self, begun: &Begun, provider: &str) -> Return {
        returned(&self.provider.agree(&begun.url), begun, provider)
    }

    pub(crate) async fn finish(&self, back: Return) -> Result<Finished, Failed> {
        self.finish_at(Duration::ZERO, back).await
    }

    pub(crate) async fn finish_at(&self, after: Duration, back: Return) -> Result<Finished, Failed> {
        let cx = at(after);
        providers::finish(&self.world.db, &cx, &self.world.auth, back, Client::default()).await
    }

    /// Begins, agrees and comes back.
    pub(crate) async fn sign_in(&self) -> wardkeep_auth::sessions::SignedIn {
        let begun = self.begin(None, to(CLINIC)).await;
        let finished = self.finish(self.agree(&begun, CLINIC)).await;
        finished.unwrap().signed_in.unwrap()
    }
}

fn with(mut settings: Value, flag: &str) -> Value {
    settings[flag] = json!(true);
    settings
}

/// A sign-in that leads to three pages.
pub(crate) fn to(provider: &str) -> Begin {
    Begin {
        provider: provider.to_owned(),
        callback: Some("/home".to_owned()),
        error_callback: Some("/failed".to_owned()),
        new_user_callback: Some("/welcome".to_owned()),
        ..Begin::default()
    }
}

/// What a browser brings back from an address, with its cookie.
pub(crate) fn returned(address: &str, begun: &Begun, provider: &str) -> Return {
    let url = url::Url::parse(address).unwrap();
    let field = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    Return {
        provider: provider.to_owned(),
        browser: Some(begun.state.clone()),
        state: field("state"),
        code: field("code"),
        error: field("error"),
        error_description: field("error_description"),
        issuer: field("iss"),
        user: None,
    }
}

/// How an account's row looks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    #[serde(rename = "providerId")]
    pub(crate) provider: String,
    #[serde(rename = "accountId")]
    pub(crate) subject: String,
    pub(crate) access_token: Option<String>,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) password: Option<String>,
}

impl World {
    pub(crate) async fn enter(
        &self,
        provider: &str,
        identity: &Identity,
    ) -> Result<Entered, ProviderSignInError> {
        self.enter_at(&at(Duration::ZERO), provider, identity, true).await
    }

    pub(crate) async fn enter_at(
        &self,
        cx: &RequestContext,
        provider: &str,
        identity: &Identity,
        newcomers: bool,
    ) -> Result<Entered, ProviderSignInError> {
        let entering = Entering {
            newcomers,
            callback: Some("/welcome"),
            client: &Client::default(),
        };
        let arrival = Arrival { provider, identity };
        links::enter(&self.db, cx, &self.auth, arrival, entering).await
    }

    pub(crate) async fn link_as(
        &self,
        current: &CurrentSession,
        provider: &str,
        identity: &Identity,
        by: By,
    ) -> Result<(), ProviderSignInError> {
        let linking = Linking {
            user: current.user.id,
            session: current.session.id,
            by,
        };
        let arrival = Arrival { provider, identity };
        links::link(&self.db, &at(Duration::ZERO), &self.auth, arrival, linking).await
    }

    /// The accounts of a user, by provider.
    pub(crate) async fn rows(&self, user: UserId) -> Vec<Row> {
        let rows: Vec<String> = sqlx::query_scalar(
            "select to_jsonb(account)::text from account where \"userId\" = $1 order by \"providerId\", \"accountId\"",
        )
        .bind(user.as_uuid())
        .fetch_all(&mut self.admin().await)
        .await
        .unwrap();
        rows.iter()
            .map(|row| serde_json::from_str(row).unwrap())
            .collect()
    }

    /// The providers of a user's accounts.
    pub(crate) async fn ways_in(&self, user: UserId) -> Vec<String> {
        self.rows(user)
            .await
            .into_iter()
            .map(|row| row.provider)
            .collect()
    }

    /// Address, whether it is proven, name and picture of a user.
    pub(crate) async fn person(&self, user: UserId) -> (String, bool, String, Option<String>) {
        sqlx::query_as("select email, \"emailVerified\", name, image from \"user\" where id = $1")
            .bind(user.as_uuid())
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap()
    }
}
