//! Every HTTP endpoint of Wardkeep, mountable in another actix-web application.
//!
//! The crate extracts, opens a scope, calls one function of `wardkeep-auth`, `wardkeep-organizations` or
//! `wardkeep-clinical`, and shapes the answer; it knows no SQL. Under `/api/auth` it speaks the protocol of Better Auth
//! 1.7.25, under `/api/v1` JSON with problem details (RFC 9457). It promises that every request has an id, one line in
//! the log and one instant; that no page of another site can use a visitor's cookies; that one address cannot
//! call an endpoint of sign-in as often as it likes ([`RateLimits`]); that an answer never holds the
//! text of an internal error; and that a handler which takes [`Tenant`] or [`CurrentSession`] runs for nobody else. It
//! reads no configuration and starts no server.
//!
//! ```
//! use actix_web::{App, middleware::from_fn};
//! use wardkeep_auth::providers::{Providers, client::Settings};
//! use wardkeep_auth::{Auth, AuthConfig, Secrets};
//! use wardkeep_web::{Origins, State};
//!
//! # fn example(database: wardkeep_tenancy::Database) -> Result<(), Box<dyn std::error::Error>> {
//! let secrets = Secrets::new(["kept outside the source, 32 bytes or more"])?;
//! // As in docs/providers.md; each must know https://clinic.example/api/auth/callback/<id>.
//! let providers = Providers::new(Settings::read(r#"{"google": {"clientId": "...", "clientSecret": "..."}}"#)?)?;
//! let auth = Auth::new(AuthConfig { providers, ..AuthConfig::new(secrets, "https://clinic.example") });
//! let origins = Origins::new("https://clinic.example", ["https://*.clinic.example"])?;
//! let state = State::new(database, auth, wardkeep_web::access_control(), origins);
//!
//! let app = App::new().wrap(from_fn(wardkeep_web::surround)).configure(wardkeep_web::configure(state));
//! # let _ = app;
//! # Ok(())
//! # }
//! ```
//!
//! Mails wait in the database until a [`Worker`](wardkeep_auth::mail::Worker) with the same [`Auth`](wardkeep_auth::Auth)
//! sends them, in this process or another: the front page of `wardkeep-auth` starts one. Where there is none, set
//! [`mails_are_sent`](wardkeep_auth::AuthConfig::mails_are_sent) to false, or people wait for mails that never come.
//!
//! An application adds kinds of things of its own to what roles may hold, and handlers that run in one organization:
//!
//! ```
//! use actix_web::{HttpResponse, post};
//! use wardkeep_tenancy::{AccessControl, Permission};
//! use wardkeep_web::{ApiResult, Tenant};
//!
//! const BOOK: Permission = Permission::new("room", "book");
//!
//! /// Goes to `State::new` instead of `access_control()`.
//! fn access() -> AccessControl {
//!     wardkeep_web::access_control()
//!         .statement("room", &["book", "close"])
//!         .role("owner", &[("room", &["book", "close"])])
//!         .role("admin", &[("room", &["book", "close"])])
//!         .role("member", &[("room", &["book"])])
//! }
//!
//! /// `App::service(book_room)`, at a path outside `/api/auth` and `/api/v1`, which are taken. Whoever is not signed in, or
//! /// no member, is answered before it runs ([`Tenant`]).
//! #[post("/rooms/{id}/bookings")]
//! async fn book_room(tenant: Tenant) -> ApiResult<HttpResponse> {
//!     let tx = tenant.begin().await?;
//!     tx.require(BOOK)?;
//!     // Here go statements: PostgreSQL shows them the rows of this organization and no others.
//!     tx.commit().await?;
//!     Ok(HttpResponse::Created().finish())
//! }
//!
//! let member = access().grants("member", &[]);
//! assert!(member.allows(BOOK) && !member.allows(Permission::new("room", "close")));
//! ```

mod access;
pub mod auth;
mod body;
mod client_address;
#[cfg(feature = "clinical")]
mod clinical;
mod context;
mod cookies;
mod cors;
mod development_sign_in;
mod document;
pub mod error;
mod health;
mod html;
mod in_order;
mod invitation_page;
mod json_body;
mod mailbox;
mod messages;
mod organization;
mod origins;
mod rate_limits;
mod routes;
mod session;
mod state;
mod tenant;
pub mod time_format;

pub use access::access_control;
pub use context::{Context, surround};
pub use cookies::Cookies;
pub use error::{ApiError, ApiResult, AuthError, AuthResult};
pub use in_order::InOrder;
pub use json_body::{JsonBody, Query};
pub use origins::{OriginError, Origins};
pub use rate_limits::{Rate, RateLimits};
pub use routes::{configure, openapi};
pub use session::{CurrentSession, FreshSession, MaybeSession};
pub use state::{BODY_LIMIT, State};
pub use tenant::Tenant;
