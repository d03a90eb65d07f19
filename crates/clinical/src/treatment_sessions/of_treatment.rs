//! The sessions of a treatment: whether there are any, which are open, and how many there are of each kind.

use std::collections::HashMap;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
};
use wardkeep_tenancy::TenantTx;

use super::entity::{Column, Entity, TreatmentSessionId};
use crate::records;
use crate::treatments::entity as treatment;
use crate::treatments::{OpenSession, TreatmentId};

/// The statuses in which a session is still to be held, or to be ended.
const OPEN: [&str; 2] = ["preparation", "in-progress"];

/// How many open sessions are shown.
const SHOWN: u64 = 20;

/// How many sessions a treatment has of each kind, without the deleted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) completed: i64,
    pub(crate) open: i64,
    pub(crate) not_done: i64,
    pub(crate) stopped: i64,
    /// Those of any status whose number is past the plan.
    pub(crate) past_plan: i64,
}

#[derive(FromQueryResult)]
struct Counted {
    treatment_id: TreatmentId,
    status: String,
    sessions: i64,
    past_plan: i64,
}

/// The tallies of treatments. Those without sessions are not among them.
pub(crate) async fn tallies(
    tx: &TenantTx,
    treatments: &[TreatmentId],
) -> Result<HashMap<TreatmentId, Tally>, DbErr> {
    let counted = counting(tx, treatments).into_model::<Counted>();
    let counted = counted.all(tx).await?;
    let mut tallies: HashMap<TreatmentId, Tally> = HashMap::new();
    for row in counted {
        let tally = tallies.entry(row.treatment_id).or_default();
        tally.past_plan += row.past_plan;
        *match row.status.as_str() {
            "completed" => &mut tally.completed,
            "not-done" => &mut tally.not_done,
            "stopped" => &mut tally.stopped,
            _ => &mut tally.open,
        } += row.sessions;
    }
    Ok(tallies)
}

fn counting(tx: &TenantTx, treatments: &[TreatmentId]) -> Select<Entity> {
    let plan = Entity::belongs_to(treatment::Entity)
        .from((Column::OrganizationId, Column::TreatmentId))
        .to((treatment::Column::OrganizationId, treatment::Column::Id));
    let past_plan = Expr::cust("count(*) filter (where number > planned_sessions)");
    records::present::<Entity>(tx)
        .join(JoinType::InnerJoin, plan.into())
        .filter(Column::TreatmentId.is_in(treatments.iter().copied()))
        .select_only()
        .columns([Column::TreatmentId, Column::Status])
        .expr_as(Expr::cust("count(*)"), "sessions")
        .expr_as(past_plan, "past_plan")
        .group_by(Column::TreatmentId)
        .group_by(Column::Status)
}

/// The open sessions of a treatment, the first 20 by their numbers. Whoever holds a lock on the treatment that keeps others
/// out can rely on there being none.
pub(crate) async fn open_of(tx: &TenantTx, treatment: TreatmentId) -> Result<Vec<OpenSession>, DbErr> {
    let open = records::present::<Entity>(tx)
        .filter(Column::TreatmentId.eq(treatment))
        .filter(Column::Status.is_in(OPEN))
        .order_by_asc(Column::Number)
        .limit(SHOWN)
        .select_only()
        .columns([Column::Id, Column::Number, Column::Status]);
    open.into_model::<OpenSession>().all(tx).await
}

/// Whether a treatment has a session that is not deleted. The same holds.
pub(crate) async fn any_of(tx: &TenantTx, treatment: TreatmentId) -> Result<bool, DbErr> {
    let sessions = records::present::<Entity>(tx).filter(Column::TreatmentId.eq(treatment));
    let first = sessions.select_only().column(Column::Id).limit(1);
    Ok(first.into_tuple::<TreatmentSessionId>().one(tx).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans;
    use crate::treatment_sessions::thousands::clinic_of_thousands;

    #[tokio::test]
    async fn a_page_of_treatments_is_counted_by_an_index() {
        let (_test, tx) = clinic_of_thousands().await;
        let treatments = tx.find::<treatment::Entity>().limit(50).all(&tx).await.unwrap();
        let treatments: Vec<_> = treatments.iter().map(|treatment| treatment.id).collect();

        let plan = plans::of(&tx, counting(&tx, &treatments)).await;

        assert!(plan.contains("treatment_id = ANY"), "{plan}");
        assert!(!plan.contains("Seq Scan on treatment_sessions"), "{plan}");
    }
}
