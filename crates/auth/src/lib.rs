//! Users, their passwords and their sessions.
//!
//! The crate signs people up and in, by a password or through a provider, finds the session that a cookie proves, prolongs
//! it while it is used and ends it; lets people reset and change their password, prove and change their address, and delete
//! their account; and sends the mails for that, from an outbox that belongs to the same transaction. It knows nothing of HTTP
//! (names, attributes and encoding of cookies are in `wardkeep-web`) and nothing of what an organization is: a
//! [`Membership`](wardkeep_tenancy::Membership) is passed on as the database vouched for it.
//!
//! It promises
//!
//! - that passwords are hashed with Argon2id, a bounded number at a time and never inside a transaction, and that nobody
//!   can go on guessing one ([`guesses`]);
//! - that what could be replayed (the secret of a session, the token of a mail, a mail that waits, a provider's tokens) is
//!   stored hashed or encrypted, and what is encrypted opens in its own row alone;
//! - that an account at a provider is linked only to a user who asks for it, or who has proven the address that the provider
//!   has proven; whoever signed up with it before and proved nothing keeps nothing ([`providers::links`]);
//! - that a known and an unknown address cannot be told apart, by the answer or by what the database is asked, where the
//!   protocol does not demand it ([`Policy`]);
//! - that what ends a session ends it at the next request, on every server: nothing is cached;
//! - that finding a session, its user and their membership takes one statement.
//!
//! Embedded in another service, beside a [`Database`](wardkeep_tenancy::Database):
//!
//! ```
//! use wardkeep_auth::{Auth, AuthConfig, Secrets, passwords::Password, sessions, sign_in};
//! use wardkeep_tenancy::{Asked, Clock, Database, Entropy, RequestContext};
//!
//! # async fn example(db: Database, typed: (String, String)) -> Result<(), Box<dyn std::error::Error>> {
//! let secrets = Secrets::new(["kept outside the source, 32 bytes or more"])?;
//! let auth = Auth::new(AuthConfig::new(secrets, "https://clinic.example"));
//! let cx = RequestContext::new("request-1", Clock::system().now(), Entropy::system());
//!
//! let (email, password) = (typed.0, Password::new(typed.1));
//! let sign_in = sign_in::SignIn { email, password, remember: Default::default(), client: Default::default() };
//! let signed_in = sign_in::with_password(&db, &cx, &auth, sign_in).await?;
//! let cookie = signed_in.secret.seal(auth.secrets());
//!
//! // On the next request:
//! let secret = sessions::SessionSecret::open(auth.secrets(), &cookie).ok_or("not signed by us")?;
//! let current = sessions::find(&db, &cx, &secret, Asked::Active).await?.ok_or("not signed in")?;
//! assert_eq!(current.user.id, signed_in.user.id);
//! # Ok(())
//! # }
//! ```
//!
//! The page of [`providers`] has the same for signing in through Google and others.
//!
//! The database is one that `cargo xtask migrate` has set up, reached as the login `wardkeep_app`
//! ([`DatabaseConfig`](wardkeep_tenancy::DatabaseConfig)). The links in mails lead to the base address and the paths of the
//! protocol, `/api/auth/verify-email`, `/api/auth/reset-password/…` and `/api/auth/delete-user/callback`: mount
//! `wardkeep-web`, or answer them by [`email_proofs::follow`], [`resets::is_valid`] and [`deletions::delete`].
//!
//! Mails wait in the outbox until a [`mail::Worker`] with the login `wardkeep_worker` sends them; where there is none, say so
//! ([`AuthConfig::mails_are_sent`]):
//!
//! ```
//! use wardkeep_auth::mail::{Smtp, Worker};
//! use wardkeep_tenancy::{Clock, Entropy, WorkerDatabase};
//!
//! # async fn example(db: WorkerDatabase, auth: wardkeep_auth::Auth) -> Result<(), Box<dyn std::error::Error>> {
//! let relay = Smtp::new("smtps://login:password@relay.example", "Clinic <hello@clinic.example>")?;
//! let worker = Worker::new(db, auth, Clock::system(), Entropy::system(), relay);
//! worker.run(async { drop(tokio::signal::ctrl_c().await) }).await;
//! # Ok(())
//! # }
//! ```

pub mod accounts;
mod at_rest;
mod config;
pub mod credentials;
pub mod deletions;
pub mod email_proofs;
pub mod emails;
pub mod guesses;
mod jwt;
mod letters;
mod listed;
pub mod mail;
pub mod passwords;
mod proofs;
pub mod providers;
pub mod resets;
mod secret_text;
mod secrets;
pub mod sessions;
pub mod sign_in;
pub mod sign_up;
pub mod users;
mod verifications;

pub use config::{Auth, AuthConfig, Policy};
pub use listed::Listed;
pub use secrets::{MIN_SECRET_BYTES, SecretError, Secrets};
pub use sessions::CurrentSession;
