//! How large a document may be.

use super::Problem;

const SETTING: &str = "DOCUMENT_MAX_BYTES";
/// A page of text always fits, and what PostgreSQL keeps in one transaction is bounded.
const BYTES: std::ops::RangeInclusive<u64> = 1024..=1 << 30;

pub(super) fn limit(text: &str) -> Result<u64, Problem> {
    let bytes = text.trim().parse().ok().filter(|bytes| BYTES.contains(bytes));
    bytes.ok_or_else(|| {
        let message =
            format!("`{text}` is no number of bytes from 1024 to 1073741824; write 20971520 for 20 MiB");
        Problem::new(SETTING, message)
    })
}

#[cfg(test)]
mod tests {
    use super::limit;

    #[test]
    fn a_document_has_from_a_kibibyte_to_a_gibibyte() {
        for (text, bytes) in [("1024", 1024), (" 20971520 ", 20 << 20), ("1073741824", 1 << 30)] {
            assert_eq!(limit(text), Ok(bytes));
        }
        for text in [
            "",
            "0",
            "1023",
            "1073741825",
            "20M",
            "-1024",
            "1e6",
            "99999999999999999999",
        ] {
            assert_eq!(
                limit(text).unwrap_err().to_string(),
                format!(
                    "DOCUMENT_MAX_BYTES: `{text}` is no number of bytes from 1024 to 1073741824; write 20971520 for 20 MiB"
                )
            );
        }
    }
}
