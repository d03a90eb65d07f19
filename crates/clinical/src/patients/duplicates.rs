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
use time::Date;
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
        found.add("phone", with_phone(tx, &phones).all(tx).await?);
    }
    let identifiers = identifiers::of(patient);
    if !identifiers.is_empty() {
        found.add("identifier", with_identifier(tx, &identifiers).all(tx).await?);
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

async fn born_the_same_day(tx: &TenantTx, patient: &Patient) -> Result<Vec<Patient>, DbErr> {
    let Some(date) = patient.date_of_birth else {
        return Ok(Vec::new());
    };
    let mut patients = born_on(tx, date).all(tx).await?;
    if (patients.len() as u64) < MOST_READ {
        return Ok(patients);
    }
    let names = families(patient).collect::<Vec<_>>().join(" ");
    let words = words(&format!("{names} {}", patient.first_name));
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words.iter().take(MOST_WORDS) {
        patients.extend(born_on_and_named(tx, date, word).all(tx).await?);
    }
    Ok(patients)
}

fn born_on(tx: &TenantTx, date: Date) -> Select<Entity> {
    first(tx).filter(Column::DateOfBirth.eq(date))
}

fn born_on_and_named(tx: &TenantTx, date: Date, word: &str) -> Select<Entity> {
    let bearers = bearing::bearers(tx, word, 5 * MOST_READ);
    born_on(tx, date).filter(Column::Id.in_subquery(bearers))
}

fn with_phone(tx: &TenantTx, keys: &BTreeSet<String>) -> Select<Entity> {
    first(tx).filter(Column::Id.in_subquery(phones::same(tx, keys, MOST_READ)))
}

fn with_identifier(tx: &TenantTx, identifiers: &BTreeSet<(String, String)>) -> Select<Entity> {
    first(tx).filter(Column::Id.in_subquery(identifiers::same(tx, identifiers, MOST_READ)))
}

fn first(tx: &TenantTx) -> Select<Entity> {
    records::present::<Entity>(tx)
        .order_by_asc(Column::Id)
        .limit(MOST_READ)
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

#[cfg(test)]
mod tests {
    use sea_orm::ActiveValue::Set;
    use sea_orm::TryIntoModel;
    use time::macros::{date, datetime};
    use uuid::Uuid;
    use wardkeep_tenancy::OrganizationId;

    use super::*;
    use crate::patients::NewPatient;
    use crate::patients::entity::ActiveModel;
    use crate::patients::thousands::clinic_of_thousands;
    use crate::plans;

    fn named(first_name: &str, last_name: &str, birth_name: Option<&str>) -> Patient {
        let patient = NewPatient {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            birth_name: birth_name.map(str::to_owned),
            ..NewPatient::default()
        };
        let now = datetime!(2026-03-02 09:00 UTC);
        let row = ActiveModel {
            organization_id: Set(OrganizationId::from_uuid(Uuid::nil())),
            id: Set(PatientId::from_uuid(Uuid::nil())),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            deleted_at: Set(None),
            deletion_reason: Set(None),
            ..patient.checked(now).unwrap()
        };
        row.try_into_model().unwrap()
    }

    #[test]
    fn a_slip_of_the_hand_another_order_and_another_family_name_are_similar() {
        let ana = named("Ana Lucía", "Brandt", Some("Ortiz"));

        for (first_name, last_name) in [
            ("Ana Lucía", "Brandt"),
            ("ANA LUCIA", "BRANDT"),
            ("Ana", "Brandt"),
            ("Anna Lucia", "Brand"),
            ("Brandt", "Ana Lucía"),
            ("Ana Lucía", "Ortiz"),
            ("A.", "Brandt-Ode"),
            ("Lucía", "Brandt"),
        ] {
            let other = named(first_name, last_name, None);
            assert!(are_similar(&ana, &other), "{first_name} {last_name}");
            assert!(are_similar(&other, &ana), "{first_name} {last_name}");
        }
    }

    #[test]
    fn other_people_are_not_similar() {
        let ana = named("Ana", "Brandt", None);

        for (first_name, last_name) in [
            ("Ben", "Brandt"),
            ("Ana", "Costa"),
            ("Olga", "Petrova"),
            ("Jonas", "Brand"),
            ("–", "?"),
        ] {
            let other = named(first_name, last_name, None);
            assert!(!are_similar(&ana, &other), "{first_name} {last_name}");
        }
        assert!(!are_similar(&named("–", "?", None), &named("?", "–", None)));
    }

    #[tokio::test]
    async fn what_is_read_is_bounded_whoever_shares_what() {
        let (_test, tx) = clinic_of_thousands().await;
        let keys = BTreeSet::from([phones::key("030 1000017"), phones::key("4711")]);
        let insurance = BTreeSet::from([("urn:insurer".to_owned(), "AN-17".to_owned())]);
        let unknown = date!(1900 - 01 - 01);

        let born = plans::of(&tx, born_on(&tx, unknown)).await;
        let named = plans::of(&tx, born_on_and_named(&tx, unknown, "fab")).await;
        let phone = plans::of(&tx, with_phone(&tx, &keys)).await;
        let identifier = plans::of(&tx, with_identifier(&tx, &insurance)).await;

        assert!(
            born.contains("Index Scan using patients_date_of_birth_idx") && !born.contains("Sort"),
            "{born}"
        );
        for (plan, index) in [
            (&named, "patient_words_pkey"),
            (&phone, "patient_phones_pkey"),
            (&identifier, "patient_identifiers_pkey"),
        ] {
            assert!(!plan.contains("Seq Scan") && plan.contains(index), "{plan}");
            assert!(plan.matches("Limit").count() == 2, "{plan}");
            for condition in plan.lines().filter(|line| line.contains("Index Cond:")) {
                assert!(condition.contains(" AND "), "{plan}");
            }
        }
        assert_eq!(with_phone(&tx, &keys).all(&tx).await.unwrap().len(), 1);
        assert_eq!(with_identifier(&tx, &insurance).all(&tx).await.unwrap().len(), 1);
    }
}
