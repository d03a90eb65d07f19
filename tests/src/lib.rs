//! Whole-system tests: the real router over a database of their own, a clock that stands still and seeded entropy.
//!
//! An [`App`] answers requests without a network; the tests in `tests/` use it through its public surface only, as a
//! browser would. Ids and times are the same in every run, so snapshots hold whole answers.
//!
//! ```no_run
//! # async fn example() {
//! use wardkeep_tests::App;
//!
//! let app = App::start().await;
//! let ada = app.sign_up("ada").await;
//! let salt_lane = app.organization(&ada, "salt-lane").await;
//! let ana = app.patient(&ada).name("Ana", "Brandt").create().await;
//!
//! let answer = app.get(&ana.path()).by(&ada).organization(&salt_lane.id).send().await;
//! assert_eq!(answer.status, 200);
//! # }
//! ```
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test cannot go on without what is made here"
)]

mod app;
mod fixtures;
mod request;
mod server;

pub use app::{App, ORIGIN};
pub use fixtures::{Clinic, Patient, PatientFixture, Person, Record, RecordFixture, password, summary};
pub use request::{Answer, Request};
pub use server::{listen, serve};
