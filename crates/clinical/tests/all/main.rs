//! The operations of the crate, on a database of their own each, as the application's login.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod appointments;
mod calendar;
mod charts;
mod clinic;
mod clinical_notes;
mod medical_records;
mod patients;
mod schedule_model;
mod statements;
mod treatments;
