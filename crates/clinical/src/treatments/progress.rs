//! How far treatments are.

use sea_orm::DbErr;
use wardkeep_tenancy::TenantTx;

use super::entity::{Treatment, TreatmentId};
use crate::treatment_sessions::{Tally, tallies};

/// A treatment, and how far it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// The treatment.
    pub treatment: Treatment,
    /// How far it is, counted now.
    pub progress: Progress,
}

/// How far a treatment is: how many sessions it has of each kind, without the deleted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many it is planned for.
    pub planned: Option<i32>,
    /// Those that are completed.
    pub completed: i64,
    /// Those in preparation or in progress.
    pub open: i64,
    /// Those that were not done.
    pub not_done: i64,
    /// Those that were stopped.
    pub stopped: i64,
    /// How many of the plan are not completed yet; none without a plan.
    pub remaining: Option<i64>,
    /// Those whose number is past the plan.
    pub past_plan: i64,
}

impl Course {
    pub(super) fn without_sessions(treatment: Treatment) -> Self {
        Self::counted(treatment, Tally::default())
    }

    pub(super) async fn of(tx: &TenantTx, treatment: Treatment) -> Result<Self, DbErr> {
        let tally = tallies(tx, &[treatment.id]).await?.remove(&treatment.id);
        Ok(Self::counted(treatment, tally.unwrap_or_default()))
    }

    /// The same for all treatments of a page, by one statement.
    pub(crate) async fn of_all(tx: &TenantTx, treatments: Vec<Treatment>) -> Result<Vec<Self>, DbErr> {
        if treatments.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<TreatmentId> = treatments.iter().map(|treatment| treatment.id).collect();
        let mut tallies = tallies(tx, &ids).await?;
        let courses = treatments.into_iter().map(|treatment| {
            let tally = tallies.remove(&treatment.id).unwrap_or_default();
            Self::counted(treatment, tally)
        });
        Ok(courses.collect())
    }

    fn counted(treatment: Treatment, tally: Tally) -> Self {
        let planned = treatment.planned_sessions;
        let progress = Progress {
            planned,
            completed: tally.completed,
            open: tally.open,
            not_done: tally.not_done,
            stopped: tally.stopped,
            remaining: planned.map(|planned| (i64::from(planned) - tally.completed).max(0)),
            past_plan: tally.past_plan,
        };
        Self { treatment, progress }
    }
}
