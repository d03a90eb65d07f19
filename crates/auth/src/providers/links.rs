//! Which user an account at a provider belongs to.
