//! Lists of medical records, which never have the content of documents.

use sea_orm::{ColumnTrait, Condition, QueryFilter, Select};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use wardkeep_tenancy::TenantTx;

use super::READ;
use super::categories::{Category, any_status};
use super::entity::{Column, Entity, MedicalRecord};
use super::errors::MedicalRecordError;
use crate::audit::{self, Event};
use crate::fields::Refusals;
use crate::paging::{self, Order, Page, Paging};
use crate::patients::PatientId;
use crate::records::{self, RecordError, instant};

const ORDERS: &[Order<Column>] = &[
    Order {
        name: "effective",
        key: &[Column::EffectiveAt, Column::Id],
    },
    Order {
        name: "updatedAt",
        key: &[Column::UpdatedAt, Column::Id],
    },
];

/// The longest code with its system, in characters.
const CODE: usize = 301;

/// Which medical records to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Only those of this patient.
    pub patient: Option<PatientId>,
    /// Only those of one of these categories.
    pub categories: Option<Vec<String>>,
    /// Only those with one of these statuses.
    pub statuses: Option<Vec<String>>,
    /// Only those with one of these codes, or `system|code`, exactly. Only with a patient.
    pub codes: Option<Vec<String>>,
    /// Only those whose onset, or when they were made, is at this instant or after it.
    pub from: Option<OffsetDateTime>,
    /// Only those whose onset, or when they were made, is before this instant.
    pub to: Option<OffsetDateTime>,
    /// The deleted ones instead, for who may restore them.
    pub deleted: bool,
    /// Which part of the list.
    pub paging: Paging,
}

/// Lists medical records.
///
/// # Errors
///
/// When the caller may not, the listing is past its limits, the cursor is not one of it, or the database fails.
pub async fn list(tx: &TenantTx, listing: &Listing) -> Result<Page<MedicalRecord>, MedicalRecordError> {
    tx.require(READ).map_err(RecordError::from)?;
    let page = page(tx, listing).await?;
    let event = Event::search("medicalRecord", listing.filters());
    audit::record(tx, event.about(listing.patient)).await?;
    Ok(page)
}

/// The same without a trace: for what has one of its own.
pub(crate) async fn page(tx: &TenantTx, listing: &Listing) -> Result<Page<MedicalRecord>, RecordError> {
    listing.check()?;
    let rows = listing.selected(tx)?;
    paging::page(tx, rows, ORDERS, &listing.filters(), &listing.paging).await
}

impl Listing {
    fn filters(&self) -> Json {
        json!({
            "patientId": self.patient,
            "category": self.categories,
            "status": self.statuses,
            "code": self.codes,
            "from": self.from.and_then(instant),
            "to": self.to.and_then(instant),
            "deleted": self.deleted,
        })
    }

    fn check(&self) -> Result<(), RecordError> {
        let mut refusals = Refusals::default();
        for name in self.categories.iter().flatten() {
            Category::named(&mut refusals, name);
        }
        for name in self.statuses.iter().flatten() {
            any_status(&mut refusals, name);
        }
        for code in self.codes.iter().flatten() {
            refusals.text("code", code, CODE);
            refusals.unless(
                self.patient.is_some(),
                "code",
                "can be asked for only with a patientId",
            );
        }
        for (field, at) in [("from", self.from), ("to", self.to)] {
            let years = at.map_or(1000, OffsetDateTime::year);
            refusals.unless(
                (1000..=9998).contains(&years),
                field,
                "must be in the years 1000 to 9998",
            );
        }
        if let (Some(from), Some(to)) = (self.from, self.to) {
            refusals.unless(to > from, "to", "must be after from");
        }
        refusals.none()
    }

    fn selected(&self, tx: &TenantTx) -> Result<Select<Entity>, RecordError> {
        use sea_orm::sea_query::ExprTrait as _;
        use sea_orm::sea_query::extension::postgres::PgExpr as _;

        let rows = if self.deleted {
            records::deleted::<Entity>(tx)?
        } else {
            records::present::<Entity>(tx)
        };
        let one_of = |column: Column, names: &Option<Vec<String>>| {
            let names = names.as_ref()?;
            Some(column.is_in(names.iter().map(String::as_str)))
        };
        let part = |name: &'static str| Column::Code.into_expr().cast_json_field(name);
        // As FHIR has it, nothing before the bar asks for what is of no system.
        let coded = |token: &String| match token.trim().split_once('|') {
            Some(("", code)) => part("code").eq(code).and(part("system").is_null()),
            Some((system, code)) => part("code").eq(code).and(part("system").eq(system)),
            None => part("code").eq(token.trim()),
        };
        let codes = self.codes.iter().map(|codes| {
            let codes = codes.iter().map(coded);
            codes.fold(Condition::any(), Condition::add)
        });
        let conditions = [
            self.patient.map(|id| Column::PatientId.eq(id)),
            one_of(Column::Category, &self.categories),
            one_of(Column::Status, &self.statuses),
            self.from.map(|from| Column::EffectiveAt.gte(from)),
            self.to.map(|to| Column::EffectiveAt.lt(to)),
        ];
        let rows = conditions.into_iter().flatten().fold(rows, Select::filter);
        Ok(codes.fold(rows, Select::filter))
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;
    use wardkeep_testkit::TestDatabase;

    use super::*;
    use crate::plans;

    const TUESDAY: OffsetDateTime = datetime!(2026-03-10 00:00 UTC);

    /// In each of ten clinics 300 patients with records of all categories, in Salt Lane 30 each. Some were deleted.
    const PATIENTS: &str = "insert into patients (organization_id, id, first_name, last_name)
        select id, md5(id::text || 'patient' || n)::uuid, 'Ana', 'Brandt' from organization, generate_series(0, 299) as n";
    const RECORDS: &str = "insert into medical_records
          (organization_id, id, patient_id, category, status, code, effective_at, created_by, created_by_name, updated_at,
           deleted_at)
        select organization.id, gen_random_uuid(), md5(organization.id::text || 'patient' || n * 7 % 300)::uuid,
          (array['problem', 'allergy', 'medication', 'observation', 'document'])[1 + n % 5],
          (array['active', 'active', 'active', 'final', 'current'])[1 + n % 5],
          jsonb_build_object('text', 'HbA1c', 'code', (n % 40)::text, 'system', 'http://loinc.org'),
          '2025-01-01T00:00Z'::timestamptz + n * interval '80 minutes', gen_random_uuid(), 'Ada',
          '2026-03-01T00:00Z'::timestamptz + n * 7919 % 9000 * interval '1 minute', case when n % 53 = 0 then now() end
        from organization, generate_series(0, case slug when 'salt-lane' then 8999 else 999 end) as n";

    async fn clinic_of_thousands() -> (TestDatabase, TenantTx) {
        let statements = [PATIENTS, RECORDS, "analyze patients", "analyze medical_records"];
        plans::ten_clinics(&statements).await
    }

    /// Every filter alone and with each other: that is what the bits of the number say.
    fn asked(number: u32, one: &MedicalRecord) -> Listing {
        let asks = |bit: u32| number >> bit & 1 == 1;
        let patient = asks(0).then_some(one.patient_id);
        Listing {
            patient,
            categories: asks(1).then(|| vec!["problem".to_owned(), "observation".to_owned()]),
            statuses: asks(2).then(|| vec!["active".to_owned(), "final".to_owned()]),
            codes: patient
                .filter(|_| asks(3))
                .map(|_| vec!["http://loinc.org|7".to_owned(), "8".to_owned()]),
            from: asks(4).then_some(TUESDAY),
            to: asks(4).then_some(TUESDAY + Duration::days(7)),
            deleted: asks(5),
            paging: Paging::default(),
        }
    }

    #[tokio::test]
    async fn every_filter_in_every_order_is_found_by_an_index() {
        let (_test, tx) = clinic_of_thousands().await;
        let one = tx.find::<Entity>().one(&tx).await.unwrap().unwrap();
        for number in 0..64 {
            for sort in ["effective", "-effective", "updatedAt", "-updatedAt"] {
                let mut listing = asked(number, &one);
                listing.paging.sort = Some(sort.to_owned());
                listing.check().unwrap();
                let rows = listing.selected(&tx).unwrap();
                let page = paging::asked(&tx, rows, ORDERS, &json!(null), &listing.paging);
                let plan = plans::of(&tx, page.unwrap().1).await;

                let lines = plan.lines().filter(|line| line.contains("Index Cond"));
                let used: String = lines.collect();
                for (column, needed) in [
                    ("organization_id", true),
                    // The deleted ones of a week are few.
                    ("patient_id", listing.patient.is_some() && !listing.deleted),
                    ("effective_at", listing.from.is_some()),
                ] {
                    assert!(!needed || used.contains(column), "{column}, {listing:?}\n{plan}");
                }
                assert!(!plan.contains("Seq Scan"), "{listing:?}\n{plan}");
                // All of them, and all of a patient, are read in their order.
                let in_order = number == 0 || number == 1 && sort.ends_with("effective");
                assert!(!in_order || !plan.contains("Sort"), "{plan}");
                let of_patient = plan.contains("medical_records_patient_id_idx");
                assert!(number != 1 || !in_order || of_patient, "{plan}");
            }
        }
    }

    #[tokio::test]
    async fn a_category_of_a_patient_is_read_in_its_order() {
        let (_test, tx) = clinic_of_thousands().await;
        let one = tx.find::<Entity>().one(&tx).await.unwrap().unwrap();
        let listing = Listing {
            patient: Some(one.patient_id),
            categories: Some(vec![one.category]),
            paging: Paging {
                sort: Some("-effective".to_owned()),
                ..Paging::default()
            },
            ..Listing::default()
        };
        let rows = listing.selected(&tx).unwrap();
        let page = paging::asked(&tx, rows, ORDERS, &json!(null), &listing.paging);
        let plan = plans::of(&tx, page.unwrap().1).await;

        assert!(plan.contains("medical_records_category_idx"), "{plan}");
        assert!(!plan.contains("Sort"), "{plan}");
    }
}
