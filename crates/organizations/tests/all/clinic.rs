//! A database with people in it who are signed in.
#![expect(clippy::unwrap_used, reason = "a test cannot go on without what is made here")]
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::Row as _;
use wardkeep_auth::deletions::{self, Deleted, Deletion, DeletionError};
use wardkeep_auth::passwords::Password;
use wardkeep_auth::sessions::{self, Client, CurrentSession, Remember, Session, SessionSecret};
use wardkeep_auth::sign_up::{self, SignUp, SignedUp};
use wardkeep_auth::{Auth, AuthConfig, Secrets};
use wardkeep_organizations::{
    self as organizations, Created, Founder, NewOrganization, OrganizationError, Rules,
};
use wardkeep_tenancy::{AccessControl, Asked, Database, OrganizationId, RequestContext, TenantTx, UserId};
use wardkeep_testkit::{TestDatabase, context};

pub(crate) struct Clinic {
    pub(crate) db: TestDatabase,
    pub(crate) database: Database,
    pub(crate) access: AccessControl,
    pub(crate) auth: Auth,
    /// Each transaction draws ids of its own, as each request does.
    seeds: AtomicU64,
}

/// Somebody who signed up, and the secret of the session that this made.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) email: String,
    secret: SessionSecret,
}

impl Clinic {
    pub(crate) async fn new() -> Self {
        let db = TestDatabase::create().await;
        let secrets = Secrets::new(["a secret for tests, longer than 32 bytes"]).unwrap();
        Self {
            database: db.connect().await,
            db,
            access: wardkeep_organizations::access_control(),
            auth: Auth::new(AuthConfig::new(secrets, "http://wardkeep.test")),
            seeds: AtomicU64::new(1_000_000),
        }
    }

    pub(crate) async fn sign_up(&self, seed: u64, name: &str) -> Person {
        let sign_up = SignUp {
            name: name.to_owned(),
            email: format!("{}@example.com", name.to_lowercase()),
            password: Password::new("correct horse battery".to_owned()),
            image: None,
            remember: Remember::Yes,
            callback: None,
            client: Client::default(),
        };
        let cx = context(seed);
        let signed_up = sign_up::with_password(&self.database, &cx, &self.auth, sign_up).await;
        let SignedUp::In(signed_in) = signed_up.unwrap() else {
            unreachable!("nobody need prove an address here");
        };
        Person {
            id: signed_in.user.id,
            email: signed_in.user.email,
            secret: signed_in.secret,
        }
    }

    /// Somebody who is signed in and never signed up, which takes a hash.
    pub(crate) async fn person(&self, seed: u64, name: &str) -> Person {
        let id = self.db.user(name).await;
        let secrets = self.auth.secrets();
        let sealed = secrets.seal(&context(seed).entropy().text(b"abcdefghijklmnop", 32));
        let secret = SessionSecret::open(secrets, &sealed).unwrap();
        self.db.session(id, &secret.handle(), None).await;
        Person {
            id,
            email: format!("{}@example.com", name.to_lowercase()),
            secret,
        }
    }

    /// Deletes the account of whoever has this session.
    pub(crate) async fn delete(&self, current: &CurrentSession) -> Result<Deleted, DeletionError> {
        deletions::delete(
            &self.database,
            &context(0),
            &self.auth,
            current,
            Deletion::default(),
        )
        .await
    }

    /// What the next request of this person would find.
    pub(crate) async fn session(
        &self,
        person: &Person,
        organization: Option<OrganizationId>,
    ) -> CurrentSession {
        self.session_asked(person, organization.into()).await
    }

    /// The same where the organization is asked for in another way.
    pub(crate) async fn session_asked(&self, person: &Person, asked: Asked<'_>) -> CurrentSession {
        let found = sessions::find(&self.database, &context(0), &person.secret, asked).await;
        found.unwrap().unwrap()
    }

    /// Enters an organization of which this person is a member, as a request does, and opens a transaction in it.
    pub(crate) async fn enter(&self, person: &Person, organization: OrganizationId) -> TenantTx {
        let session = self.session(person, Some(organization)).await;
        self.enter_in(&session).await
    }

    /// The same with what a request found before.
    pub(crate) async fn enter_in(&self, session: &CurrentSession) -> TenantTx {
        let membership = session.membership.as_ref().unwrap();
        let cx = self.next_context();
        let scope = organizations::enter(&self.database, &cx, &self.access, membership);
        scope.begin().await.unwrap()
    }

    /// The context of a request that no other had.
    pub(crate) fn next_context(&self) -> RequestContext {
        context(self.seeds.fetch_add(1, Ordering::Relaxed))
    }

    /// Founds an organization whose name is its slug in capitals.
    pub(crate) async fn found(
        &self,
        founder: &Person,
        seed: u64,
        slug: &str,
    ) -> Result<Created, OrganizationError> {
        let session = self.session(founder, None).await.session;
        self.found_in(&session, seed, slug).await
    }

    /// The same in a session that was found before.
    pub(crate) async fn found_in(
        &self,
        session: &Session,
        seed: u64,
        slug: &str,
    ) -> Result<Created, OrganizationError> {
        self.found_by(&Rules::default(), session, seed, slug).await
    }

    /// The same by other rules.
    pub(crate) async fn found_by(
        &self,
        rules: &Rules,
        session: &Session,
        seed: u64,
        slug: &str,
    ) -> Result<Created, OrganizationError> {
        let founder = Founder {
            context: &context(seed),
            session,
        };
        let new = NewOrganization {
            name: slug.to_uppercase(),
            slug: slug.to_owned(),
            logo: None,
            metadata: None,
            activate: true,
        };
        organizations::create(&self.database, &self.access, rules, founder, new).await
    }

    /// A role that the organization made for itself; its rights are JSON.
    pub(crate) async fn role(&self, organization: OrganizationId, name: &str, permission: &str) {
        let insert =
            r#"insert into "organizationRole" ("organizationId", role, permission) values ($1, $2, $3)"#;
        sqlx::query(insert)
            .bind(organization.as_uuid())
            .bind(name)
            .bind(permission)
            .execute(&mut self.db.admin().await)
            .await
            .unwrap();
    }

    /// The number that a query of the superuser gives.
    pub(crate) async fn count(&self, query: &'static str, id: OrganizationId) -> i64 {
        let row = sqlx::query(query)
            .bind(id.as_uuid())
            .fetch_one(&mut self.db.admin().await)
            .await
            .unwrap();
        row.get(0)
    }
}
