//! A transaction for nobody yet.

use std::fmt;

use sea_orm::DbErr;
use time::OffsetDateTime;

use super::Handle;
use super::delegate::connection_traits;
use crate::context::RequestContext;

/// An open transaction for nobody yet: sign-up, sign-in, proofs of an address. It sees users, sessions, accounts and
/// verifications, and no table of any organization. Dropping it rolls back.
pub struct CredentialsTx {
    handle: Handle,
    context: RequestContext,
}

connection_traits!(CredentialsTx);

impl CredentialsTx {
    pub(crate) fn new(handle: Handle, context: RequestContext) -> Self {
        Self { handle, context }
    }

    /// When the request arrived.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.context.now()
    }

    /// The request.
    #[must_use]
    pub fn context(&self) -> &RequestContext {
        &self.context
    }

    /// Commits.
    ///
    /// # Errors
    ///
    /// When a statement failed or was abandoned, or the database refuses: then nothing is kept.
    pub async fn commit(self) -> Result<(), DbErr> {
        self.handle.commit().await
    }
}

impl fmt::Debug for CredentialsTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CredentialsTx").finish_non_exhaustive()
    }
}
