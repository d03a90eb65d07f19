//! Whole-system tests. What each file proves is said at its top.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod absences;
mod appointments;
mod appointments_booking;
mod appointments_races;
mod audit;
mod audit_refusals;
mod bad_input;
mod bad_input_auth;
mod bedside;
mod browser;
mod charts;
mod clinical_notes;
mod clinical_notes_races;
mod compatibility;
mod course;
mod coverage_api;
mod coverage_auth;
mod coverage_pages;
mod coverage_schema;
mod desk;
mod documents;
mod end_to_end;
mod idempotency;
mod isolation;
mod lists;
mod local_provider;
mod medical_records;
mod node;
mod patients;
mod providers;
mod races;
mod revocation;
mod roles;
mod rooms;
mod scale;
mod schedule;
mod treatment_sessions;
mod treatment_sessions_appointments;
mod treatments;
mod treatments_races;
mod working_hours;
