//! Sets of time: spans in order and apart from each other.

use super::Span;

impl Span {
    /// What the two have in common: nothing, when one ends as the other begins.
    pub(crate) fn clip(self, within: Span) -> Option<Span> {
        let common = Span {
            start: self.start.max(within.start),
            end: self.end.min(within.end),
        };
        (common.start < common.end).then_some(common)
    }
}

/// All the time that is in any of the spans, which may come in any order, overlap, and be empty.
pub(crate) fn union(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.start < span.end);
    spans.sort_unstable_by_key(|span| span.start);
    let mut set: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match set.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => set.push(span),
        }
    }
    set
}

/// What of one set is not in the other.
pub(crate) fn subtract(from: &[Span], taken: &[Span]) -> Vec<Span> {
    let mut left = Vec::with_capacity(from.len());
    let mut taken = taken.iter().peekable();
    for span in from {
        let mut start = span.start;
        // One that goes on past the end of this span may also reach into the next.
        while let Some(gap) = taken.peek().filter(|gap| gap.start < span.end) {
            if start < gap.start {
                left.push(Span {
                    start,
                    end: gap.start,
                });
            }
            start = start.max(gap.end);
            if gap.end > span.end {
                break;
            }
            taken.next();
        }
        if start < span.end {
            left.push(Span { start, end: span.end });
        }
    }
    left
}

/// What of a set lies within a span.
pub(crate) fn clip(set: &[Span], within: Span) -> Vec<Span> {
    set.iter().filter_map(|span| span.clip(within)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use time::{Duration, OffsetDateTime};

    fn span(start: i64, end: i64) -> Span {
        let at = |minutes| OffsetDateTime::UNIX_EPOCH + Duration::minutes(minutes);
        Span {
            start: at(start),
            end: at(end),
        }
    }

    fn spans(of: &[(i64, i64)]) -> Vec<Span> {
        of.iter().map(|(start, end)| span(*start, *end)).collect()
    }

    #[test]
    fn spans_that_meet_become_one() {
        let set = union(spans(&[(5, 7), (0, 2), (2, 3), (6, 9), (6, 7), (4, 4), (12, 11)]));

        assert_eq!(set, spans(&[(0, 3), (5, 9)]));
    }

    #[test]
    fn what_is_taken_is_left_out() {
        let day = spans(&[(0, 10), (20, 30), (40, 50)]);
        let taken = spans(&[(2, 3), (8, 22), (24, 25), (28, 60)]);

        assert_eq!(
            subtract(&day, &taken),
            spans(&[(0, 2), (3, 8), (22, 24), (25, 28)])
        );
        assert_eq!(subtract(&day, &[]), day);
        assert_eq!(subtract(&[], &day), []);
    }

    #[test]
    fn one_that_ends_as_the_other_begins_has_nothing_in_common_with_it() {
        assert_eq!(span(0, 5).clip(span(5, 9)), None);
        assert_eq!(span(0, 6).clip(span(5, 9)), Some(span(5, 6)));
        assert_eq!(
            clip(&spans(&[(0, 6), (8, 12)]), span(5, 9)),
            spans(&[(5, 6), (8, 9)])
        );
    }

    /// The minutes of a set, one by one: slow and plainly right.
    fn minutes(set: &[Span]) -> Vec<i64> {
        let has = |minute: &i64| {
            set.iter()
                .any(|each| each.clip(span(*minute, minute + 1)).is_some())
        };
        (0..60).filter(has).collect()
    }

    fn is_set(set: &[Span]) -> bool {
        set.iter().all(|span| span.start < span.end) && set.windows(2).all(|pair| pair[0].end < pair[1].start)
    }

    fn any() -> impl Strategy<Value = Vec<Span>> {
        vec((0..60_i64, 0..60_i64), 0..8).prop_map(|of| spans(&of))
    }

    proptest! {
        #[test]
        fn a_union_has_the_minutes_of_all(spans in any()) {
            let sound: Vec<_> = spans.iter().copied().filter(|span| span.start < span.end).collect();
            let set = union(spans);

            prop_assert!(is_set(&set), "{:?}", set);
            prop_assert_eq!(minutes(&set), minutes(&sound));
        }

        #[test]
        fn a_difference_has_the_minutes_of_the_one_and_not_of_the_other(one in any(), other in any()) {
            let (one, other) = (union(one), union(other));
            let left = subtract(&one, &other);

            let taken = minutes(&other);
            let expected: Vec<_> = minutes(&one).into_iter().filter(|minute| !taken.contains(minute)).collect();
            prop_assert!(is_set(&left), "{:?}", left);
            prop_assert_eq!(minutes(&left), expected);
        }

        #[test]
        fn what_is_clipped_lies_in_both(set in any(), start in 0..60_i64, end in 0..60_i64) {
            let (set, within) = (union(set), span(start, end));
            let clipped = clip(&set, within);

            let inside: Vec<_> = minutes(&set).into_iter().filter(|minute| (start..end).contains(minute)).collect();
            prop_assert!(is_set(&clipped), "{:?}", clipped);
            prop_assert_eq!(minutes(&clipped), inside);
        }
    }
}
