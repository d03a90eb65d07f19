//! A transaction for one signed-in user.

use sea_orm::DbErr;
use time::OffsetDateTime;

use super::delegate::connection_traits;
use super::{Handle, TenantTx};
use crate::context::RequestContext;
use crate::database::{BeginError, Database, Settings};
use crate::id::UserId;
use crate::permissions::Grants;

/// An open transaction for one signed-in user: the own user, sessions, accounts, verifications and memberships.
/// Dropping it rolls back.
pub struct IdentityTx {
    database: Database,
    handle: Handle,
    context: RequestContext,
    user: UserId,
}

connection_traits!(IdentityTx);

impl IdentityTx {
    pub(crate) fn new(database: Database, handle: Handle, context: RequestContext, user: UserId) -> Self {
        Self {
            database,
            handle,
            context,
            user,
        }
    }

    /// The signed-in user.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
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

    /// Narrows this transaction to an organization that does not exist yet, so that it can be founded: a fresh
    /// random id, in the same transaction. There is no way back:
    ///
    /// ```compile_fail,E0382
    /// # use wardkeep_tenancy::*;
    /// async fn found(identity: IdentityTx) -> Result<(), BeginError> {
    ///     let tenant = identity.into_founding(Grants::none()).await?;
    ///     identity.commit().await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// What was done before is committed with what is done after:
    ///
    /// ```
    /// # use wardkeep_tenancy::*;
    /// async fn found(identity: IdentityTx) -> Result<(), BeginError> {
    ///     let tenant = identity.into_founding(Grants::none()).await?;
    ///     tenant.commit().await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn into_founding(self, grants: Grants) -> Result<TenantTx, BeginError> {
        let organization = self.context.new_id();
        let slot = self.database.slots().enter(organization).await?;
        self.handle
            .narrow(&Settings::tenant(organization, self.user), slot)
            .await?;
        Ok(TenantTx::new(
            self.handle,
            self.context,
            organization,
            self.user,
            grants,
        ))
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
