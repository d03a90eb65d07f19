//! Whether the clinic has likely the same person already: a warning, not a proof, and never a lock.
//!
//! Somebody likely is the same who has
//!
//! - the same birth date and a similar name. Names are compared as they are searched: without case, marks and order. Two are
//!   similar if the whole of them, given and family names, is at least [`ALIKE`] by Jaro-Winkler (a slip of the hand), or if
//!   they share a word of the family names, and the given or preferred names begin alike. The family name at birth
//!   counts as one;
//! - the same phone, however it is written;
//! - the same identifier of the same system.
//!
//! What is read is bounded, whoever shares what: of a birth date that very many have, the first [`MOST_READ`], and those
//! who share a whole word of the name.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::{Value, json};
use strsim::jaro_winkler;
use time::macros::format_description;
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, Patient, PatientId};
use super::words::words;
use super::{identifiers, phones, words as bearing};
use crate::records;

/// The most patients that a warning shows.
const MOST_SHOWN: usize = 10;
/// The most patients that are read for one reason.
const MOST_READ: u64 = 200;
/// How many words of the name are looked for among those who share a birth date with very many, the longest first.
const MOST_WORDS: usize = 4;
/// From here on two names are similar, where 1 is the same.
const ALIKE: f64 = 0.9;

/// Somebody who is likely the same.
#[derive(Clone, Debug)]
pub struct Duplicate {
    /// The patient who is there.
    pub patient: Patient,
    /// Why: `name-and-birth-date`, `phone`, `identifier`.
    pub reasons: Vec<&'static str>,
}

impl Duplicate {
    /// What is shown of the patient.
    pub(super) fn shown(&self) -> Value {
        let day = format_description!("[year]-[month]-[day]");
        json!({
            "id": self.patient.id,
            "firstName": self.patient.first_name,
            "lastName": self.patient.last_name,
            "dateOfBirth": self.patient.date_of_birth.and_then(|date| date.format(day).ok()),
            "medicalRecordNumber": self.patient.medical_record_number,
            "reasons": self.reasons,
        })
    }
}

/// The patients who are likely the same as one who is about to be recorded, the likeliest first. At most one statement for
/// each reason, but for a birth date that very many share.
pub(super) async fn of(tx: &TenantTx, patient: &Patient) -> Result<Vec<Duplicate>, DbErr> {
    let mut found = Found::default();
    let born = born_the_same_day(tx, patient).await?;
    let similar = born.into_iter().filter(|other| are_similar(patient, other));
    found.add("name-and-birth-date", similar);

    let phones = phones::keys(patient);
    if !phones.is_empty() {
        let same = Column::Id.in_subquery(phones::same(tx, &phones, MOST_READ));
        found.add("phone", present(tx).filter(same).all(tx).await?);
    }
    let identifiers = identifiers::of(patient);
    if !identifiers.is_empty() {
        let same = Column::Id.in_subquery(identifiers::same(tx, &identifiers, MOST_READ));
        found.add("identifier", present(tx).filter(same).all(tx).await?);
    }
    Ok(found.likeliest())
}

#[derive(Default)]
struct Found(BTreeMap<PatientId, Duplicate>);

impl Found {
    fn add(&mut self, reason: &'static str, patients: impl IntoIterator<Item = Patient>) {
        for patient in patients {
            let duplicate = self.0.entry(patient.id).or_insert_with(|| Duplicate {
                patient,
                reasons: Vec::new(),
            });
            if duplicate.reasons.last() != Some(&reason) {
                duplicate.reasons.push(reason);
            }
        }
    }

    fn likeliest(self) -> Vec<Duplicate> {
        let mut all: Vec<_> = self.0.into_values().collect();
        all.sort_by_key(|duplicate| std::cmp::Reverse(duplicate.reasons.len()));
        all.truncate(MOST_SHOWN);
        all
    }
}

fn present(tx: &TenantTx) -> Select<Entity> {
    records::present::<Entity>(tx)
        .order_by_asc(Column::Id)
        .limit(MOST_READ)
}

async fn born_the_same_day(tx: &TenantTx, patient: &Patient) -> Result<Vec<Patient>, DbErr> {
    let Some(date) = patient.date_of_birth else {
        return Ok(Vec::new());
    };
    let born = || present(tx).filter(Column::DateOfBirth.eq(date));
    let mut patients = born().all(tx).await?;
    if (patients.len() as u64) < MOST_READ {
        return Ok(patients);
    }
    let names = families(patient).collect::<Vec<_>>().join(" ");
    let words = words(&format!("{names} {}", patient.first_name));
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words.iter().take(MOST_WORDS) {
        let bearers = Column::Id.in_subquery(bearing::bearers(tx, word, 5 * MOST_READ));
        patients.extend(born().filter(bearers).all(tx).await?);
    }
    Ok(patients)
}

/// The family name, and the one at birth.
fn families(patient: &Patient) -> impl Iterator<Item = &str> {
    [Some(patient.last_name.as_str()), patient.birth_name.as_deref()]
        .into_iter()
        .flatten()
}

fn are_similar(one: &Patient, other: &Patient) -> bool {
    let alike = wholes(one).any(|one| wholes(other).any(|other| jaro_winkler(&one, &other) >= ALIKE));
    alike || (have_in_common(&family_words(one), &family_words(other)) && begin_alike(one, other))
}

/// The words of given and family name in their order.
fn wholes(patient: &Patient) -> impl Iterator<Item = String> {
    let wholes = families(patient).map(|family| {
        let words = words(&format!("{} {family}", patient.first_name));
        words.into_iter().collect::<Vec<_>>().join(" ")
    });
    wholes.filter(|whole| !whole.is_empty())
}

fn family_words(patient: &Patient) -> BTreeSet<String> {
    families(patient).flat_map(words).collect()
}

fn begin_alike(one: &Patient, other: &Patient) -> bool {
    have_in_common(&initials(one), &initials(other))
}

fn initials(patient: &Patient) -> BTreeSet<char> {
    let names = [Some(&patient.first_name), patient.preferred_name.as_ref()];
    let words = names.into_iter().flatten().flat_map(|name| words(name));
    words.filter_map(|word| word.chars().next()).collect()
}

fn have_in_common<T: Ord>(one: &BTreeSet<T>, other: &BTreeSet<T>) -> bool {
    !one.is_disjoint(other)
}
