//! What may follow which status, and how a status is read.

use sea_orm::DbErr;
use serde_json::{Value as Json, json};

use crate::fields::Refusals;

/// The statuses of one kind of record, as FHIR R4 names them. `entered-in-error` is none of them: a deleted record shows
/// it, and has its own status again when it is restored.
pub(crate) trait Statuses: Copy + PartialEq + 'static {
    /// What the record is called: `appointment`.
    const OF: &'static str;
    /// All there are, each with those that may follow it.
    const NEXT: &'static [(Self, &'static [Self])];
    /// Those that a record can be made with.
    const FIRST: &'static [Self];
    /// The one that it is made with unless another is asked for.
    const USUAL: Self;

    /// The name, as FHIR has it.
    fn name(self) -> &'static str;

    fn read(name: &str) -> Option<Self> {
        all::<Self>().find(|status| status.name() == name)
    }

    /// The status of a row. A constraint of the table allows no others.
    fn stored(name: &str) -> Result<Self, DbErr> {
        Self::read(name).ok_or_else(|| DbErr::Type(format!("{name} is no status of a {}", Self::OF)))
    }

    /// Those that may follow.
    fn following(self) -> &'static [Self] {
        let next = Self::NEXT.iter().find(|(status, _)| *status == self);
        next.map_or(&[], |(_, next)| next)
    }

    /// That another may follow, or it stays as it is.
    fn becomes(self, next: Self) -> Result<(), StatusNotAllowed> {
        let allowed = self.following();
        if next == self || allowed.contains(&next) {
            Ok(())
        } else {
            Err(StatusNotAllowed::new(self, allowed))
        }
    }

    /// Any status, to look for.
    fn any(refusals: &mut Refusals, name: &str) -> Self {
        named(refusals, name, all())
    }

    /// The status to make a record with.
    fn first(refusals: &mut Refusals, name: Option<&str>) -> Self {
        match name {
            Some(name) => named(refusals, name, Self::FIRST.iter().copied()),
            None => Self::USUAL,
        }
    }

    /// The status to change a record to.
    fn next(refusals: &mut Refusals, name: &str) -> Self {
        refusals.unless(
            name != "entered-in-error",
            "status",
            format!("is set by deleting the {}", Self::OF),
        );
        Self::any(refusals, name)
    }
}

fn all<S: Statuses>() -> impl Iterator<Item = S> + Clone {
    S::NEXT.iter().map(|(status, _)| *status)
}

fn named<S: Statuses>(refusals: &mut Refusals, name: &str, choices: impl Iterator<Item = S> + Clone) -> S {
    let status = choices.clone().find(|status| status.name() == name);
    let names: Vec<_> = choices.map(S::name).collect();
    refusals.unless(
        status.is_some(),
        "status",
        format!("must be one of {}", names.join(", ")),
    );
    status.unwrap_or(S::USUAL)
}

/// A status cannot follow the one that a record has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is {current} cannot become that; `allowed` says what it can now")]
pub struct StatusNotAllowed {
    /// The one that it has.
    pub current: String,
    /// Those that can follow now.
    pub allowed: Vec<&'static str>,
}

impl StatusNotAllowed {
    pub(crate) const CODE: &'static str = "STATUS_NOT_ALLOWED";

    pub(crate) fn new<S: Statuses>(current: S, allowed: &[S]) -> Self {
        Self {
            current: current.name().to_owned(),
            allowed: allowed.iter().map(|status| status.name()).collect(),
        }
    }

    pub(crate) fn details(&self) -> Vec<(&'static str, Json)> {
        vec![
            ("currentStatus", json!(self.current)),
            ("allowed", json!(self.allowed)),
        ]
    }
}

/// That no status follows itself, none is missing, and each has a name of its own.
#[cfg(test)]
pub(crate) fn assert_sound<S: Statuses + std::fmt::Debug>() {
    for (status, next) in S::NEXT {
        assert!(!next.contains(status), "{status:?}");
        assert_eq!(S::read(status.name()), Some(*status));
        assert!(next.iter().all(|next| all().any(|any: S| any == *next)));
    }
    assert!(S::FIRST.contains(&S::USUAL));
    assert_eq!(S::read("entered-in-error"), None);
}
