//! Somebody who comes from a provider, without one.

use serde_json::Map;
use time::Duration;
use wardkeep_auth::CurrentSession;
use wardkeep_auth::providers::ProviderSignInError;
use wardkeep_auth::providers::client::{Identity, Profile, Secret, Tokens};
use wardkeep_auth::providers::links::{self, Arrival, By, Entered, Entering, Linking};
use wardkeep_auth::sessions::Client;
use wardkeep_tenancy::{RequestContext, UserId};
use wardkeep_testkit::START;

use crate::world::{World, at};

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
