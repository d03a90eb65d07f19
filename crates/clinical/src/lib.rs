//! The clinical records of one organization: patients; appointments, rooms, and when practitioners are there; treatments and
//! their sessions, medical records and documents, notes that nobody changes once they are signed, and a patient's chart; and
//! the audit of who saw and changed what. Names and statuses follow FHIR R4.
//!
//! Every function takes a [`TenantTx`](wardkeep_tenancy::TenantTx): an open transaction in which PostgreSQL shows the
//! rows of one organization and no others. The first thing it does is to ask whether the caller may, and the last to
//! write an [audit event](audit::AuditEvent), two where it changes two records, so that what cannot be recorded is neither
//! done nor shown. Whoever calls it commits, once. The crate knows no roles, and of a person the id and the display name: a right is a `Permission`, and who
//! holds which is said by [`extend`]. It refuses to delete: what a clinic has recorded is hidden, never removed.
//!
//! ```
//! use wardkeep_clinical::patients::{self, Listing, NewPatient, Patient};
//! use wardkeep_tenancy::{Database, Grants, OrganizationId, RequestContext, UserId};
//!
//! async fn record_ana(
//!     database: &Database,
//!     cx: &RequestContext,
//!     (organization, user): (OrganizationId, UserId),
//! ) -> Result<Vec<Patient>, Box<dyn std::error::Error>> {
//!     // Who asks and from where, as the audit keeps it for ever.
//!     let cx = cx.with_actor(user).with_actor_name("Ada Byron").with_address("192.0.2.7");
//!     let rights = Grants::one(&[("patient", &["create", "read"])]);
//!     let tx = database.vouched(&cx, organization, user, rights).begin().await?;
//!
//!     let ana = NewPatient { first_name: "Ana".into(), last_name: "Brandt".into(), ..NewPatient::default() };
//!     patients::create(&tx, ana).await?;
//!     let found = Listing { search: Some("bra".into()), ..Listing::default() };
//!     let found = patients::list(&tx, &found).await?.items;
//!
//!     tx.commit().await?;
//!     Ok(found)
//! }
//! ```
//!
//! A note is signed only by somebody who has proved a short while ago who they are: whoever makes the context says so, by
//! [`with_recent_sign_in`](wardkeep_tenancy::RequestContext::with_recent_sign_in).
//!
//! What was refused is rolled back with its event: whoever answers it writes another, by [`audit::refused`] in a transaction
//! of its own.
//!
//! Without such a transaction there is no way to ask. A [`Database`](wardkeep_tenancy::Database) will not do:
//!
//! ```compile_fail,E0308
//! use wardkeep_clinical::patients::{self, PatientId};
//! use wardkeep_tenancy::Database;
//!
//! async fn read(database: &Database, id: PatientId) {
//!     let _ = patients::get(database, id).await;
//! }
//! ```
//!
//! A transaction does:
//!
//! ```
//! use wardkeep_clinical::patients::{self, PatientId};
//! use wardkeep_tenancy::TenantTx;
//!
//! async fn read(tx: &TenantTx, id: PatientId) {
//!     let _ = patients::get(tx, id).await;
//! }
//! ```

pub mod absences;
pub mod appointments;
pub mod audit;
pub mod calendar;
pub mod charts;
pub mod clinical_notes;
pub mod coding;
mod fields;
pub mod idempotency;
pub mod medical_records;
pub mod paging;
mod partial_dates;
pub mod patients;
#[cfg(test)]
mod plans;
mod practitioners;
pub mod quantities;
pub mod records;
mod rights;
pub mod rooms;
pub mod schedule;
mod statuses;
pub mod treatment_sessions;
pub mod treatments;
pub mod working_hours;

pub use records::RecordError;
pub use rights::extend;
pub use statuses::StatusNotAllowed;
