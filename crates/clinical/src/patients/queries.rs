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
