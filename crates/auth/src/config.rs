use std::sync::Arc;

use crate::passwords::{Hasher, HashingLimits};
use crate::secrets::Secrets;

/// What the edge of the program decides about sign-in.
#[derive(Debug, Clone)]
pub struct AuthConfig {
    /// What signs the cookies.
    pub secrets: Secrets,
    /// How many passwords are hashed at once.
    pub hashing: HashingLimits,
}

impl AuthConfig {
    /// The usual settings with these secrets.
    pub fn new(secrets: Secrets) -> Self {
        Self {
            secrets,
            hashing: HashingLimits::default(),
        }
    }
}

/// The secrets and the queue of passwords to hash, which all requests of a process share. Cheap to clone; clones share
/// the queue, so make one.
#[derive(Clone)]
pub struct Auth {
    secrets: Arc<Secrets>,
    pub(crate) hasher: Hasher,
}

impl Auth {
    /// Takes the settings.
    pub fn new(config: AuthConfig) -> Self {
        Self {
            secrets: Arc::new(config.secrets),
            hasher: Hasher::new(config.hashing),
        }
    }

    /// What signs the cookies.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}
