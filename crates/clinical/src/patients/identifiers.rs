//! The numbers that others know a patient by, such as a health insurer (FHIR R4 Identifier).

pub(super) mod entity;

use std::collections::BTreeSet;

use sea_orm::sea_query::{Condition, ExprTrait as _, SelectStatement};
use sea_orm::{ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use serde::Serialize;
use wardkeep_tenancy::TenantTx;

use super::entity::{Patient, PatientId};
use crate::fields::{Refusals, absolute_uri};
use entity::Column;

/// The most identifiers of one patient.
const MOST: usize = 20;
/// The longest system, in characters.
pub(super) const SYSTEM: usize = 200;
/// The longest value, in characters.
pub(super) const VALUE: usize = 100;

/// A number that somebody else gave to a patient.
#[derive(Clone, PartialEq, Serialize)]
pub struct Identifier {
    /// Whose numbers these are: an absolute URI of at most 200 characters (RFC 3986).
    pub system: String,
    /// The number, 1 to 100 characters.
    pub value: String,
}

/// What to search for: a value, of one system or of any.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) system: Option<String>,
    pub(super) value: String,
}

impl Token {
    /// Reads `value` or `system|value` (FHIR R4, search of type token). No URI has a `|` in it.
    pub(super) fn read(text: &str, refusals: &mut Refusals) -> Self {
        let (system, value) = match text.split_once('|') {
            Some((system, value)) => (Some(system.trim().to_owned()), value),
            None => (None, text),
        };
        let sound = system
            .as_ref()
            .is_none_or(|system| system.len() <= SYSTEM && !system.contains(char::is_control));
        refusals.unless(sound, "identifier", "must have a URI in front of the |");
        Self {
            system,
            value: refusals.text("identifier", value, VALUE),
        }
    }
}

pub(super) fn checked(identifiers: Vec<Identifier>, refusals: &mut Refusals) -> Vec<Identifier> {
    refusals.unless(identifiers.len() <= MOST, "identifiers", "must be at most 20");
    let mut checked: Vec<Identifier> = Vec::new();
    for (index, identifier) in identifiers.into_iter().take(MOST).enumerate() {
        let identifier = Identifier {
            system: absolute_uri(
                refusals,
                format!("identifiers.{index}.system"),
                &identifier.system,
            ),
            value: refusals.text(format!("identifiers.{index}.value"), &identifier.value, VALUE),
        };
        refusals.unless(
            !checked.contains(&identifier),
            format!("identifiers.{index}"),
            "must not be there twice",
        );
        checked.push(identifier);
    }
    checked
}

/// The systems and values of a patient.
pub(super) fn of(patient: &Patient) -> BTreeSet<(String, String)> {
    let identifiers = patient.identifiers.as_array().into_iter().flatten();
    let identifiers = identifiers.filter_map(|identifier| {
        let text = |name| identifier.get(name)?.as_str().map(str::to_owned);
        Some((text("system")?, text("value")?))
    });
    identifiers.collect()
}

/// The ids of the patients with this identifier.
pub(super) fn bearers(tx: &TenantTx, token: &Token) -> SelectStatement {
    let mut condition = Condition::all().add(Column::Value.eq(token.value.as_str()));
    if let Some(system) = &token.system {
        condition = condition.add(Column::System.eq(system.as_str()));
    }
    ids(tx, condition).into_query()
}

/// The ids of the first `most` patients with one of these systems and values.
pub(super) fn same(tx: &TenantTx, identifiers: &BTreeSet<(String, String)>, most: u64) -> SelectStatement {
    let same = identifiers
        .iter()
        .fold(Condition::any(), |same, (system, value)| {
            same.add(
                Column::Value
                    .eq(value.as_str())
                    .and(Column::System.eq(system.as_str())),
            )
        });
    ids(tx, same).limit(most).into_query()
}

fn ids(tx: &TenantTx, condition: Condition) -> Select<entity::Entity> {
    tx.find::<entity::Entity>()
        .filter(condition)
        .select_only()
        .column(Column::PatientId)
}

/// Records the identifiers of a patient for the search, in one statement.
pub(super) async fn record(
    tx: &TenantTx,
    id: PatientId,
    identifiers: BTreeSet<(String, String)>,
) -> Result<(), DbErr> {
    if identifiers.is_empty() {
        return Ok(());
    }
    let rows = identifiers
        .into_iter()
        .map(|(system, value)| entity::ActiveModel {
            organization_id: ActiveValue::Set(tx.organization()),
            value: ActiveValue::Set(value),
            system: ActiveValue::Set(system),
            patient_id: ActiveValue::Set(id),
        });
    entity::Entity::insert_many(rows)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Takes the identifiers of a patient out of the search.
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
    fn a_system_is_an_absolute_uri() {
        let is_uri = |text: &str| {
            let mut refusals = Refusals::default();
            absolute_uri(&mut refusals, "system".to_owned(), text);
            refusals.none().is_ok()
        };

        for uri in [
            "urn:oid:1.2.3",
            "http://fhir.de/sid/gkv/kvid-10",
            "https://a.b/c?d=e#f",
        ] {
            assert!(is_uri(uri), "{uri}");
        }
        for text in [
            "", ":", "urn:", "kvid", "/sid", "1a:b", "ürn:x", "urn:a b", "urn:a|b", "urn:ö",
        ] {
            assert!(!is_uri(text), "{text}");
        }
    }

    #[test]
    fn a_token_has_a_system_before_the_first_bar() {
        let mut refusals = Refusals::default();
        let mut read = |text| {
            let token = Token::read(text, &mut refusals);
            (token.system, token.value)
        };

        assert_eq!(read(" A1 "), (None, "A1".to_owned()));
        assert_eq!(read("urn:x|A|1"), (Some("urn:x".to_owned()), "A|1".to_owned()));
        assert_eq!(read("|A1"), (Some(String::new()), "A1".to_owned()));
        read("urn:x|");
        assert!(refusals.none().is_err());
    }
}
