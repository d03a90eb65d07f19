//! What a patient is found by: the words of the names, the numbers and the identifiers. Who is deleted is found by nothing.

use std::collections::BTreeSet;

use sea_orm::DbErr;
use wardkeep_tenancy::TenantTx;

use super::entity::Patient;
use super::{identifiers, phones, words};

/// What one patient is found by.
struct Terms {
    words: BTreeSet<String>,
    phones: BTreeSet<String>,
    identifiers: BTreeSet<(String, String)>,
}

impl Terms {
    fn of(patient: &Patient) -> Self {
        Self {
            words: words::of(patient),
            phones: phones::keys(patient),
            identifiers: identifiers::of(patient),
        }
    }
}

/// Lets a patient be found. At most one statement for each kind.
pub(super) async fn record(tx: &TenantTx, patient: &Patient) -> Result<(), DbErr> {
    let terms = Terms::of(patient);
    words::record(tx, patient.id, terms.words).await?;
    phones::record(tx, patient.id, terms.phones).await?;
    identifiers::record(tx, patient.id, terms.identifiers).await
}

/// Lets a patient be found by what has changed, and by what was before no more.
pub(super) async fn renew(tx: &TenantTx, before: &Patient, after: &Patient) -> Result<(), DbErr> {
    let (old, new) = (Terms::of(before), Terms::of(after));
    if old.words != new.words {
        if !old.words.is_empty() {
            words::forget(tx, after.id).await?;
        }
        words::record(tx, after.id, new.words).await?;
    }
    if old.phones != new.phones {
        if !old.phones.is_empty() {
            phones::forget(tx, after.id).await?;
        }
        phones::record(tx, after.id, new.phones).await?;
    }
    if old.identifiers != new.identifiers {
        if !old.identifiers.is_empty() {
            identifiers::forget(tx, after.id).await?;
        }
        identifiers::record(tx, after.id, new.identifiers).await?;
    }
    Ok(())
}

/// Lets a patient be found no more.
pub(super) async fn forget(tx: &TenantTx, patient: &Patient) -> Result<(), DbErr> {
    words::forget(tx, patient.id).await?;
    phones::forget(tx, patient.id).await?;
    identifiers::forget(tx, patient.id).await
}
