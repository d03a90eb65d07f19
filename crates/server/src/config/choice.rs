//! One of two words.

use super::Problem;

/// Reads `true` or `false`.
pub(super) fn boolean(setting: &'static str, text: &str) -> Result<bool, Problem> {
    either(setting, text, [("true", true), ("false", false)])
}

/// Reads one of two words as what it stands for.
pub(super) fn either<T>(setting: &'static str, text: &str, words: [(&str, T); 2]) -> Result<T, Problem> {
    let text = text.trim();
    let [(first, one), (second, other)] = words;
    if text == first {
        Ok(one)
    } else if text == second {
        Ok(other)
    } else {
        let message = format!("`{text}` is neither {first} nor {second}");
        Err(Problem::new(setting, message))
    }
}

#[cfg(test)]
mod tests {
    use super::boolean;

    #[test]
    fn true_and_false_are_read() {
        assert_eq!(boolean("SWITCH", "true"), Ok(true));
        assert_eq!(boolean("SWITCH", " false "), Ok(false));
    }

    #[test]
    fn every_other_word_is_refused_with_the_two() {
        for text in ["", "yes", "1", "True", "on"] {
            assert_eq!(
                boolean("SWITCH", text).unwrap_err().to_string(),
                format!("SWITCH: `{text}` is neither true nor false")
            );
        }
    }
}
