//! The steps of the recordings in which we are deliberately not like Better Auth: one list, and what a run makes of it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::failure::{Failure, OrFail};

/// The list, from the root of the checkout.
pub(crate) const LIST: &str = "docs/conformance-differences.json";

/// A step whose answer differs from the recording, and shall.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    pub(crate) scenario: String,
    pub(crate) step: String,
    /// The heading of docs/compatibility.md that gives the reason.
    pub(crate) number: u32,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} / {}", self.scenario, self.step)
    }
}

/// Reads the list; a step stands in it once.
pub(crate) fn parse(text: &str) -> Result<Vec<Difference>, String> {
    let list: Vec<Difference> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut seen = BTreeSet::new();
    let twice = list
        .iter()
        .find(|entry| !seen.insert((&entry.scenario, &entry.step)));
    match twice {
        Some(entry) => Err(format!("{entry} stands there twice")),
        None => Ok(list),
    }
}

/// Reads the list of this checkout.
pub(super) fn read(root: &Path) -> Result<Vec<Difference>, Failure> {
    let text = fs::read_to_string(root.join(LIST)).or_fail(
        &format!("could not read {LIST}"),
        "put it back: without differences it holds []",
    )?;
    parse(&text).map_err(|why| Failure::new(format!("{LIST} makes no sense: {why}"), "mend it"))
}

/// The part of the harness's report (`--json FILE`) that is read here.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    scenarios: Vec<Scenario>,
}

#[derive(Debug, Deserialize)]
struct Scenario {
    scenario: String,
    /// Not there when the scenario was skipped.
    steps: Option<Vec<Step>>,
}

#[derive(Debug, Deserialize)]
struct Step {
    step: String,
    ok: bool,
    /// Path, expected, got. The path `step` says that there was no answer to compare, or no recording.
    diffs: Vec<(String, Value, Value)>,
}

impl Step {
    fn differs(&self) -> bool {
        !self.ok && self.diffs.iter().all(|(path, ..)| path != "step")
    }
}

impl Report {
    /// Reads what the harness has written.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let (what, next) = (
            format!("could not read the report {}", path.display()),
            "the harness writes it at its end; its own output is above",
        );
        let text = fs::read_to_string(path).or_fail(&what, next)?;
        serde_json::from_str(&text).or_fail(&what, next)
    }
}

/// What a run has shown about the list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// How many steps differ as they shall.
    pub(super) expected: u64,
    /// Each entry that is not true, and why.
    pub(super) wrong: Vec<String>,
}

/// Holds the list against a report. An entry for a scenario that was not run says nothing, unless `all` were.
pub(super) fn compare(list: &[Difference], report: &Report, all: bool) -> Outcome {
    let mut outcome = Outcome::default();
    for entry in list {
        let mut scenarios = report.scenarios.iter();
        let Some(run) = scenarios.find(|run| run.scenario == entry.scenario) else {
            if all {
                outcome.wrong.push(format!("{entry}: there is no such scenario"));
            }
            continue;
        };
        let Some(steps) = &run.steps else { continue };
        match steps.iter().find(|step| step.step == entry.step) {
            None => outcome.wrong.push(format!("{entry}: there is no such step")),
            Some(step) if step.ok => outcome
                .wrong
                .push(format!("{entry}: passes, so it is no difference")),
            Some(step) if !step.differs() => outcome.wrong.push(format!("{entry}: was not compared")),
            Some(_) => outcome.expected += 1,
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Difference, Outcome, Report, compare, parse};

    fn entry(scenario: &str, step: &str) -> Difference {
        Difference {
            scenario: scenario.to_owned(),
            step: step.to_owned(),
            number: 2,
        }
    }

    fn report() -> Report {
        let steps = json!([
            { "step": "sign up", "ok": true, "diffs": [] },
            { "step": "sign in", "ok": false, "diffs": [["body.token", "<token:1>", null]] },
            { "step": "sign out", "ok": false, "diffs": [["step", "reached", "stopped before it: no answer"]] },
            { "step": "message", "ok": true, "diffs": [], "soft": ["a", "b"] },
        ]);
        let skipped = json!({ "scenario": "18-cookie-format", "skipped": true, "needs": ["secret"] });
        let run = json!({ "scenario": "01-email-password", "ms": 5, "steps": steps });
        serde_json::from_value(json!({ "mode": "check", "scenarios": [run, skipped] })).unwrap()
    }

    fn wrong(entry: Difference, all: bool) -> Option<String> {
        let outcome = compare(&[entry], &report(), all);
        assert_eq!(outcome.expected, 0);
        outcome.wrong.into_iter().next()
    }

    #[test]
    fn a_listed_step_that_differs_is_expected() {
        let outcome = compare(&[entry("01-email-password", "sign in")], &report(), true);

        assert_eq!(
            outcome,
            Outcome {
                expected: 1,
                wrong: Vec::new()
            }
        );
    }

    #[test]
    fn a_listed_step_that_passes_is_wrong_also_when_its_message_differs() {
        for step in ["sign up", "message"] {
            let wrong = wrong(entry("01-email-password", step), false).unwrap();
            assert!(wrong.contains("passes"), "{wrong}");
        }
    }

    #[test]
    fn a_listed_step_that_was_not_reached_is_wrong() {
        let wrong = wrong(entry("01-email-password", "sign out"), false).unwrap();

        assert!(wrong.contains("not compared"), "{wrong}");
    }

    #[test]
    fn an_unknown_step_is_wrong_and_an_unknown_scenario_when_all_were_run() {
        assert!(wrong(entry("01-email-password", "fly"), false).is_some());
        assert!(wrong(entry("99-flight", "fly"), true).is_some());
        assert_eq!(wrong(entry("99-flight", "fly"), false), None);
        assert_eq!(wrong(entry("18-cookie-format", "fly"), true), None);
    }

    #[test]
    fn a_step_stands_in_the_list_once_and_with_its_number() {
        let one = r#"{"scenario":"01-email-password","step":"sign in","number":2}"#;

        assert_eq!(parse("[]"), Ok(Vec::new()));
        assert_eq!(
            parse(&format!("[{one}]")),
            Ok(vec![entry("01-email-password", "sign in")])
        );
        assert!(parse(&format!("[{one},{one}]")).is_err());
        assert!(parse(r#"[{"scenario":"01-email-password","step":"sign in"}]"#).is_err());
        assert!(parse("").is_err());
    }
}
