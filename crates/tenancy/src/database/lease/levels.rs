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
