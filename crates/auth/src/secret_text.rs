//! A text column that is never printed.

use std::fmt;

use sea_orm::DeriveValueType;

/// A password hash or a provider's token, as stored.
#[derive(Clone, PartialEq, Eq, DeriveValueType)]
pub(crate) struct SecretText(String);

impl SecretText {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(..)")
    }
}
