//! Sessions that a note is about.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, TreatmentSession, TreatmentSessionId};
use crate::patients::PatientId;
use crate::records;

/// The session, if there is one, which then is neither changed nor deleted before the transaction ends. For whatever writes
/// or signs a note about it; any number of transactions may at once.
pub(crate) async fn lock_shared(
    tx: &TenantTx,
    id: TreatmentSessionId,
) -> Result<Option<TreatmentSession>, DbErr> {
    let session = records::present::<Entity>(tx).filter(Column::Id.eq(id));
    session.lock(LockType::Share).one(tx).await
}

/// The patient of a session, deleted or not.
pub(crate) async fn patient_of(tx: &TenantTx, id: TreatmentSessionId) -> Result<Option<PatientId>, DbErr> {
    let session = tx.find::<Entity>().filter(Column::Id.eq(id));
    let patient = session.select_only().column(Column::PatientId);
    patient.into_tuple().one(tx).await
}
