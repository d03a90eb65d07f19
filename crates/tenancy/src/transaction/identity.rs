//! A transaction for one signed-in user.

use std::fmt;

use sea_orm::DbErr;
use time::OffsetDateTime;

use super::delegate::connection_traits;
use super::{Handle, TenantTx};
use crate::context::RequestContext;
use crate::database::{BeginError, Database, Settings};
use crate::id::{InvitationId, OrganizationId, UserId};
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

const LOCK_INVITING_ORGANIZATION: &str = "select tenancy.lock_inviting_organization($1)";
const LOCK_ORGANIZATIONS_I_ALONE_OWN: &str = "select tenancy.lock_organizations_i_alone_own()";

/// The fresh id of an organization that is about to be founded. Only [`IdentityTx::found`] makes one, so narrowing to it
/// cannot lead into an organization that exists.
#[derive(Debug)]
pub struct Founding(OrganizationId);

impl Founding {
    /// The id that the organization will have.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.0
    }
}

/// The organization to which a pending invitation invites the signed-in user: the database has just said so. Only
/// [`IdentityTx::join`] makes one, so narrowing to it cannot lead into an organization that did not ask.
#[derive(Debug)]
pub struct Joining(OrganizationId);

impl Joining {
    /// The organization.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.0
    }
}

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

    /// Locks the organizations that the signed-in user owns, until this transaction ends, and returns those that have no
    /// other owner. Nobody can then take the last owner away from one of them before the user's row is deleted.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn lock_organizations_i_alone_own(&self) -> Result<Vec<OrganizationId>, DbErr> {
        let rows = self.sql(LOCK_ORGANIZATIONS_I_ALONE_OWN, []).all().await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Locks the organization of a pending invitation to the signed-in user's address until this transaction ends (`for no
    /// key update`), so that its members can be counted afterwards. `None` where there is no such invitation. It does
    /// not look at the time: the caller compares the invitation's expiry with its own instant.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn join(&self, invitation: InvitationId) -> Result<Option<Joining>, DbErr> {
        let row = self
            .sql(LOCK_INVITING_ORGANIZATION, [invitation.into()])
            .one()
            .await?;
        let organization: Option<OrganizationId> =
            row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok(organization.map(Joining))
    }

    /// Narrows this transaction to the organization that invites, so that its newest member can be added. There is no way
    /// back.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn into_joining(self, joining: Joining, grants: Grants) -> Result<TenantTx, BeginError> {
        self.into_tenant(joining.0, grants).await
    }

    /// Draws the random id of an organization to found, for what this transaction must write before it narrows.
    #[must_use]
    pub fn found(&self) -> Founding {
        Founding(self.context.new_id())
    }

    /// Narrows this transaction to an organization that does not exist yet, so that it can be founded. There is no way
    /// back:
    ///
    /// ```compile_fail,E0382
    /// # use wardkeep_tenancy::*;
    /// async fn found(identity: IdentityTx) -> Result<(), BeginError> {
    ///     let founding = identity.found();
    ///     let tenant = identity.into_founding(founding, Grants::none()).await?;
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
    ///     let founding = identity.found();
    ///     let tenant = identity.into_founding(founding, Grants::none()).await?;
    ///     tenant.commit().await?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn into_founding(self, founding: Founding, grants: Grants) -> Result<TenantTx, BeginError> {
        self.into_tenant(founding.0, grants).await
    }

    async fn into_tenant(self, organization: OrganizationId, grants: Grants) -> Result<TenantTx, BeginError> {
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

impl fmt::Debug for IdentityTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityTx")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
