//! Whose a record is that somebody was refused.

use sea_orm::{DbErr, Value};
use uuid::Uuid;
use wardkeep_tenancy::TenantTx;

use crate::patients::PatientId;

/// The patient of a record, deleted or not, by the kind of record.
const PATIENTS: [(&str, &str); 5] = [
    (
        "appointment",
        "select patient_id from public.appointments where organization_id = $1 and id = $2",
    ),
    (
        "treatment",
        "select patient_id from public.treatments where organization_id = $1 and id = $2",
    ),
    (
        "treatmentSession",
        "select patient_id from public.treatment_sessions where organization_id = $1 and id = $2",
    ),
    (
        "medicalRecord",
        "select patient_id from public.medical_records where organization_id = $1 and id = $2",
    ),
    (
        "clinicalNote",
        "select patient_id
         from public.clinical_notes
         join public.treatment_sessions
           on treatment_sessions.organization_id = clinical_notes.organization_id
           and treatment_sessions.id = clinical_notes.treatment_session_id
         where clinical_notes.organization_id = $1 and clinical_notes.id = $2",
    ),
];

/// The patient of a record of this kind; none, where there is no such record, or records of its kind are about nobody.
pub(super) async fn patient_of(tx: &TenantTx, resource: &str, id: Uuid) -> Result<Option<PatientId>, DbErr> {
    let Some((_, query)) = PATIENTS.iter().find(|(of, _)| *of == resource) else {
        return Ok(None);
    };
    let values = [Value::from(tx.organization()), Value::from(id)];
    let row = tx.sql(query, values).one().await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}
