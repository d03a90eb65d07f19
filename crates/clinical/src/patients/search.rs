//! Which patients to list.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::{Value, json};
use time::Date;
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity};
use super::identifiers::{self, Token};
use super::input::{NUMBER, known_gender};
use super::{ORDERS, PatientError, READ, phones, words};
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Page, Paging};
use crate::records::{self, RecordError};

use super::entity::Patient;

/// The most characters in a search for names.
const LONGEST: usize = 200;
/// The most words in a search for names: each one is a subquery.
const MOST_WORDS: usize = 8;
/// The most characters in a search for a phone.
const LONGEST_PHONE: usize = 40;
/// The fewest digits in a search for a phone.
const FEWEST_DIGITS: usize = 4;

/// Which patients to list: those to whom all of this applies.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Beginnings of words of the names, all of which must be there, in any order. Case and marks do not count; a text
    /// without a letter or digit asks for everybody.
    pub search: Option<String>,
    /// How a phone number ends, at least 4 digits; or a whole number, that finds itself without the code of the country or
    /// the town as well.
    pub phone: Option<String>,
    /// The clinic's own number, exactly.
    pub medical_record_number: Option<String>,
    /// The value of an identifier, or `system|value`, exactly.
    pub identifier: Option<String>,
    /// The day of birth.
    pub date_of_birth: Option<Date>,
    /// `male`, `female`, `other` or `unknown`.
    pub gender: Option<String>,
    /// Only those whom the clinic treats, or only the others.
    pub active: Option<bool>,
    /// Only those who have died, or only the others.
    pub deceased: Option<bool>,
    /// The deleted ones instead, for who may restore them. They are not found by names, phones and identifiers.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// A listing within its limits.
#[derive(Debug, Default)]
struct Criteria {
    prefixes: Vec<String>,
    phone: Option<String>,
    number: Option<String>,
    identifier: Option<Token>,
}

/// Lists patients of this organization.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<Patient>, PatientError> {
    tx.require(READ).map_err(RecordError::from)?;
    let (patients, filters) = listing.patients(tx)?;
    let page = paging::page(tx, patients, ORDERS, &filters, &listing.paging).await?;
    audit::record(tx, Event::search("patient", filters)).await?;
    Ok(page)
}

impl Listing {
    /// The patients to whom all of it applies, and what was asked for.
    fn patients(&self, tx: &TenantTx) -> Result<(Select<Entity>, Value), RecordError> {
        let criteria = self.checked()?;
        let mut patients = if self.deleted {
            records::deleted::<Entity>(tx)?
        } else {
            records::present::<Entity>(tx)
        };
        for prefix in &criteria.prefixes {
            patients = patients.filter(Column::Id.in_subquery(words::beginning(tx, prefix)));
        }
        if let Some(key) = &criteria.phone {
            patients = patients.filter(Column::Id.in_subquery(phones::ending(tx, key)));
        }
        if let Some(token) = &criteria.identifier {
            patients = patients.filter(Column::Id.in_subquery(identifiers::bearers(tx, token)));
        }
        let conditions = [
            criteria
                .number
                .as_deref()
                .map(|number| Column::MedicalRecordNumber.eq(number)),
            self.date_of_birth.map(|date| Column::DateOfBirth.eq(date)),
            self.gender.as_deref().map(|gender| Column::Gender.eq(gender)),
            self.active.map(|active| Column::Active.eq(active)),
            self.deceased.map(|deceased| Column::Deceased.eq(deceased)),
        ];
        let patients = conditions.into_iter().flatten().fold(patients, Select::filter);
        let filters = json!({
            "search": criteria.prefixes,
            "phone": criteria.phone.map(|key| key.chars().rev().collect::<String>()),
            "medicalRecordNumber": criteria.number,
            "identifier": criteria.identifier.map(|token| [token.system, Some(token.value)]),
            "dateOfBirth": self.date_of_birth.map(|date| date.to_string()),
            "gender": self.gender,
            "active": self.active,
            "deceased": self.deceased,
            "deleted": self.deleted,
        });
        Ok((patients, filters))
    }

    fn checked(&self) -> Result<Criteria, RecordError> {
        let mut refusals = Refusals::default();
        let criteria = Criteria {
            prefixes: self.prefixes(&mut refusals),
            phone: self.phone.as_deref().map(|phone| phone_key(phone, &mut refusals)),
            number: self
                .medical_record_number
                .as_deref()
                .map(|number| refusals.text("medical_record_number", number, NUMBER)),
            identifier: self
                .identifier
                .as_deref()
                .map(|text| Token::read(text, &mut refusals)),
        };
        if let Some(gender) = &self.gender {
            known_gender(gender.clone(), &mut refusals);
        }
        for (field, given) in [
            ("search", !criteria.prefixes.is_empty()),
            ("phone", criteria.phone.is_some()),
            ("identifier", criteria.identifier.is_some()),
        ] {
            refusals.unless(!(self.deleted && given), field, "does not find deleted patients");
        }
        refusals.none()?;
        Ok(criteria)
    }

    /// The beginnings of words to search for.
    fn prefixes(&self, refusals: &mut Refusals) -> Vec<String> {
        let search = self.search.as_deref().unwrap_or_default();
        // Beyond the limit no work is done: taking a text apart takes longer than its length.
        let fits = search.chars().count() <= LONGEST;
        let prefixes = words::prefixes(if fits { search } else { "" });
        refusals.unless(fits, "search", "must be at most 200 characters long");
        refusals.unless(
            prefixes.len() <= MOST_WORDS,
            "search",
            "must have at most 8 words",
        );
        prefixes
    }
}

fn phone_key(phone: &str, refusals: &mut Refusals) -> String {
    let phone = refusals.text("phone", phone, LONGEST_PHONE);
    let key = phones::key(&phone);
    refusals.unless(key.len() >= FEWEST_DIGITS, "phone", "must have at least 4 digits");
    key
}
