//! A transaction of one organization.

use std::fmt;

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, Select};
use time::OffsetDateTime;

use super::Handle;
use super::delegate::connection_traits;
use crate::context::RequestContext;
use crate::id::{Id, OrganizationId, UserId};
use crate::permissions::{Denied, Grants, Permission};

/// An open transaction of one organization. Holding one proves that a tenant was set: PostgreSQL shows it the rows of
/// this organization and no others. Dropping it rolls back.
///
/// Only a scope makes one:
///
/// ```compile_fail,E0451
/// # use wardkeep_tenancy::*;
/// fn make(context: RequestContext, organization: OrganizationId, user: UserId) -> TenantTx {
///     TenantTx { handle: todo!(), context, organization, user, grants: Grants::none() }
/// }
/// ```
///
/// ```
/// # use wardkeep_tenancy::*;
/// async fn make(scope: &TenantScope) -> Result<TenantTx, BeginError> {
///     scope.begin().await
/// }
/// ```
///
/// And its connection is its own:
///
/// ```compile_fail,E0616
/// fn raw(tx: &wardkeep_tenancy::TenantTx) {
///     let _ = &tx.handle;
/// }
/// ```
///
/// ```
/// fn organization(tx: &wardkeep_tenancy::TenantTx) {
///     let _ = &tx.organization();
/// }
/// ```
pub struct TenantTx {
    handle: Handle,
    context: RequestContext,
    organization: OrganizationId,
    user: UserId,
    grants: Grants,
}

connection_traits!(TenantTx);

/// An entity whose rows belong to an organization.
pub trait OrganizationOwned: EntityTrait {
    /// The column that says which.
    fn organization_column() -> Self::Column;
}

impl TenantTx {
    pub(crate) fn new(
        handle: Handle,
        context: RequestContext,
        organization: OrganizationId,
        user: UserId,
        grants: Grants,
    ) -> Self {
        Self {
            handle,
            context,
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

    /// Who is at work.
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

    /// An id that sorts by time.
    #[must_use]
    pub fn new_id<T>(&self) -> Id<T> {
        self.context.new_ordered_id()
    }

    /// What the user may do.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Whether the user may do this.
    #[must_use]
    pub fn allows(&self, permission: Permission) -> bool {
        self.grants.allows(permission)
    }

    /// The first statement of every function that acts.
    ///
    /// # Errors
    ///
    /// When the user may not do this.
    pub fn require(&self, permission: Permission) -> Result<(), Denied> {
        if self.allows(permission) {
            Ok(())
        } else {
            Err(Denied(permission))
        }
    }

    /// The rows of this organization. Row security would show no others; the condition is what an index needs.
    pub fn find<E: OrganizationOwned>(&self) -> Select<E> {
        E::find().filter(E::organization_column().eq(self.organization))
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

impl fmt::Debug for TenantTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantTx")
            .field("organization", &self.organization)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
