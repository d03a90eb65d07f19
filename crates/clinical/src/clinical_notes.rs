//! Clinical notes: what was written about a session. Once a note is signed, it is never changed: a trigger of the table
//! refuses whoever asks.

mod entity;
mod signed;

use wardkeep_tenancy::Permission;

pub use entity::{ClinicalNote, ClinicalNoteId};
pub(crate) use signed::is_signed_in;

/// The right to make notes.
pub const CREATE: Permission = Permission::new("clinicalNote", "create");
/// The right to see notes.
pub const READ: Permission = Permission::new("clinicalNote", "read");
/// The right to change notes.
pub const UPDATE: Permission = Permission::new("clinicalNote", "update");
/// The right to delete notes.
pub const DELETE: Permission = Permission::new("clinicalNote", "delete");
/// The right to bring back deleted notes.
pub const RESTORE: Permission = Permission::new("clinicalNote", "restore");
/// The right to sign notes.
pub const SIGN: Permission = Permission::new("clinicalNote", "sign");
