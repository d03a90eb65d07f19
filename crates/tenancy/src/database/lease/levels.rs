//! Nested transactions: which savepoints are set, which failed, and which must be rolled back first.

use sea_orm::DbErr;

use super::refused;

/// One level of nesting. Ids are never used twice in a transaction, so a handle that outlived its level is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LevelId(u64);

impl LevelId {
    /// The transaction itself.
    pub(crate) const ROOT: Self = Self(0);

    pub(super) fn savepoint(self) -> String {
        format!("SAVEPOINT wardkeep_{}", self.0)
    }

    pub(super) fn release(self) -> String {
        format!("RELEASE SAVEPOINT wardkeep_{}", self.0)
    }

    fn undo(self) -> String {
        format!("ROLLBACK TO SAVEPOINT wardkeep_{}; {}", self.0, self.release())
    }
}

#[derive(Debug)]
struct Level {
    id: LevelId,
    failed: bool,
}

/// The open levels, the transaction itself first.
#[derive(Debug)]
pub(super) struct Levels {
    open: Vec<Level>,
    unwind: Option<LevelId>,
    named: u64,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            open: vec![Level {
                id: LevelId::ROOT,
                failed: false,
            }],
            unwind: None,
            named: 0,
        }
    }
}

impl Levels {
    /// Only the innermost level may speak: a statement of an outer one would be undone with the savepoint that it
    /// does not know of.
    pub(super) fn check(&self, level: LevelId) -> Result<(), DbErr> {
        if self.innermost() == level {
            Ok(())
        } else if self.open.iter().any(|open| open.id == level) {
            Err(refused("a nested transaction is still open"))
        } else {
            Err(refused("the transaction has ended"))
        }
    }

    pub(super) fn innermost(&self) -> LevelId {
        self.open.last().map_or(LevelId::ROOT, |level| level.id)
    }

    pub(super) fn next(&mut self) -> LevelId {
        self.named += 1;
        LevelId(self.named)
    }

    pub(super) fn push(&mut self, id: LevelId) {
        self.open.push(Level { id, failed: false });
    }

    pub(super) fn pop(&mut self, id: LevelId) {
        self.open.pop_if(|level| level.id == id);
    }

    /// Drops a level and all within it. Its savepoint undoes them all, so an inner one need not be remembered.
    pub(super) fn abandon(&mut self, id: LevelId) {
        let position = self.open.iter().position(|level| level.id == id);
        if let Some(position) = position.filter(|position| *position > 0) {
            self.open.truncate(position);
            self.unwind = Some(id);
        }
    }

    /// What must be sent before anything else.
    pub(super) fn unwinding(&self) -> Option<String> {
        self.unwind.map(LevelId::undo)
    }

    pub(super) fn unwound(&mut self) {
        self.unwind = None;
    }

    pub(super) fn fail(&mut self) {
        if let Some(level) = self.open.last_mut() {
            level.failed = true;
        }
    }

    pub(super) fn failed(&self, id: LevelId) -> bool {
        self.open.iter().any(|level| level.id == id && level.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> (Levels, [LevelId; 2]) {
        let mut levels = Levels::default();
        let ids = [levels.next(), levels.next()];
        for id in ids {
            levels.push(id);
        }
        (levels, ids)
    }

    #[test]
    fn only_the_innermost_level_may_speak() {
        let (levels, [one, two]) = three();

        assert!(levels.check(two).is_ok());
        assert!(levels.check(one).is_err());
        assert!(levels.check(LevelId::ROOT).is_err());
    }

    #[test]
    fn abandoning_a_level_undoes_it_with_all_that_is_within() {
        let (mut levels, [one, two]) = three();

        levels.abandon(two);
        levels.abandon(one);

        let undo = "ROLLBACK TO SAVEPOINT wardkeep_1; RELEASE SAVEPOINT wardkeep_1";
        assert_eq!(levels.unwinding().as_deref(), Some(undo));
        assert!(levels.check(LevelId::ROOT).is_ok());
        levels.unwound();
        assert_eq!(levels.unwinding(), None);
    }

    #[test]
    fn a_level_that_has_ended_cannot_be_abandoned_or_speak_again() {
        let (mut levels, [one, two]) = three();

        levels.pop(two);
        levels.abandon(two);

        assert_eq!(levels.unwinding(), None);
        assert!(levels.check(two).is_err());
        assert_eq!(levels.innermost(), one);
        assert_ne!(levels.next(), two, "an id is never used twice");
    }

    #[test]
    fn the_transaction_itself_is_not_a_savepoint() {
        let mut levels = Levels::default();

        levels.abandon(LevelId::ROOT);

        assert_eq!(levels.unwinding(), None);
        assert!(levels.check(LevelId::ROOT).is_ok());
    }

    #[test]
    fn a_failure_is_the_innermost_levels_and_goes_with_it() {
        let (mut levels, [one, two]) = three();

        levels.fail();

        assert!(levels.failed(two) && !levels.failed(one) && !levels.failed(LevelId::ROOT));
        levels.abandon(two);
        assert!(!levels.failed(one));
    }
}
