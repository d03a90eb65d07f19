//! What the file of a document is called.

use crate::fields::Refusals;

const LONGEST: usize = 255;

/// A name of 1 to 255 characters that is shown as it is: without a path, and without letters that turn the direction of the
/// others round, so that `fdp.exe` could look like `exe.pdf` (Unicode Technical Report 36, section 2.5).
pub(super) fn checked(refusals: &mut Refusals, name: &str) -> String {
    let name = refusals.text("file_name", name, LONGEST);
    refusals.unless(
        !name.contains(['/', '\\']) && !matches!(name.as_str(), "." | ".."),
        "file_name",
        "must be the name of a file, without a path",
    );
    refusals.unless(
        !name.contains(is_hidden),
        "file_name",
        "must not contain letters that are not seen or that change the direction of writing",
    );
    name
}

/// The letters that separate lines, or that change or isolate a direction (Unicode, properties Line_Break and
/// Bidi_Control). Joiners stay: some languages need them.
fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::problems;

    #[test]
    fn a_file_name_is_one_that_is_shown_as_it_is() {
        let told = |name: &str| problems(|refusals| _ = checked(refusals, name));

        for name in [
            "letter.pdf",
            "Röntgen \"links\".jpg",
            ".hidden",
            "a..b",
            "报告;x=y.pdf",
            &"ü".repeat(255),
        ] {
            assert_eq!(told(name), [""; 0], "{name}");
        }
        for name in [
            "",
            " ",
            ".",
            "..",
            "a/b.pdf",
            "..\\b.pdf",
            "a\nb",
            "a\0b",
            "\u{202e}fdp.exe",
            "a\u{2066}b",
            "a\u{2028}b",
            "a\u{feff}b",
            &"ü".repeat(256),
        ] {
            assert_eq!(told(name).len(), 1, "{name:?}");
        }
    }
}
