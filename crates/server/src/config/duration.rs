//! Times as people write them.

use std::time::Duration;

use super::Problem;

/// Reads `500ms`, `30s` or `2m`, more than nothing and at most an hour.
pub(super) fn parse(setting: &'static str, text: &str) -> Result<Duration, Problem> {
    let text = text.trim();
    let digits = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let milliseconds = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    let number = number.parse::<u64>().ok();
    let total = number
        .zip(milliseconds)
        .and_then(|(number, unit)| number.checked_mul(unit));
    match total {
        Some(total @ 1..=3_600_000) => Ok(Duration::from_millis(total)),
        _ => Err(Problem::new(
            setting,
            format!("`{text}` is no time up to an hour; write 500ms, 30s or 2m"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse;

    #[test]
    fn times_are_read_with_their_unit() {
        for (text, milliseconds) in [("500ms", 500), ("30s", 30_000), ("2m", 120_000), (" 1s ", 1_000)] {
            assert_eq!(
                parse("TIME", text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "s",
            "30",
            "-1s",
            "0s",
            "1.5s",
            "2h",
            "61m",
            "99999999999999999999s",
            "30 s",
        ] {
            assert!(parse("TIME", text).is_err(), "{text}");
        }
    }
}
