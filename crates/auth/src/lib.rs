//! Users, their passwords and their sessions.
//!
//! The crate signs people up and in, finds the session that a cookie proves, prolongs it while it is used and ends it.
//! It promises that passwords are hashed with Argon2id, a bounded number at a time and never inside a transaction;
//! that a session's secret is stored and shown as a hash only; that an unknown address and a wrong password cannot be
//! told apart; and that finding a session, its user and their membership takes one statement. It knows nothing of
//! HTTP (names, attributes and encoding of cookies are in `wardkeep-web`) and nothing of what an organization is:
//! a [`Membership`](wardkeep_tenancy::Membership) is passed on as the database vouched for it.
//!
//! Embedded in another service, beside a [`Database`](wardkeep_tenancy::Database):
//!
//! ```
//! use wardkeep_auth::{Auth, AuthConfig, Secrets, passwords::Password, sessions, sign_in};
//! use wardkeep_tenancy::{Clock, Database, Entropy, RequestContext};
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
//! let current = sessions::find(&db, &cx, &secret, None).await?.ok_or("not signed in")?;
//! assert_eq!(current.user.id, signed_in.user.id);
//! # Ok(())
//! # }
//! ```

pub mod accounts;
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
