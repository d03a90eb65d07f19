//! The statements of patients that are longer than a line.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use wardkeep_tenancy::TenantTx;

use super::entity::{ActiveModel, Column, Entity};
use super::input::PatientChanges;
use super::words::{self, entity as word};
use crate::records::given;

/// Of those patients, the ones of whose name each prefix begins a word.
pub(super) fn matching(tx: &TenantTx, patients: Select<Entity>, prefixes: &[String]) -> Select<Entity> {
    prefixes.iter().fold(patients, |patients, prefix| {
        patients.filter(Column::Id.in_subquery(bearers(tx, prefix)))
    })
}

impl From<PatientChanges> for ActiveModel {
    fn from(changes: PatientChanges) -> Self {
        Self {
            first_name: given(changes.first_name),
            last_name: given(changes.last_name),
            email: given(changes.email),
            phone: given(changes.phone),
            date_of_birth: given(changes.date_of_birth),
            medical_history: given(changes.medical_history),
            ..Default::default()
        }
    }
}

/// The ids of the patients with a word that begins so.
fn bearers(tx: &TenantTx, prefix: &str) -> SelectStatement {
    let words = tx.find::<word::Entity>().filter(word::Column::Word.gte(prefix));
    let words = match words::end_of(prefix) {
        Some(end) => words.filter(word::Column::Word.lt(end)),
        None => words,
    };
    words.select_only().column(word::Column::PatientId).into_query()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wardkeep_tenancy::{Grants, OrganizationId};
    use wardkeep_testkit::{TestDatabase, context, scope};

    use super::*;
    use crate::paging::{self, Paging};
    use crate::patients::ORDERS;
    use crate::{plans, records};

    /// 3,000 patients in each of ten clinics, some of them deleted, with the words of their names.
    const PATIENTS: &str = r#"
        with clinics as (select id, row_number() over (order by id) as number from organization)
        insert into patients (organization_id, id, first_name, last_name, deleted_at)
        select clinics.id, gen_random_uuid(), 'f' || md5(n::text), 'l' || md5((n * clinics.number)::text),
            case when n % 50 = 0 then now() end
        from clinics, generate_series(1, 3000) as n"#;
    const WORDS: &str = r#"
        insert into patient_words (organization_id, word, patient_id)
        select organization_id, unnest(array[first_name, last_name]), id from patients where deleted_at is null"#;

    async fn clinic_of_thousands() -> (TestDatabase, TenantTx) {
        let test = TestDatabase::create().await;
        let salt_lane = test.organization("Salt Lane").await;
        for number in 1..10 {
            test.organization(&format!("Clinic {number}")).await;
        }
        let mut admin = test.admin().await;
        for statement in [PATIENTS, WORDS, "analyze patients", "analyze patient_words"] {
            sqlx::query(statement).execute(&mut admin).await.unwrap();
        }
        let tx = begin(&test, salt_lane).await;
        (test, tx)
    }

    async fn begin(test: &TestDatabase, organization: OrganizationId) -> TenantTx {
        let ada = test.user("Ada Byron").await;
        let scope = scope(
            &test.connect().await,
            &context(7),
            (organization, ada),
            Grants::none(),
        );
        scope.begin().await.unwrap()
    }

    /// The statement of a page of those that match, the first or the one after `cursor`.
    fn page(tx: &TenantTx, prefixes: &[String], cursor: Option<String>) -> Select<Entity> {
        let paging = Paging {
            cursor,
            ..Paging::default()
        };
        let patients = matching(tx, records::present::<Entity>(tx), prefixes);
        paging::asked(tx, patients, ORDERS, &json!(null), &paging)
            .unwrap()
            .1
    }

    async fn first_cursor(tx: &TenantTx) -> Option<String> {
        let paging = Paging {
            limit: 1,
            ..Paging::default()
        };
        let patients = records::present::<Entity>(tx);
        paging::page(tx, patients, ORDERS, &json!(null), &paging)
            .await
            .unwrap()
            .next
    }

    #[tokio::test]
    async fn a_list_is_read_off_its_index_in_order() {
        let (_test, tx) = clinic_of_thousands().await;
        let cursor = first_cursor(&tx).await;

        let first = plans::of(&tx, page(&tx, &[], None)).await;
        let later = plans::of(&tx, page(&tx, &[], cursor.clone())).await;

        for plan in [&first, &later] {
            assert!(plan.contains("Index Scan using patients_name_idx"), "{plan}");
            assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{plan}");
            assert!(
                !plan.lines().any(|line| line.trim().starts_with("Filter")),
                "{plan}"
            );
        }
        let condition = later.lines().find(|line| line.contains("Index Cond")).unwrap();
        assert!(condition.contains("ROW("), "{later}");
    }

    #[tokio::test]
    async fn a_search_is_a_range_of_the_index_of_words() {
        let (_test, tx) = clinic_of_thousands().await;
        let cursor = first_cursor(&tx).await;

        for search in [
            vec!["fab"],
            vec!["f"],
            vec!["f", "l"],
            vec!["fab", "l"],
            vec!["fa", "fb", "l1", "l2"],
        ] {
            let prefixes: Vec<String> = search.iter().map(|&prefix| prefix.to_owned()).collect();
            for statement in [page(&tx, &prefixes, None), page(&tx, &prefixes, cursor.clone())] {
                let plan = plans::of(&tx, statement).await;
                assert!(!plan.contains("Seq Scan"), "{search:?}\n{plan}");
            }
        }

        let plan = plans::of(&tx, page(&tx, &["fab".to_owned()], None)).await;
        let mut conditions = plan.lines().filter(|line| line.contains("Index Cond"));
        assert!(
            conditions.any(|line| line.contains("word >= ") && line.contains("word < ")),
            "{plan}"
        );
        assert!(
            plan.contains("patient_words_pkey") && plan.contains("patients_pkey"),
            "{plan}"
        );
        // Few are found, so they are sorted: by the whole key, or two of one name would change places between pages.
        let mut keys = plan
            .lines()
            .filter(|line| line.contains("Sort Key: patients.last_name"));
        assert!(keys.any(|line| line.ends_with("patients.id")), "{plan}");

        let present = records::present::<Entity>(&tx);
        let found = matching(&tx, present, &["fab".to_owned()])
            .all(&tx)
            .await
            .unwrap();
        let everybody = records::present::<Entity>(&tx).all(&tx).await.unwrap();
        let expected = everybody
            .iter()
            .filter(|patient| patient.first_name.starts_with("fab"))
            .count();
        assert!(expected > 0);
        assert_eq!(found.len(), expected);
    }
}
