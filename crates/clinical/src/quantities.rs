//! What was measured: a number and its unit (FHIR R4 Quantity).

use std::fmt;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::coding::Code;
use crate::fields::Refusals;

/// The most digits on either side of the point.
const DIGITS: (usize, usize) = (18, 9);
/// The longest unit, in characters.
const UNIT: usize = 64;

/// How clinics write units that UCUM writes otherwise. What only looks alike is not suggested: it may be a million times as
/// much.
const USUAL: [(&str, &str); 22] = [
    ("µg", "ug"),
    ("μg", "ug"),
    ("mcg", "ug"),
    ("µl", "uL"),
    ("μl", "uL"),
    ("µmol/l", "umol/L"),
    ("μmol/l", "umol/L"),
    ("µg/l", "ug/L"),
    ("μg/l", "ug/L"),
    ("mmHg", "mm[Hg]"),
    ("°C", "Cel"),
    ("°F", "[degF]"),
    ("°", "deg"),
    ("bpm", "/min"),
    ("lb", "[lb_av]"),
    ("lbs", "[lb_av]"),
    ("inch", "[in_i]"),
    ("IU", "[iU]"),
    ("IE", "[iU]"),
    ("kgs", "kg"),
    ("sec", "s"),
    ("hrs", "h"),
];

/// What was measured, and how much of it.
///
/// Its `Debug` output has nothing of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// What was measured.
    pub code: Code,
    /// How much: a decimal as it was written, so that its precision stays (FHIR R4, type decimal).
    pub value: String,
    /// A unit of UCUM: `mg/dL`, `1` for none.
    pub unit: String,
}

/// All that was measured in a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Measures(pub Vec<Measure>);

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measure").finish_non_exhaustive()
    }
}

impl Measure {
    pub(crate) fn checked(self, field: &str, refusals: &mut Refusals) -> Self {
        Self {
            code: self.code.checked(&format!("{field}.code"), refusals),
            value: decimal(refusals, format!("{field}.value"), &self.value),
            unit: unit(refusals, format!("{field}.unit"), &self.unit),
        }
    }
}

/// A decimal with at most 18 digits in front of the point and 9 behind it: `-0.50`.
pub(crate) fn decimal(refusals: &mut Refusals, field: String, text: &str) -> String {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let are_digits =
        |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let sound = are_digits(whole, DIGITS.0)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(|fraction| are_digits(fraction, DIGITS.1));
    refusals.unless(
        sound,
        field,
        "must be a decimal number in quotes, such as \"5.40\", with at most 18 digits before the point and 9 after it",
    );
    text.to_owned()
}

/// A unit that there is (Unified Code for Units of Measure, case sensitive).
pub(crate) fn unit(refusals: &mut Refusals, field: String, text: &str) -> String {
    let text = refusals.text(field.clone(), text, UNIT);
    if text.chars().count() > UNIT {
        return text;
    }
    if octofhir_ucum::validate(&text).is_err() {
        let usual = USUAL.iter().find(|(usual, _)| usual.eq_ignore_ascii_case(&text));
        let problem = match usual {
            Some((_, unit)) => format!("must be a unit of UCUM, which writes this {unit}"),
            None => "must be a unit of UCUM, such as mg/dL, {tablet}, or 1 for none".to_owned(),
        };
        refusals.unless(false, field, problem);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::problems;

    #[test]
    fn a_decimal_is_kept_as_it_was_written() {
        let mut refusals = Refusals::default();
        for text in ["0", "5", "-0.50", "120", "999999999999999999.123456789"] {
            assert_eq!(decimal(&mut refusals, "value".to_owned(), text), text);
        }
        assert!(refusals.none().is_ok());
        for text in [
            "",
            "-",
            ".5",
            "5.",
            "05",
            "1e3",
            "+1",
            "1,5",
            "NaN",
            "0x1",
            "٣",
            "1.2.3",
            "--1",
            "1000000000000000000",
            "0.1234567890",
        ] {
            let told = problems(|refusals| _ = decimal(refusals, "value".to_owned(), text));
            assert_eq!(told.len(), 1, "{text}");
        }
    }

    #[test]
    fn what_is_suggested_is_a_unit_and_what_it_is_suggested_for_is_none() {
        for (usual, unit) in USUAL {
            assert!(octofhir_ucum::validate(usual).is_err(), "{usual}");
            assert!(octofhir_ucum::validate(unit).is_ok(), "{unit}");
        }
    }

    #[test]
    fn a_unit_is_one_of_ucum() {
        let told = |text: &str| problems(|refusals| _ = unit(refusals, "unit".to_owned(), text));

        for text in [
            "mg/dL", "mm[Hg]", "deg", "%", "1", "{score}", "10*3/uL", "/min", "Cel", "[IU]/L",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
        let accented = "é".repeat(33);
        for text in [
            "furlongs",
            "mg//dL",
            "µg",
            "mmHg",
            "{open",
            "m999999999",
            accented.as_str(),
        ] {
            assert!(told(text)[0].starts_with("unit must be a unit of UCUM"), "{text}");
        }
        assert_eq!(
            told("MMHG"),
            ["unit must be a unit of UCUM, which writes this mm[Hg]"]
        );
        assert_eq!(told(""), ["unit must not be empty"]);
        assert_eq!(
            told(&"m.".repeat(40)),
            ["unit must be at most 64 characters long"]
        );
    }
}
