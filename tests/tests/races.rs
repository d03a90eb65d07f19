//! What races share: how often they are run, and how their answers are counted.

use std::collections::BTreeMap;

use wardkeep_testkit::race_rounds;
use wardkeep_tests::Answer;

/// A fifth of the rounds, for races that take dozens of requests each and are not what a clinic runs into every day.
pub(crate) fn fewer_rounds() -> usize {
    race_rounds().div_ceil(5)
}

/// How often each status and code was answered. Nobody waited too long, and nothing failed.
pub(crate) fn counted(answers: &[Answer]) -> BTreeMap<(u16, &str), usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        assert!(answer.status < 500, "{}", answer.text);
        *counts.entry((answer.status, answer.code())).or_default() += 1;
    }
    counts
}
