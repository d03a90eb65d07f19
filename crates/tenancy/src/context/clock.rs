//! Where the time comes from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;

/// Tells the time. Only the edge of the program holds one; inside, time is [`RequestContext::now`].
///
/// [`RequestContext::now`]: crate::RequestContext::now
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    System,
    Manual(Arc<Mutex<OffsetDateTime>>),
}

impl Clock {
    /// The clock of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self {
            source: Source::System,
        }
    }

    /// A clock that stands at `at` until it is moved. Clones share it.
    #[must_use]
    pub fn manual(at: OffsetDateTime) -> Self {
        Self {
            source: Source::Manual(Arc::new(Mutex::new(at))),
        }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        match &self.source {
            #[expect(clippy::disallowed_methods, reason = "the one place where the time enters")]
            Source::System => OffsetDateTime::now_utc(),
            Source::Manual(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock to `at`. The system's clock stays as it is.
    pub fn set(&self, at: OffsetDateTime) {
        if let Source::Manual(now) = &self.source {
            *now.lock().unwrap_or_else(PoisonError::into_inner) = at;
        }
    }

    /// Moves a manual clock forward. The system's clock stays as it is.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.source {
            *now.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_manual_clock_moves_only_by_hand_and_for_all_its_clones() {
        let clock = Clock::manual(datetime!(2026-03-02 09:00 UTC));
        let clone = clock.clone();

        clock.advance(Duration::from_secs(90));
        assert_eq!(clone.now(), datetime!(2026-03-02 09:01:30 UTC));

        clone.set(datetime!(2026-01-01 00:00 UTC));
        assert_eq!(clock.now(), datetime!(2026-01-01 00:00 UTC));
    }

    #[test]
    fn the_systems_clock_cannot_be_set() {
        let clock = Clock::system();

        clock.set(datetime!(2000-01-01 00:00 UTC));

        assert!(clock.now() > datetime!(2026-01-01 00:00 UTC));
    }
}
