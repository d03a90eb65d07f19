//! What every test here begins with.

use std::num::NonZeroUsize;

use sqlx::PgConnection;
use time::Duration;
use wardkeep_auth::passwords::{HashingLimits, Password};
use wardkeep_auth::sessions::{Client, Remember, SignedIn};
use wardkeep_auth::sign_in::{self, SignIn, SignInError};
use wardkeep_auth::sign_up::{self, SignUp, SignUpError, SignedUp};
use wardkeep_auth::{Auth, AuthConfig, Secrets};
use wardkeep_tenancy::{Database, DatabaseConfig, Entropy, RequestContext};
use wardkeep_testkit::{START, TestDatabase};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct World {
    pub(crate) test: TestDatabase,
    pub(crate) db: Database,
    pub(crate) auth: Auth,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::hashing(2, 64).await
    }

    pub(crate) async fn hashing(at_once: usize, waiting: usize) -> Self {
        let test = TestDatabase::create().await;
        let db = patient(&test.app_url()).await;
        let secrets = Secrets::new(["a-secret-of-the-tests-0123456789abcdef"]).unwrap();
        let hashing = HashingLimits {
            at_once: NonZeroUsize::new(at_once).unwrap(),
            waiting,
        };
        let auth = Auth::new(AuthConfig {
            hashing,
            ..AuthConfig::new(secrets, "http://wardkeep.test")
        });
        Self { test, db, auth }
    }

    pub(crate) async fn admin(&self) -> PgConnection {
        self.test.admin().await
    }

    pub(crate) async fn try_sign_up(
        &self,
        cx: &RequestContext,
        form: SignUp,
    ) -> Result<SignedIn, SignUpError> {
        match sign_up::with_password(&self.db, cx, &self.auth, form).await? {
            SignedUp::In(signed_in) => Ok(*signed_in),
            SignedUp::Pending(_) => unreachable!("nobody need prove an address here"),
        }
    }

    pub(crate) async fn sign_up(&self, email: &str) -> SignedIn {
        self.try_sign_up(&at(Duration::ZERO), form(email)).await.unwrap()
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        self.sign_in_remembered(email, password, Remember::Yes).await
    }

    pub(crate) async fn sign_in_remembered(
        &self,
        email: &str,
        password: &str,
        remember: Remember,
    ) -> Result<SignedIn, SignInError> {
        let sign_in = SignIn {
            email: email.to_owned(),
            password: Password::new(password),
            remember,
            client: Client::default(),
        };
        sign_in::with_password(&self.db, &at(Duration::ZERO), &self.auth, sign_in).await
    }

    /// How many rows a table has.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        sqlx::query_scalar(sql)
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap()
    }
}

/// A request that comes this long after the start of the test, with random values of its own.
pub(crate) fn at(after: Duration) -> RequestContext {
    RequestContext::new("test", START + after, Entropy::system())
}

pub(crate) fn form(email: &str) -> SignUp {
    SignUp {
        name: "Ana Reyes".to_owned(),
        email: email.to_owned(),
        password: Password::new(PASSWORD),
        image: None,
        remember: Remember::Yes,
        callback: None,
        client: Client::default(),
    }
}

/// Waits for a connection longer than a server should: a machine that runs many tests at once is slow.
pub(crate) async fn patient(url: &str) -> Database {
    let mut config = DatabaseConfig::new(url);
    config.acquire_timeout = std::time::Duration::from_secs(60);
    Database::connect(config).await.unwrap()
}
