//! Whether sessions are within the plan of their treatment.

use std::collections::HashSet;

use sea_orm::DbErr;
use wardkeep_tenancy::TenantTx;

use super::entity::TreatmentSession;
use crate::treatments::{self, Treatment};

/// A session, and how it stands to the plan of its treatment.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSession {
    /// The session.
    pub session: TreatmentSession,
    /// Whether its number is past the number of sessions that the treatment is planned for now.
    pub past_plan: bool,
}

impl PlannedSession {
    /// By the treatment, where it is known already.
    pub(super) async fn of(
        tx: &TenantTx,
        session: TreatmentSession,
        treatment: Option<&Treatment>,
    ) -> Result<Self, DbErr> {
        let planned = match treatment {
            Some(treatment) => treatment.planned_sessions,
            None => {
                let mut plans = treatments::plans(tx, [session.treatment_id]).await?;
                plans.remove(&session.treatment_id).flatten()
            }
        };
        Ok(Self::within(session, planned))
    }

    /// The same for all sessions of a page, by one statement.
    pub(crate) async fn of_all(tx: &TenantTx, sessions: Vec<TreatmentSession>) -> Result<Vec<Self>, DbErr> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let treatments: HashSet<_> = sessions.iter().map(|session| session.treatment_id).collect();
        let plans = treatments::plans(tx, treatments).await?;
        let sessions = sessions.into_iter().map(|session| {
            let planned = plans.get(&session.treatment_id).copied().flatten();
            Self::within(session, planned)
        });
        Ok(sessions.collect())
    }

    fn within(session: TreatmentSession, planned: Option<i32>) -> Self {
        let past_plan = planned.is_some_and(|planned| session.number > planned);
        Self { session, past_plan }
    }
}
