//! Patients whom another record is about.

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use time::Date;
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, PatientId};
use crate::fields::Refusals;

/// What is needed of a patient by what is attached to them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attached {
    /// When they were born, if that is known.
    pub(crate) born: Option<Date>,
}

/// The patient, if there is one, who then cannot be deleted before the transaction ends. For whatever attaches something
/// to them; any number of transactions may at once.
pub(crate) async fn lock_shared(tx: &TenantTx, id: PatientId) -> Result<Option<Attached>, DbErr> {
    let patient = tx
        .find::<Entity>()
        .select_only()
        .column(Column::DateOfBirth)
        .filter(Column::Id.eq(id))
        .filter(Column::DeletedAt.is_null())
        .lock(LockType::Share)
        .into_tuple::<Option<Date>>();
    let patient = patient.one(tx).await?;
    Ok(patient.map(|born| Attached { born }))
}

/// The same for what there cannot be without the patient, which is refused then.
pub(crate) async fn lock_named(
    tx: &TenantTx,
    refusals: &mut Refusals,
    id: PatientId,
) -> Result<Option<Attached>, DbErr> {
    let patient = lock_shared(tx, id).await?;
    refusals.unless(patient.is_some(), "patient_id", "names no patient");
    Ok(patient)
}
