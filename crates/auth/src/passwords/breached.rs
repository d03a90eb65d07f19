//! The commonest passwords of published breaches, which attackers try first (NIST SP 800-63B, section 3.1.1.2).

use std::cmp::Ordering;

/// One a line in the order of the bytes, each in the form of [`super::Password::comparable`]. `breached.md` says where
/// they come from.
static LIST: &str = include_str!("breached.txt");

/// Whether the list holds this password, which must be in the form of the list. It is searched where it lies in the
/// program: no memory, and some 15 lines are compared.
pub(super) fn contains(password: &str) -> bool {
    let mut rest = LIST.as_bytes();
    while !rest.is_empty() {
        let middle = rest.len() / 2;
        let (before, after) = rest.split_at(middle);
        let start = before.iter().rposition(is_line_feed).map_or(0, |at| at + 1);
        let end = after
            .iter()
            .position(is_line_feed)
            .map_or(rest.len(), |at| middle + at);
        let line = rest.get(start..end).unwrap_or_default();
        rest = match line.cmp(password.as_bytes()) {
            Ordering::Equal => return true,
            Ordering::Greater => rest.get(..start).unwrap_or_default(),
            Ordering::Less => rest.get(end + 1..).unwrap_or_default(),
        };
    }
    false
}

fn is_line_feed(byte: &u8) -> bool {
    *byte == b'\n'
}

#[cfg(test)]
mod tests {
    use super::{LIST, contains};
    use crate::passwords::Password;

    #[test]
    fn the_list_is_sorted_by_bytes_without_duplicates() {
        let lines: Vec<_> = LIST.lines().collect();

        assert!(lines.len() > 20_000, "{}", lines.len());
        assert!(LIST.ends_with('\n') && !LIST.contains('\r'));
        for pair in lines.windows(2) {
            assert!(pair[0].as_bytes() < pair[1].as_bytes(), "{pair:?}");
        }
    }

    #[test]
    fn every_line_is_in_the_form_that_is_compared() {
        for line in LIST.lines() {
            assert_eq!(Password::new(line).comparable(), line);
        }
    }

    #[test]
    fn no_line_is_refused_for_its_length_anyway() {
        for line in LIST.lines() {
            assert_eq!(Password::new(line).check_new_length(), Ok(()), "{line}");
        }
    }

    #[test]
    fn every_line_is_found_and_nothing_between_the_lines() {
        for line in LIST.lines() {
            assert!(contains(line), "{line}");
            for near in [
                format!("{line}\0"),
                format!("{line}\n"),
                format!("{line}\u{10ffff}"),
            ] {
                assert!(!contains(&near), "{near:?}");
            }
        }
        for other in ["", "\n", "\0", "\u{10ffff}", "correct horse battery", "passwor"] {
            assert!(!contains(other), "{other:?}");
        }
        let two = LIST.lines().take(2).collect::<Vec<_>>().join("\n");
        assert!(!contains(&two), "{two:?}");
    }
}
