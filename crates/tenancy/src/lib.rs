//! Work begins here.

pub mod policy;

pub use policy::SCHEMA_VERSION;
