//! Whom sessions are about, for what is told of a session and not of a patient.

use std::collections::HashMap;

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect, QueryTrait as _};
use wardkeep_tenancy::{TenantTx, UserId};

use super::entity::{Column, Entity, TreatmentSession, TreatmentSessionId};
use crate::patients::PatientId;

/// Who is treated in a session, and by whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parties {
    pub(crate) patient: PatientId,
    pub(crate) performer: UserId,
}

impl From<&TreatmentSession> for Parties {
    fn from(session: &TreatmentSession) -> Self {
        Self {
            patient: session.patient_id,
            performer: session.performer_id,
        }
    }
}

/// Those of these sessions, deleted or not, by one statement.
pub(crate) async fn parties_of(
    tx: &TenantTx,
    sessions: impl IntoIterator<Item = TreatmentSessionId>,
) -> Result<HashMap<TreatmentSessionId, Parties>, DbErr> {
    let rows = tx.find::<Entity>().filter(Column::Id.is_in(sessions));
    let columns = [Column::Id, Column::PatientId, Column::PerformerId];
    let rows = rows.select_only().columns(columns).into_tuple();
    let rows: Vec<(TreatmentSessionId, PatientId, UserId)> = rows.all(tx).await?;
    let parties = rows
        .into_iter()
        .map(|(id, patient, performer)| (id, Parties { patient, performer }));
    Ok(parties.collect())
}

/// The ids of the sessions of a patient, deleted or not, to be looked for in another statement.
pub(crate) fn of_patient(tx: &TenantTx, patient: PatientId) -> SelectStatement {
    let sessions = tx.find::<Entity>().filter(Column::PatientId.eq(patient));
    sessions.select_only().column(Column::Id).into_query()
}
