//! What every test here begins with.

use std::num::NonZeroUsize;

use sqlx::PgConnection;
use time::Duration;
use wardkeep_auth::accounts::AccountId;
use wardkeep_auth::emails::Email;
use wardkeep_auth::passwords::{HashingLimits, Password};
use wardkeep_auth::sessions::{self, Client, Remember, SessionSecret, SignedIn};
use wardkeep_auth::sign_in::{self, SignIn, SignInError};
use wardkeep_auth::sign_up::{self, SignUp, SignUpError, SignedUp};
use wardkeep_auth::{Auth, AuthConfig, CurrentSession, Policy, Secrets};
use wardkeep_tenancy::{Asked, Database, DatabaseConfig, Entropy, RequestContext, UserId};
use wardkeep_testkit::{START, TestDatabase};

pub(crate) const SECRET: &str = "a-secret-of-the-tests-0123456789abcdef";
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
        Self::made(Policy::default(), at_once, waiting).await
    }

    /// With other rules than the usual ones.
    pub(crate) async fn ruled(policy: Policy) -> Self {
        Self::made(policy, 2, 64).await
    }

    async fn made(policy: Policy, at_once: usize, waiting: usize) -> Self {
        let test = TestDatabase::create().await;
        let db = patient(&test.app_url()).await;
        let auth = auth([SECRET], policy, at_once, waiting);
        Self { test, db, auth }
    }

    /// A second server on the same database, or the same one after a restart.
    pub(crate) async fn second_server(&self, policy: Policy) -> (Database, Auth) {
        (patient(&self.test.app_url()).await, auth([SECRET], policy, 2, 64))
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
            remember,
            ..credentials(email, password)
        };
        sign_in::with_password(&self.db, &at(Duration::ZERO), &self.auth, sign_in).await
    }

    /// Signs in this long after the start.
    pub(crate) async fn sign_in_at(
        &self,
        after: Duration,
        email: &str,
        password: &str,
    ) -> Result<SignedIn, SignInError> {
        let sign_in = credentials(email, password);
        sign_in::with_password(&self.db, &at(after), &self.auth, sign_in).await
    }

    /// The session that a secret proves at the start, if there is one.
    pub(crate) async fn find(&self, secret: &SessionSecret) -> Option<CurrentSession> {
        sessions::find(&self.db, &at(Duration::ZERO), secret, Asked::Active)
            .await
            .unwrap()
    }

    /// What a request with this session begins with.
    pub(crate) async fn current(&self, signed_in: &SignedIn) -> CurrentSession {
        self.find(&signed_in.secret).await.unwrap()
    }

    /// A session of a user, without anybody signing in.
    pub(crate) async fn session_of(&self, user: UserId) -> (CurrentSession, SessionSecret) {
        let secret = SessionSecret::open(
            self.auth.secrets(),
            &self
                .auth
                .secrets()
                .seal(&Entropy::system().text(b"abcdefghijklmnop", 32)),
        )
        .unwrap();
        self.test.session(user, &secret.handle(), None).await;
        (self.find(&secret).await.unwrap(), secret)
    }

    /// Links an account elsewhere to a user.
    pub(crate) async fn link(&self, user: UserId, provider: &'static str) -> AccountId {
        let id: uuid::Uuid = sqlx::query_scalar(
            "insert into account (\"accountId\", \"providerId\", \"userId\", \"createdAt\", \"updatedAt\")
             values ($1, $2, $3, $4, $4) returning id",
        )
        .bind(format!("{user} at {provider}"))
        .bind(provider)
        .bind(user.as_uuid())
        .bind(START)
        .fetch_one(&mut self.admin().await)
        .await
        .unwrap();
        AccountId::from_uuid(id)
    }

    /// Runs a statement as the superuser, with the id of a user as its only value.
    pub(crate) async fn execute(&self, statement: &'static str, user: UserId) {
        sqlx::query(statement)
            .bind(user.as_uuid())
            .execute(&mut self.admin().await)
            .await
            .unwrap();
    }

    /// One value that a query of the superuser answers.
    pub(crate) async fn value<T>(&self, query: &'static str) -> T
    where
        T: Send + Unpin + sqlx::Type<sqlx::Postgres> + for<'row> sqlx::Decode<'row, sqlx::Postgres>,
    {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.admin().await)
            .await
            .unwrap()
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

pub(crate) fn credentials(email: &str, password: &str) -> SignIn {
    SignIn {
        email: email.to_owned(),
        password: Password::new(password),
        remember: Remember::Yes,
        client: Client::default(),
    }
}

pub(crate) fn auth<const N: usize>(
    secrets: [&str; N],
    policy: Policy,
    at_once: usize,
    waiting: usize,
) -> Auth {
    let hashing = HashingLimits {
        at_once: NonZeroUsize::new(at_once).unwrap(),
        waiting,
    };
    Auth::new(AuthConfig {
        hashing,
        policy,
        ..AuthConfig::new(Secrets::new(secrets).unwrap(), "http://wardkeep.test")
    })
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
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

/// The same with one connection, so that its statements come in one order.
pub(crate) async fn single(url: &str) -> Database {
    let mut config = DatabaseConfig::new(url);
    config.acquire_timeout = std::time::Duration::from_secs(60);
    config.max_connections = 1;
    Database::connect(config).await.unwrap()
}

/// Waits until the one connection is back in the pool, and what was begun on it is over.
pub(crate) async fn at_rest(database: &Database) {
    while !format!("{database:?}").contains("idle: 1,") {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}
