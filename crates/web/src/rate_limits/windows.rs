//! What was counted: for each client and endpoint a number and when it is forgotten.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use time::OffsetDateTime;

use super::Rate;
use crate::client_address::ClientAddress;

/// The most windows that are kept, as in the original: some tens of megabytes. Past it, those that end first are
/// forgotten first.
const CAPACITY: usize = 100_000;
/// How many ended windows one request clears away. It adds one at most, so they never pile up; nor does a request wait
/// until a hundred thousand are gone.
const CLEARED_AT_ONCE: usize = 8;
/// By how many milliseconds two workers may disagree about the time, one of them having waited for the other.
const DISAGREEMENT: i64 = 1_000;

const NANOSECONDS_PER_MILLISECOND: i128 = 1_000_000;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    client: ClientAddress,
    /// The pattern of the route; all paths without one that have the same rate count together.
    route: Option<Arc<str>>,
    rate: (u32, u64),
}

impl Key {
    pub(super) fn new(client: ClientAddress, route: Option<String>, rate: Rate) -> Self {
        Self {
            client,
            route: route.map(Arc::from),
            rate: (rate.requests, milliseconds(rate)),
        }
    }
}

/// The open windows, and those that ended and were not cleared away yet.
#[derive(Debug)]
pub(super) struct Windows {
    open: HashMap<Key, Window>,
    /// The same by their ends: one entry for each of `open`.
    ends: BTreeSet<(i64, Key)>,
    clock: Onward,
    capacity: usize,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    requests: u32,
    /// In milliseconds, as `clock` counts them.
    end: i64,
}

impl Default for Windows {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl Windows {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            open: HashMap::new(),
            ends: BTreeSet::new(),
            clock: Onward::default(),
            capacity,
        }
    }

    /// Counts a request, which renews its window; or, when the window is full, leaves everything as it is and says after
    /// how many seconds, rounded up, it opens again. This is `decideConsume` of Better Auth.
    pub(super) fn count(&mut self, key: Key, rate: Rate, now: OffsetDateTime) -> Result<(), u64> {
        let now = self.clock.read(now);
        self.clear_ended(now);
        let window = self.open.get(&key).copied();
        let requests = match window {
            Some(window) if window.end > now => window.requests,
            _ => 0,
        };
        if let Some(window) = window {
            if requests > 0 && requests >= rate.requests {
                return Err(window.end.abs_diff(now).div_ceil(1_000));
            }
            self.ends.remove(&(window.end, key.clone()));
        } else if self.open.len() >= self.capacity {
            self.forget_first();
        }
        let end = now.saturating_add_unsigned(milliseconds(rate));
        let requests = requests.saturating_add(1);
        self.ends.insert((end, key.clone()));
        self.open.insert(key, Window { requests, end });
        Ok(())
    }

    fn clear_ended(&mut self, now: i64) {
        for _ in 0..CLEARED_AT_ONCE {
            match self.ends.first() {
                Some((end, _)) if *end <= now => self.forget_first(),
                _ => return,
            }
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, key)) = self.ends.pop_first() {
            self.open.remove(&key);
        }
    }
}

fn milliseconds(rate: Rate) -> u64 {
    u64::try_from(rate.window.as_millis()).unwrap_or(u64::MAX)
}

/// A time in milliseconds that never goes back. When the system's clock is set back it goes on from where it was, so
/// that no window stays closed until the old time has come again.
#[derive(Debug)]
struct Onward {
    latest: i64,
    ahead: i64,
}

impl Default for Onward {
    fn default() -> Self {
        Self {
            latest: i64::MIN,
            ahead: 0,
        }
    }
}

impl Onward {
    fn read(&mut self, now: OffsetDateTime) -> i64 {
        let now = i64::try_from(now.unix_timestamp_nanos() / NANOSECONDS_PER_MILLISECOND).unwrap_or(i64::MAX);
        let behind = self.latest.saturating_sub(now.saturating_add(self.ahead));
        if behind > DISAGREEMENT {
            self.ahead = self.ahead.saturating_add(behind);
        }
        self.latest = self.latest.max(now.saturating_add(self.ahead));
        self.latest
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::macros::datetime;

    use super::*;

    const START: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);
    const THREE_IN_TEN: Rate = Rate::new(3, Duration::from_secs(10));

    fn after(milliseconds: u64) -> OffsetDateTime {
        START + Duration::from_millis(milliseconds)
    }

    fn key(route: &str) -> Key {
        Key::new(ClientAddress::default(), Some(route.to_owned()), THREE_IN_TEN)
    }

    fn count(windows: &mut Windows, now: OffsetDateTime) -> Result<(), u64> {
        windows.count(key("/a"), THREE_IN_TEN, now)
    }

    #[test]
    fn the_window_slides_with_each_request_that_is_let_through_and_with_no_other() {
        let mut windows = Windows::default();
        for (milliseconds, expected) in [
            (0, Ok(())),
            (9_000, Ok(())),
            (18_000, Ok(())),
            // Three, though each came within ten seconds of the last alone.
            (18_000, Err(10)),
            (18_001, Err(10)),
            (19_000, Err(9)),
            (27_001, Err(1)),
            (27_999, Err(1)),
            (28_000, Ok(())),
            (28_000, Ok(())),
            (28_000, Ok(())),
            (28_000, Err(10)),
            (60_000, Ok(())),
        ] {
            assert_eq!(
                count(&mut windows, after(milliseconds)),
                expected,
                "{milliseconds}"
            );
        }
    }

    #[test]
    fn clients_routes_and_rates_are_counted_apart() {
        let mut windows = Windows::default();
        for _ in 0..3 {
            assert_eq!(count(&mut windows, START), Ok(()));
        }
        assert_eq!(count(&mut windows, START), Err(10));

        assert_eq!(windows.count(key("/b"), THREE_IN_TEN, START), Ok(()));
        let other = Rate::new(3, Duration::from_secs(60));
        let key = Key::new(ClientAddress::default(), Some("/a".to_owned()), other);
        assert_eq!(windows.count(key, other, START), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let mut windows = Windows::default();
        for _ in 0..3 {
            assert_eq!(count(&mut windows, after(0)), Ok(()));
        }

        let yesterday = START - Duration::from_secs(86_400);
        assert_eq!(count(&mut windows, yesterday), Err(10));
        assert_eq!(
            count(&mut windows, yesterday + Duration::from_millis(9_999)),
            Err(1)
        );
        assert_eq!(count(&mut windows, yesterday + Duration::from_secs(10)), Ok(()));
    }

    #[test]
    fn a_clock_that_goes_forth_and_back_does_not_shorten_a_window() {
        let mut windows = Windows::default();
        for milliseconds in [0, 900, 0, 900] {
            let _ = count(&mut windows, after(milliseconds));
        }

        // The third was let through at 900 at the latest reading.
        assert_eq!(count(&mut windows, after(10_899)), Err(1));
        assert_eq!(count(&mut windows, after(10_900)), Ok(()));
    }

    #[test]
    fn the_ends_of_time_are_survived() {
        let mut windows = Windows::default();
        for now in [
            datetime!(9999-12-31 23:59:59 UTC),
            datetime!(-9999-01-01 0:00 UTC),
            START,
        ] {
            let _ = count(&mut windows, now);
        }
        let endless = Rate::new(0, Duration::MAX);
        let key = Key::new(ClientAddress::default(), None, endless);

        assert_eq!(windows.count(key.clone(), endless, START), Ok(()));
        assert!(windows.count(key, endless, START).is_err());
    }

    #[test]
    fn ended_windows_are_cleared_away() {
        let mut windows = Windows::default();
        for route in 0..1_000 {
            assert_eq!(
                windows.count(key(&route.to_string()), THREE_IN_TEN, START),
                Ok(())
            );
        }

        for _ in 0..=1_000 / CLEARED_AT_ONCE {
            let _ = count(&mut windows, after(10_000));
        }

        assert_eq!((windows.open.len(), windows.ends.len()), (1, 1));
    }

    #[test]
    fn the_windows_that_end_first_make_room() {
        let mut windows = Windows::with_capacity(3);
        for (milliseconds, route) in [(0, "/a"), (1, "/b"), (2, "/c"), (3, "/a"), (4, "/d")] {
            assert_eq!(
                windows.count(key(route), THREE_IN_TEN, after(milliseconds)),
                Ok(())
            );
        }

        let mut left: Vec<_> = windows
            .open
            .keys()
            .filter_map(|key| key.route.as_deref())
            .collect();
        left.sort_unstable();
        assert_eq!(left, ["/a", "/c", "/d"]);
        assert_eq!(windows.ends.len(), 3);
    }

    #[test]
    fn at_most_a_hundred_thousand_windows_are_kept() {
        let mut windows = Windows::default();
        for route in 0..CAPACITY + 1_000 {
            assert_eq!(
                windows.count(key(&route.to_string()), THREE_IN_TEN, START),
                Ok(())
            );
        }

        assert_eq!((windows.open.len(), windows.ends.len()), (CAPACITY, CAPACITY));
    }
}
