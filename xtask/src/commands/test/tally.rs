//! Counting from the output of a test runner.

use std::ops::AddAssign;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::process;

/// How many tests passed, failed and were left out.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
}

/// Which program's summary lines to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Runner {
    /// One `Summary [...] N tests run: ...` line.
    Nextest,
    /// One `test result: ...` line for each binary.
    Libtest,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Runs the command, its output passed on, and counts.
///
/// A runner that fails without naming a failed test (it did not compile, it was stopped) counts as one failure.
pub(super) fn stream(command: &mut Command, runner: Runner, interrupt: &Interrupt) -> Result<Tally, Failure> {
    let tally = Mutex::new(Tally::default());
    let status = process::stream(command, interrupt, |line| {
        *tally.lock().unwrap_or_else(PoisonError::into_inner) += count(line, runner);
    })?;
    let mut tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}

/// What one line of output adds.
fn count(line: &str, runner: Runner) -> Tally {
    let numbers = match runner {
        Runner::Nextest => line
            .trim_start()
            .strip_prefix("Summary [")
            .and_then(|rest| rest.split_once(" run: "))
            .map(|(_, numbers)| numbers),
        Runner::Libtest => line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
            .map(|(_, numbers)| numbers),
    };
    let mut tally = Tally::default();
    for part in without_parentheses(numbers.unwrap_or_default()).split([',', ';']) {
        let Some((number, word)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u64>() else {
            continue;
        };
        match word.trim() {
            "passed" => tally.passed += number,
            "failed" | "exec failed" | "timed out" => tally.failed += number,
            "skipped" | "ignored" => tally.skipped += number,
            _ => {}
        }
    }
    tally
}

/// Drops `(1 slow, 1 flaky)`.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|character| {
            match character {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Runner, Tally, count, stream};
    use crate::interrupt::Interrupt;

    #[test]
    fn the_summary_of_nextest_is_counted() {
        let line = "     Summary [   0.109s] 9 tests run: 5 passed (1 slow, 1 flaky), 2 failed, 1 exec failed, \
                    1 timed out, 4 skipped\n";

        assert_eq!(
            count(line, Runner::Nextest),
            Tally {
                passed: 5,
                failed: 4,
                skipped: 4
            }
        );
    }

    #[test]
    fn an_interrupted_nextest_is_counted() {
        let line = "     Summary [   0.109s] 3/10 tests run: 3 passed, 0 skipped";

        assert_eq!(
            count(line, Runner::Nextest),
            Tally {
                passed: 3,
                failed: 0,
                skipped: 0
            }
        );
    }

    #[test]
    fn the_result_line_of_the_test_harness_is_counted() {
        let line = "test result: FAILED. 5 passed; 1 failed; 2 ignored; 0 measured; 7 filtered out; finished in 0.00s";

        assert_eq!(
            count(line, Runner::Libtest),
            Tally {
                passed: 5,
                failed: 1,
                skipped: 2
            }
        );
    }

    #[test]
    fn the_output_of_a_failed_test_is_not_counted() {
        let shown_by_nextest = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; finished in 0.10s";

        assert_eq!(count(shown_by_nextest, Runner::Nextest), Tally::default());
        assert_eq!(count(shown_by_nextest, Runner::Libtest), Tally::default());
    }

    #[test]
    fn a_runner_that_fails_without_a_failed_test_counts_as_one_failure() {
        let mut does_not_compile = Command::new("false");

        let tally = stream(&mut does_not_compile, Runner::Nextest, &Interrupt::default()).unwrap();

        assert_eq!(
            tally,
            Tally {
                passed: 0,
                failed: 1,
                skipped: 0
            }
        );
    }
}
