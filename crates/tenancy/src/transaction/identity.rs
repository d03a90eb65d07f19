//! A transaction for one signed-in user.

use std::fmt;

use sea_orm::DbErr;
use time::OffsetDateTime;

use super::delegate::connection_traits;
use super::{Handle, TenantTx};
use crate::context::RequestContext;
use crate::database::{BeginError, Database, Settings, Slot};
use crate::id::{InvitationId, OrganizationId, UserId};
use crate::permissions::Grants;

/// An open transaction for one signed-in user: the own user, sessions, accounts, verifications and memberships.
/// Dropping it rolls back.
pub struct IdentityTx {
    database: Database,
    handle: Handle,
    context: RequestContext,
    user: UserId,
    place: Option<Place>,
}

connection_traits!(IdentityTx);

/// A place among the transactions of an organization, taken before this one locks anything: who waits for a place holds
/// nothing that those in the places wait for.
pub(crate) struct Place {
    pub(crate) organization: OrganizationId,
    pub(crate) slot: Slot,
}

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

/// A transaction of a user whom a pending invitation invites to an organization, which is locked: the database has just said
/// so. Only [`IdentityTx::join`] makes one, so narrowing it cannot lead into an organization that did not ask.
pub struct Joining {
    tx: IdentityTx,
    organization: OrganizationId,
    slot: Slot,
}

impl Joining {
    /// The organization.
    #[must_use]
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The transaction, for what must be written before it narrows.
    #[must_use]
    pub fn identity(&self) -> &IdentityTx {
        &self.tx
    }

    /// Narrows the transaction to the organization, so that its newest member can be added. There is no way back.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn into_tenant(self, grants: Grants) -> Result<TenantTx, BeginError> {
        self.tx.narrow(self.organization, self.slot, grants).await
    }
}

impl IdentityTx {
    pub(crate) fn new(
        database: Database,
        handle: Handle,
        context: RequestContext,
        user: UserId,
        place: Option<Place>,
    ) -> Self {
        Self {
            database,
            handle,
            context,
            user,
            place,
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
    /// key update`), so that its members can be counted afterwards. `None` where there is no such invitation, or it
    /// leads to another organization than the one [`invited`](Database::invited) names. It does not look at the time: the
    /// caller compares the invitation's expiry with its own instant.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn join(mut self, invitation: InvitationId) -> Result<Option<Joining>, DbErr> {
        let Some(Place { organization, slot }) = self.place.take() else {
            return Ok(None);
        };
        let row = self
            .sql(LOCK_INVITING_ORGANIZATION, [invitation.into()])
            .one()
            .await?;
        let inviting: Option<OrganizationId> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        Ok((inviting == Some(organization)).then_some(Joining {
            tx: self,
            organization,
            slot,
        }))
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
        // Nobody waits for a place in an organization that nobody knows of yet.
        let slot = self.database.slots().enter(founding.0).await?;
        self.narrow(founding.0, slot, grants).await
    }

    async fn narrow(
        self,
        organization: OrganizationId,
        slot: Slot,
        grants: Grants,
    ) -> Result<TenantTx, BeginError> {
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

impl fmt::Debug for Joining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joining")
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}
