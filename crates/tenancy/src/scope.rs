//! The scope of one organization: what a request carries until it needs a transaction.

use crate::context::RequestContext;
use crate::database::{BeginError, Database, Settings};
use crate::id::{OrganizationId, UserId};
use crate::permissions::Grants;
use crate::transaction::{Handle, TenantTx};

/// One organization, one user and what the user may do there. It holds no connection; cheap to clone.
#[derive(Debug, Clone)]
pub struct TenantScope {
    database: Database,
    context: RequestContext,
    organization: OrganizationId,
    user: UserId,
    grants: Grants,
}

impl TenantScope {
    pub(crate) fn new(
        database: Database,
        cx: &RequestContext,
        organization: OrganizationId,
        user: UserId,
        grants: Grants,
    ) -> Self {
        Self {
            database,
            context: cx.with_actor(user),
            organization,
            user,
            grants,
        }
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The user.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// What the user may do.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// The request.
    #[must_use]
    pub fn context(&self) -> &RequestContext {
        &self.context
    }

    /// Opens a transaction: one round trip. Waits while the organization has as many as it may have.
    ///
    /// # Errors
    ///
    /// [`BeginError::Busy`] when that wait is too long; otherwise when the database cannot give a connection.
    pub async fn begin(&self) -> Result<TenantTx, BeginError> {
        let slot = self.database.slots().enter(self.organization).await?;
        let settings = Settings::tenant(self.organization, self.user);
        let lease = self.database.lease(&settings, Some(slot)).await?;
        Ok(TenantTx::new(
            Handle::new(lease),
            self.context.clone(),
            self.organization,
            self.user,
            self.grants.clone(),
        ))
    }
}
