//! Whole numbers as people write them.

use std::num::IntErrorKind;

use super::Problem;

/// Reads a whole number from 1 to `most`, where `u32::MAX` is no bound to speak of. `advice` says what to write.
pub(super) fn parse(setting: &'static str, text: &str, most: u32, advice: &str) -> Result<u32, Problem> {
    let text = text.trim();
    let number = text.parse::<u32>();
    if let Ok(number) = number
        && (1..=most).contains(&number)
    {
        return Ok(number);
    }
    let too_large = number.is_err_and(|error| *error.kind() == IntErrorKind::PosOverflow);
    let what = match most {
        u32::MAX if too_large => format!("is more than {most}"),
        u32::MAX => "is no whole number of 1 or more".to_owned(),
        _ => format!("is no whole number from 1 to {most}"),
    };
    Err(Problem::new(setting, format!("`{text}` {what}; {advice}")))
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn refused(text: &str, most: u32) -> String {
        parse("LIMIT", text, most, "write 7").unwrap_err().to_string()
    }

    #[test]
    fn whole_numbers_from_one_are_read() {
        for (text, number) in [("1", 1), (" 16 ", 16), ("1000", 1000)] {
            assert_eq!(parse("LIMIT", text, 1000, ""), Ok(number), "{text}");
        }
        assert_eq!(parse("LIMIT", "4294967295", u32::MAX, ""), Ok(u32::MAX));
    }

    #[test]
    fn what_is_no_number_is_refused_with_what_to_write() {
        for text in ["", "many", "0", "-1", "1.5", "1e3", "1_000", "10k"] {
            assert_eq!(
                refused(text, u32::MAX),
                format!("LIMIT: `{text}` is no whole number of 1 or more; write 7")
            );
            assert_eq!(
                refused(text, 1000),
                format!("LIMIT: `{text}` is no whole number from 1 to 1000; write 7")
            );
        }
    }

    #[test]
    fn a_number_that_is_too_large_is_refused_for_that() {
        assert_eq!(
            refused("4294967296", u32::MAX),
            "LIMIT: `4294967296` is more than 4294967295; write 7"
        );
        for text in ["1001", "4294967296"] {
            assert_eq!(
                refused(text, 1000),
                format!("LIMIT: `{text}` is no whole number from 1 to 1000; write 7")
            );
        }
    }
}
