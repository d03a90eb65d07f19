//! What the file of a document is called when it is downloaded.

use super::media_types::endings;

/// The name that was given, or `document`, with an ending of its media type: whatever `run.bat` may be, it is opened as the
/// text that it is when it is called `run.bat.txt`.
pub(super) fn of_file(given: Option<&str>, media_type: &str) -> String {
    let name = given.unwrap_or("document");
    let endings = endings(media_type);
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match endings.first() {
        Some(usual) if !ending.is_some_and(|ending| endings.contains(&ending.as_str())) => {
            format!("{name}.{usual}")
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_ends_as_its_kind_does() {
        for (given, media_type, name) in [
            (Some("letter.pdf"), "application/pdf", "letter.pdf"),
            (Some("LETTER.PDF"), "application/pdf", "LETTER.PDF"),
            (Some("knee.jpeg"), "image/jpeg", "knee.jpeg"),
            (Some("run.bat"), "text/plain", "run.bat.txt"),
            (Some("letter"), "application/pdf", "letter.pdf"),
            (Some(".pdf"), "image/png", ".pdf.png"),
            (Some("a."), "image/png", "a..png"),
            (None, "application/dicom", "document.dcm"),
        ] {
            assert_eq!(of_file(given, media_type), name, "{given:?}");
        }
    }
}
