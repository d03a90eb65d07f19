//! Which kinds of file are kept, and how they are told from others: by what is in them, whatever anybody says.

use file_format::FileFormat;

/// What a content turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One of the kinds that are kept, by its media type.
    Kept(&'static str),
    /// Something else, as a person says it.
    Other(String),
}

const TEXT: &str = "text/plain";

/// The kinds that are kept, and how their files end, the usual ending first. None of them is run or rendered as a page. Office
/// documents are not among them: what is in the archive that they are, programs included, cannot be told from its beginning.
const KEPT: [(FileFormat, &str, &[&str]); 12] = [
    (FileFormat::PortableDocumentFormat, "application/pdf", &["pdf"]),
    (FileFormat::PortableNetworkGraphics, "image/png", &["png"]),
    (FileFormat::AnimatedPortableNetworkGraphics, "image/png", &["png"]),
    (
        FileFormat::JointPhotographicExpertsGroup,
        "image/jpeg",
        &["jpg", "jpeg"],
    ),
    (FileFormat::GraphicsInterchangeFormat, "image/gif", &["gif"]),
    (FileFormat::Webp, "image/webp", &["webp"]),
    (FileFormat::TagImageFileFormat, "image/tiff", &["tiff", "tif"]),
    (FileFormat::HighEfficiencyImageCoding, "image/heic", &["heic"]),
    (
        FileFormat::HighEfficiencyImageFileFormat,
        "image/heif",
        &["heif", "hif", "heic"],
    ),
    (
        FileFormat::DigitalImagingAndCommunicationsInMedicine,
        "application/dicom",
        &["dcm"],
    ),
    (FileFormat::RichTextFormat, "application/rtf", &["rtf"]),
    (FileFormat::PlainText, TEXT, &["txt", "csv", "md", "log"]),
];

/// What this is the beginning of. `is_text` says whether all of it, to the end, is a text.
pub(super) fn find(head: &[u8], is_text: bool) -> Found {
    let format = FileFormat::from_bytes(head);
    if let Some((_, media_type, _)) = KEPT.iter().find(|(kept, ..)| *kept == format) {
        return Found::Kept(media_type);
    }
    if is_text && !is_program(format) {
        return match markup(head) {
            Some(name) => Found::Other(name.to_owned()),
            None => Found::Kept(TEXT),
        };
    }
    Found::Other(match format {
        FileFormat::ArbitraryBinaryData => "of an unknown kind".to_owned(),
        format => format!(
            "{} ({})",
            format.short_name().unwrap_or(format.name()),
            format.media_type()
        ),
    })
}

/// The endings of the files of a media type, the usual one first.
pub(super) fn endings(media_type: &str) -> &'static [&'static str] {
    let kept = KEPT.iter().find(|(_, kept, _)| *kept == media_type);
    kept.map_or(&[], |(_, _, endings)| endings)
}

/// Whether a text of this format says to a program what to do. Of other formats a text has the first letters by chance: `BM`
/// begins a bitmap, and BMI.
fn is_program(format: FileFormat) -> bool {
    format.media_type().starts_with("text/")
        || matches!(
            format,
            FileFormat::Postscript | FileFormat::EncapsulatedPostscript
        )
}

/// What a text is that begins with a tag (`<5 mg` does not), or names what runs it.
fn markup(head: &[u8]) -> Option<&'static str> {
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    match text {
        [b'<', second, ..] if second.is_ascii_alphabetic() || matches!(second, b'!' | b'?' | b'/') => {
            Some("markup, such as HTML or XML")
        }
        [b'#', b'!', ..] => Some("a script"),
        _ => None,
    }
}
