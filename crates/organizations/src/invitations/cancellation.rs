//! Taking an invitation back.

use sea_orm::FromQueryResult as _;
use wardkeep_tenancy::{AccessControl, InvitationId, Permission, TenantTx};

use super::{Invitation, InvitationError};
use crate::authority::Authority;

const CANCEL: Permission = Permission::new("invitation", "cancel");

const CANCEL_ANY: &str = r#"
update public.invitation
set
  status = 'canceled',
  "updatedAt" = $3
where "organizationId" = $1
  and id = $2
returning *"#;

/// Cancels an invitation in whatever state, as Better Auth does: one that was accepted is shown as cancelled then, and its
/// member stays.
///
/// # Errors
///
/// [`InvitationError::Authority`]; [`InvitationError::MayNotCancel`]; [`InvitationError::NotFound`]; else when the database
/// fails.
pub async fn cancel(
    tx: &TenantTx,
    access: &AccessControl,
    id: InvitationId,
) -> Result<Invitation, InvitationError> {
    let authority = Authority::take(tx, access).await?;
    if !authority.allows(CANCEL) {
        return Err(InvitationError::MayNotCancel);
    }
    let values = [tx.organization().into(), id.into(), tx.now().into()];
    let row = tx
        .sql(CANCEL_ANY, values)
        .one()
        .await?
        .ok_or(InvitationError::NotFound)?;
    Ok(Invitation::from_query_result(&row, "")?)
}
