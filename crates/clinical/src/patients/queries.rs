//! The statements of patients that are longer than a line.

use sea_orm::sea_query::{Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ActiveValue, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    Value,
};
use wardkeep_tenancy::TenantTx;

use super::cursor::Position;
use super::entity::{ActiveModel, Column, Entity, Patient, PatientId};
use super::input::PatientChanges;
use super::words::{self, entity as word};

/// The patients of the organization that are not deleted.
pub(super) fn present(tx: &TenantTx) -> Select<Entity> {
    tx.find::<Entity>().filter(Column::DeletedAt.is_null())
}

/// One patient, unless it is deleted.
pub(super) async fn find(tx: &TenantTx, id: PatientId) -> Result<Option<Patient>, DbErr> {
    present(tx).filter(Column::Id.eq(id)).one(tx).await
}

/// Of those, the ones of whose name each prefix begins a word.
pub(super) fn matching(tx: &TenantTx, prefixes: &[String]) -> Select<Entity> {
    prefixes.iter().fold(present(tx), |patients, prefix| {
        patients.filter(Column::Id.in_subquery(bearers(tx, prefix)))
    })
}

/// Of those, the first `limit` after a position, in the order of last name, first name and id.
pub(super) fn page(
    tx: &TenantTx,
    prefixes: &[String],
    after: Option<Position>,
    limit: u64,
) -> Select<Entity> {
    let mut patients = matching(tx, prefixes);
    if let Some(Position {
        last_name,
        first_name,
        id,
    }) = after
    {
        // A row comparison, not its three cases joined by `or`: it is one condition on the index.
        let key = [Column::LastName, Column::FirstName, Column::Id].map(|column| Expr::col((Entity, column)));
        let last = [Expr::val(last_name), Expr::val(first_name), Expr::val(id)];
        patients = patients.filter(Expr::tuple(key).gt(Expr::tuple(last)));
    }
    patients
        .order_by_asc(Column::LastName)
        .order_by_asc(Column::FirstName)
        .order_by_asc(Column::Id)
        .limit(limit)
}

/// How many patients match on all pages.
pub(super) async fn count(tx: &TenantTx, prefixes: &[String]) -> Result<u64, DbErr> {
    let counted = matching(tx, prefixes)
        .select_only()
        .column_as(Column::Id.count(), "total");
    let total: Option<i64> = counted.into_tuple().one(tx).await?;
    Ok(total.unwrap_or_default().unsigned_abs())
}

/// Changes a patient if it still has this version and is not deleted; the row as it is now, or nothing.
pub(super) async fn change(
    tx: &TenantTx,
    id: PatientId,
    version: i64,
    changes: ActiveModel,
) -> Result<Option<Patient>, DbErr> {
    let changed = Entity::update_many()
        .set(ActiveModel {
            updated_at: ActiveValue::Set(tx.now()),
            ..changes
        })
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::OrganizationId.eq(tx.organization()))
        .filter(Column::Id.eq(id))
        .filter(Column::Version.eq(version))
        .filter(Column::DeletedAt.is_null())
        .exec_with_returning(tx)
        .await?;
    Ok(changed.into_iter().next())
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

/// A field to write, or none to leave as it is.
fn given<V: Into<Value>>(value: Option<V>) -> ActiveValue<V> {
    value.map_or(ActiveValue::NotSet, ActiveValue::Set)
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
    use sea_orm::{DbBackend, Statement};
    use wardkeep_tenancy::{Grants, OrganizationId};
    use wardkeep_testkit::{TestDatabase, context, scope};

    use super::*;

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

    /// The plan of a statement as the role `authenticated` gets it, under row security.
    async fn plan(tx: &TenantTx, statement: Select<Entity>) -> String {
        let Statement { sql, values, .. } = statement.build(DbBackend::Postgres);
        let values = values.map(|values| values.0).unwrap_or_default();
        // The test ends before the leak matters.
        let explain = Box::leak(format!("explain (costs off) {sql}").into_boxed_str());
        let lines = tx.sql(explain, values).all().await.unwrap();
        let lines = lines
            .iter()
            .map(|line| line.try_get_by_index::<String>(0).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    }

    fn after(last_name: &str) -> Option<Position> {
        let id = PatientId::from_uuid(uuid::Uuid::from_u128(7));
        Some(Position {
            last_name: last_name.to_owned(),
            first_name: "f".to_owned(),
            id,
        })
    }

    #[tokio::test]
    async fn a_list_is_read_off_its_index_in_order() {
        let (_test, tx) = clinic_of_thousands().await;

        let first = plan(&tx, page(&tx, &[], None, 51)).await;
        let later = plan(&tx, page(&tx, &[], after("l8"), 51)).await;

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

        for search in [
            vec!["fab"],
            vec!["f"],
            vec!["f", "l"],
            vec!["fab", "l"],
            vec!["fa", "fb", "l1", "l2"],
        ] {
            let prefixes: Vec<String> = search.iter().map(|&prefix| prefix.to_owned()).collect();
            for statement in [
                page(&tx, &prefixes, None, 51),
                page(&tx, &prefixes, after("l8"), 51),
            ] {
                let plan = plan(&tx, statement).await;
                assert!(!plan.contains("Seq Scan"), "{search:?}\n{plan}");
            }
        }

        let plan = plan(&tx, page(&tx, &["fab".to_owned()], None, 51)).await;
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

        let found = page(&tx, &["fab".to_owned()], None, 4000).all(&tx).await.unwrap();
        let everybody = present(&tx).all(&tx).await.unwrap();
        let expected = everybody
            .iter()
            .filter(|patient| patient.first_name.starts_with("fab"))
            .count();
        assert!(expected > 0);
        assert_eq!(found.len(), expected);
    }
}
