//! Patients whom another record is about.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, PatientId};

/// Whether there is this patient, who then cannot be deleted before the transaction ends. For whatever attaches something
/// to them; any number of transactions may at once.
pub(crate) async fn lock_shared(tx: &TenantTx, id: PatientId) -> Result<bool, DbErr> {
    let patient = tx
        .find::<Entity>()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null())
        .lock(LockType::Share)
        .into_tuple::<PatientId>();
    Ok(patient.one(tx).await?.is_some())
}
