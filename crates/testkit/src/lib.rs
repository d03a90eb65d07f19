//! What tests stand on: a database of one's own for each, a clock that stands still, random values that repeat, a provider
//! that people sign in through ([`FakeProvider`]).
//!
//! A test gets a clone of a migrated template and connects as the application's login, so that it sees what the
//! application sees. Everything here panics when it fails: a test cannot go on without it. It is for tests only; no
//! crate but the tests may depend on it.
//!
//! The server is the test server of this checkout, started when the first test needs it; `TEST_DATABASE_URL` names
//! another one, as its superuser. On that server the passwords of `wardkeep_app` and `wardkeep_worker` are set. Tests in which
//! requests race do so 50 times, or as often as `RACE_ROUNDS` says.
//!
//! ```
//! # use wardkeep_testkit::{TestDatabase, context, scope};
//! # use wardkeep_tenancy::Grants;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let db = TestDatabase::create().await;
//! let salt_lane = db.organization("Salt Lane").await;
//! let ana = db.user("Ana Reyes").await;
//! db.member(salt_lane, ana, "owner").await;
//!
//! let tx = scope(&db.connect().await, &context(1), (salt_lane, ana), Grants::none()).begin().await.unwrap();
//!
//! assert_eq!(tx.organization(), salt_lane);
//! # }
//! ```
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test cannot go on without what is made here"
)]

mod cluster;
mod context;
mod database;
mod fixtures;
mod provider;
mod proxy;
mod rounds;
mod scram;
mod template;

pub use context::{START, clock, context, scope};
pub use database::TestDatabase;
pub use provider::{Endpoint, FakeProvider, Heard as ProviderHeard, IdTokens, Misbehaviour};
pub use proxy::{Heard, Proxy};
pub use rounds::race_rounds;
