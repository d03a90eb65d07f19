//! Whom a treatment refers to, locked until the transaction ends: the patient first, then the member.

use wardkeep_tenancy::TenantTx;

use super::entity::Treatment;
use crate::fields::Refusals;
use crate::patients;
use crate::practitioners;
use crate::records::RecordError;

/// Locks whom a new treatment, or a change of one, refers to anew, and completes the name of a lead who is new to it. The
/// patient must be there where the treatment is new or is `opened` again. Whoever is not there is named, in the same words
/// whatever the cause.
pub(super) async fn settle(
    tx: &TenantTx,
    before: Option<&Treatment>,
    wanted: &mut Treatment,
    opened: bool,
) -> Result<(), RecordError> {
    let mut refusals = Refusals::default();
    let opened = opened || before.is_none();
    let begins = before.and_then(|before| before.period_start) != wanted.period_start;
    if opened || begins {
        let patient = patients::lock_shared(tx, wanted.patient_id).await?;
        refusals.unless(!opened || patient.is_some(), "patient_id", "names no patient");
        let born = patient.and_then(|patient| patient.born);
        let early = born
            .zip(wanted.period_start)
            .is_some_and(|(born, start)| start < born);
        refusals.unless(
            !begins || !early,
            "period_start",
            "must not be before the patient was born",
        );
    }
    if before.is_none_or(|before| before.practitioner_id != wanted.practitioner_id) {
        let practitioner = practitioners::lock(tx, wanted.practitioner_id).await?;
        refusals.unless(practitioner.is_some(), "practitioner_id", "names no member");
        wanted.practitioner_name = practitioner.map(|member| member.name).unwrap_or_default();
    }
    refusals.none()
}
