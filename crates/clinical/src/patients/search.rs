//! Which patients to list.

use sea_orm::{ColumnTrait, QueryFilter, Select};
use serde_json::{Value, json};
use time::Date;
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, Patient};
use super::identifiers::{self, Token};
use super::input::{NUMBER, known_gender};
use super::{ORDERS, PatientError, READ, phones, words};
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Page, Paging};
use crate::records::{self, RecordError};

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
    audit::record(tx, Event::search("patient", listing.as_asked(filters))).await?;
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

    /// The same with the texts as they were written, for the audit. Any text may be searched for, and `jsonb` holds no
    /// U+0000.
    fn as_asked(&self, mut filters: Value) -> Value {
        let written = [
            ("search", &self.search),
            ("phone", &self.phone),
            ("identifier", &self.identifier),
        ];
        for (name, text) in written {
            if let Some(filter) = filters.get_mut(name) {
                *filter = json!(text.as_ref().map(|text| text.replace('\0', "\u{fffd}")));
            }
        }
        filters
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

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;
    use crate::patients::thousands::clinic_of_thousands;
    use crate::plans;

    /// The plan of a page, as it is read when it is listed.
    async fn plan(tx: &TenantTx, listing: &Listing) -> String {
        let (patients, filters) = listing.patients(tx).unwrap();
        let (_, asked) = paging::asked(tx, patients, ORDERS, &filters, &listing.paging).unwrap();
        plans::of(tx, asked).await
    }

    /// The same list in each order, from the beginning and after a page.
    async fn all_orders(tx: &TenantTx, listing: &Listing) -> Vec<Listing> {
        let mut all = Vec::new();
        for sort in [
            "name",
            "-name",
            "updatedAt",
            "-updatedAt",
            "createdAt",
            "-createdAt",
        ] {
            let paging = Paging {
                sort: Some(sort.to_owned()),
                ..Paging::default()
            };
            let first = Listing {
                paging: paging.clone(),
                ..listing.clone()
            };
            let one = Listing {
                paging: Paging {
                    limit: 1,
                    ..paging.clone()
                },
                ..listing.clone()
            };
            let cursor = list(tx, &one).await.unwrap().next;
            if cursor.is_some() {
                all.push(Listing {
                    paging: Paging { cursor, ..paging },
                    ..listing.clone()
                });
            }
            all.push(first);
        }
        all
    }

    fn filters() -> Vec<Listing> {
        let text = |text: &str| Some(text.to_owned());
        vec![
            Listing {
                search: text("fab"),
                ..Listing::default()
            },
            Listing {
                search: text("fab l"),
                ..Listing::default()
            },
            Listing {
                phone: text("030 1000017"),
                ..Listing::default()
            },
            Listing {
                medical_record_number: text("N-17"),
                ..Listing::default()
            },
            Listing {
                identifier: text("AN-17"),
                ..Listing::default()
            },
            Listing {
                identifier: text("urn:insurer|AN-17"),
                ..Listing::default()
            },
            Listing {
                date_of_birth: Some(date!(1951 - 02 - 20)),
                ..Listing::default()
            },
        ]
    }

    fn both(one: &Listing, other: &Listing) -> Listing {
        Listing {
            search: one.search.clone().or(other.search.clone()),
            phone: one.phone.clone().or(other.phone.clone()),
            medical_record_number: one
                .medical_record_number
                .clone()
                .or(other.medical_record_number.clone()),
            identifier: one.identifier.clone().or(other.identifier.clone()),
            date_of_birth: one.date_of_birth.or(other.date_of_birth),
            active: Some(true),
            gender: Some("male".to_owned()),
            ..Listing::default()
        }
    }

    /// Nothing is read whole: every index that is looked into has a condition beside the organization.
    fn assert_narrow(plan: &str, what: &Listing) {
        assert!(!plan.contains("Seq Scan"), "{what:?}\n{plan}");
        for condition in plan.lines().filter(|line| line.contains("Index Cond:")) {
            assert!(condition.contains(" AND "), "{what:?}\n{plan}");
        }
        assert!(plan.contains("Index Cond:"), "{plan}");
    }

    #[tokio::test]
    async fn each_filter_alone_and_with_each_other_finds_a_few_rows_by_an_index() {
        let (_test, tx) = clinic_of_thousands().await;
        let filters = filters();

        for filter in &filters {
            for listing in all_orders(&tx, filter).await {
                assert_narrow(&plan(&tx, &listing).await, &listing);
            }
            for other in &filters {
                let listing = both(filter, other);
                assert_narrow(&plan(&tx, &listing).await, &listing);
            }
        }

        let everybody = records::present::<Entity>(&tx).all(&tx).await.unwrap();
        let count = |holds: fn(&Patient) -> bool| everybody.iter().filter(|patient| holds(patient)).count();
        let named = count(|patient| patient.first_name.starts_with("fab"));
        let born = count(|patient| patient.date_of_birth == Some(date!(1951 - 02 - 20)));

        let mut found = Vec::new();
        for filter in filters {
            let counted = Paging {
                total: true,
                ..Paging::default()
            };
            let listing = Listing {
                paging: counted,
                ..filter
            };
            found.push(list(&tx, &listing).await.unwrap().total.unwrap());
        }

        assert!(named > 0 && born > 0);
        assert_eq!((found[0], found[6]), (named as u64, born as u64));
        assert_eq!(found[2..6], [1, 1, 1, 1], "{found:?}");
    }

    #[tokio::test]
    async fn a_list_is_read_off_an_index_in_order_and_no_table_is_read_whole() {
        let (_test, tx) = clinic_of_thousands().await;
        let others = [
            Listing::default(),
            Listing {
                active: Some(true),
                deceased: Some(false),
                gender: Some("female".to_owned()),
                ..Listing::default()
            },
        ];

        for listing in others {
            for listing in all_orders(&tx, &listing).await {
                let plan = plan(&tx, &listing).await;
                assert!(
                    !plan.contains("Seq Scan") && !plan.contains("Sort"),
                    "{listing:?}\n{plan}"
                );
                let condition = plan.lines().find(|line| line.contains("Index Cond")).unwrap();
                let later = listing.paging.cursor.is_some();
                assert_eq!(condition.contains(" AND "), later, "{listing:?}\n{plan}");
            }
        }

        let deleted = Listing {
            deleted: true,
            ..Listing::default()
        };

        for listing in all_orders(&tx, &deleted).await {
            let plan = plan(&tx, &listing).await;
            assert!(!plan.contains("Seq Scan"), "{plan}");
            let by_name = listing
                .paging
                .sort
                .as_deref()
                .is_some_and(|sort| sort.ends_with("name"));
            assert!(
                !by_name || plan.contains("patients_deleted_idx"),
                "{listing:?}\n{plan}"
            );
        }

        // Words that many have, too.
        for search in ["f", "f l", "fa fb l1 l2"] {
            let listing = Listing {
                search: Some(search.to_owned()),
                ..Listing::default()
            };
            let plan = plan(&tx, &listing).await;
            assert!(!plan.contains("Seq Scan"), "{search}\n{plan}");
        }
    }
}
