//! The numbers of a patient, and the form in which they are stored for the search.
//!
//! One number is written in many ways: `+49 30 901820`, `030 901820`, `(030) 90 18 20`. What they share is how they end. So
//! each number is a row of `patient_phones` that holds its digits from the last to the first, without the zeros in front,
//! and "ends with" is a range of text.

pub(super) mod entity;

use std::collections::BTreeSet;

use sea_orm::sea_query::{Condition, ExprTrait as _, SelectStatement};
use sea_orm::{ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use serde::Serialize;
use wardkeep_tenancy::TenantTx;

use super::entity::{Patient, PatientId};
use super::words::end_of;
use crate::fields::Refusals;
use entity::Column;

/// The most numbers beside the one to call first.
const MOST: usize = 10;
/// What a number can be for (FHIR R4 ContactPoint.use).
const USES: [&str; 5] = ["home", "work", "mobile", "temp", "old"];
/// So many digits at the end make two numbers the same, if one of them has no more: a number in town.
const WHOLE: usize = 7;

/// A number beside the one to call first.
#[derive(Clone, Serialize)]
pub struct OtherPhone {
    /// `home`, `work`, `mobile`, `temp` or `old`.
    pub r#use: String,
    /// At most 20 characters, one of them a digit.
    pub number: String,
}

pub(super) fn checked(phones: Vec<OtherPhone>, refusals: &mut Refusals) -> Vec<OtherPhone> {
    refusals.unless(phones.len() <= MOST, "other_phones", "must be at most 10");
    let checked = phones.into_iter().take(MOST).enumerate().map(|(index, phone)| {
        refusals.unless(
            USES.contains(&phone.r#use.as_str()),
            format!("other_phones.{index}.use"),
            "must be one of home, work, mobile, temp, old",
        );
        OtherPhone {
            number: refusals.phone(format!("other_phones.{index}.number"), &phone.number),
            ..phone
        }
    });
    checked.collect()
}

/// The digits of a number from the last to the first, without the zeros in front of it and the one in `+49 (0)30`, which is
/// dialled in the country only.
pub(super) fn key(number: &str) -> String {
    let number = number.replace("(0)", "");
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').chars().rev().collect()
}

/// The keys of all numbers of a patient.
pub(super) fn keys(patient: &Patient) -> BTreeSet<String> {
    let others = patient.other_phones.as_array().into_iter().flatten();
    let others = others.filter_map(|phone| phone.get("number")?.as_str());
    let keys = patient.phone.as_deref().into_iter().chain(others).map(key);
    keys.filter(|key| !key.is_empty()).collect()
}

/// The ids of the patients with a number that ends so, or that such a number ends with.
pub(super) fn ending(tx: &TenantTx, key: &str) -> SelectStatement {
    let mut matches = Condition::all().add(Column::Digits.gte(key));
    if let Some(end) = end_of(key) {
        matches = matches.add(Column::Digits.lt(end));
    }
    let ends = (WHOLE..key.len()).filter_map(|length| key.get(..length));
    ids(tx, Condition::any().add(matches).add(Column::Digits.is_in(ends))).into_query()
}

/// The ids of the first `most` patients with one of these numbers, each written in whatever way.
pub(super) fn same(tx: &TenantTx, keys: &BTreeSet<String>, most: u64) -> SelectStatement {
    let same = keys.iter().fold(Condition::any(), |same, key| {
        let ends = (WHOLE..key.len()).filter_map(|length| key.get(..length));
        let same = same.add(Column::Digits.is_in(ends.chain([key.as_str()])));
        match end_of(key).filter(|_| key.len() >= WHOLE) {
            Some(end) => same.add(Column::Digits.gte(key).and(Column::Digits.lt(end))),
            None => same,
        }
    });
    ids(tx, same).limit(most).into_query()
}

fn ids(tx: &TenantTx, condition: Condition) -> Select<entity::Entity> {
    tx.find::<entity::Entity>()
        .filter(condition)
        .select_only()
        .column(Column::PatientId)
}

/// Records the numbers of a patient, in one statement.
pub(super) async fn record(tx: &TenantTx, id: PatientId, keys: BTreeSet<String>) -> Result<(), DbErr> {
    if keys.is_empty() {
        return Ok(());
    }
    let rows = keys.into_iter().map(|digits| entity::ActiveModel {
        organization_id: ActiveValue::Set(tx.organization()),
        digits: ActiveValue::Set(digits),
        patient_id: ActiveValue::Set(id),
    });
    entity::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forgets the numbers of a patient.
pub(super) async fn forget(tx: &TenantTx, id: PatientId) -> Result<(), DbErr> {
    entity::Entity::delete_many()
        .filter(Column::OrganizationId.eq(tx.organization()))
        .filter(Column::PatientId.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_by_how_it_ends() {
        assert_eq!(key("+49 30 901820"), "0281090394");
        assert_eq!(key("0049 30/901820"), "0281090394");
        assert_eq!(key("+49 (0)30 901820"), "0281090394");
        assert_eq!(key("(030) 90 18 20"), "02810903");
        assert!(key("+49 30 901820").starts_with(&key("030 901820")));
        assert_eq!(key("000"), "");
    }
}
