//! What is shown, line by line, and whether it was as expected.

use std::fmt::Display;

use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// Counts what was shown.
pub(super) struct Report {
    interrupt: Interrupt,
    shown: u32,
    failed: u32,
}

impl Report {
    pub(super) fn new(interrupt: Interrupt) -> Self {
        Self {
            interrupt,
            shown: 0,
            failed: 0,
        }
    }

    /// Begins a part of the tour.
    pub(super) fn part(&self, title: &str) -> Result<(), Failure> {
        println!("\n{title}");
        self.interrupt.check()
    }

    /// Shows one fact: what was asked, and what came of it.
    pub(super) fn fact<T: PartialEq + Display>(&mut self, asked: &str, came: &T, expected: &T) {
        self.shown += 1;
        if came == expected {
            println!("  ok    {asked}: {came}");
        } else {
            self.failed += 1;
            println!("  FAIL  {asked}: {came}, expected {expected}");
        }
    }

    /// How many facts were shown.
    pub(super) fn shown(&self) -> u32 {
        self.shown
    }

    /// Whether all were as expected.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        if self.failed == 0 {
            return Ok(());
        }
        Err(Failure::new(
            format!("{} of {} facts are not so", self.failed, self.shown),
            "each FAIL line above is a hole in the isolation, or a change of an answer: find out which before anything else",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use crate::interrupt::Interrupt;

    #[test]
    fn one_fact_that_is_not_so_fails_the_tour() {
        let mut report = Report::new(Interrupt::default());
        report.fact("patients of the other clinic", &0, &0);
        assert!(report.verdict().is_ok());

        report.fact("patients of the other clinic", &1, &0);
        assert!(report.verdict().is_err());
    }
}
