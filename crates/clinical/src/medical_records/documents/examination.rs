//! What a content is, found out while it comes.

use sha2::{Digest, Sha256};

use super::PIECE;
use super::media_types::{self, Found};
use crate::medical_records::MedicalRecord;

/// How many bytes from the beginning tell what kind of file it is. The farthest mark that is looked for stands at 36 KiB.
const HEAD: usize = 64 * 1024;

/// What a content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// What kind of file it is, by what is in it.
    pub media_type: String,
    /// How many bytes it has.
    pub size: i64,
    /// Its SHA-256, in 64 hexadecimal digits.
    pub sha256: String,
}

/// Why a content is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It has no bytes.
    #[error("the content is empty")]
    Empty,
    /// It has more bytes than may be.
    #[error("the content has more than {0} bytes")]
    TooLarge(u64),
    /// It is a file of a kind that is not kept.
    #[error(
        "the content is {0}; what is kept are PDF, PNG, JPEG, GIF, WebP, TIFF, HEIC, DICOM, RTF and plain text in UTF-8"
    )]
    Unsupported(String),
    /// It is something else than was said.
    #[error("the content is {found}, and not {claimed}")]
    Mismatch {
        /// What was said.
        claimed: String,
        /// What it is.
        found: &'static str,
    },
}

/// Looks at a content from its first byte to its last, and keeps no more than the first 64 KiB.
pub struct Examination {
    most: u64,
    size: u64,
    hash: Sha256,
    head: Vec<u8>,
    text: Text,
}

impl Examination {
    /// Begins one, of a content with at most so many bytes.
    #[must_use]
    pub fn new(most: u64) -> Self {
        Self {
            most,
            size: 0,
            hash: Sha256::new(),
            head: Vec::new(),
            text: Text::default(),
        }
    }

    /// Looks at the next bytes.
    ///
    /// # Errors
    ///
    /// [`Unfit::TooLarge`] at the first byte too many.
    pub fn take(&mut self, bytes: &[u8]) -> Result<(), Unfit> {
        self.size = self.size.saturating_add(bytes.len() as u64);
        if self.size > self.most {
            return Err(Unfit::TooLarge(self.most));
        }
        self.hash.update(bytes);
        let missing = HEAD - self.head.len();
        self.head.extend(bytes.iter().take(missing));
        self.text.take(bytes);
        Ok(())
    }

    /// How many bytes there were.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What it is, after the last byte. `claimed` is the media type that somebody says it has, without parameters;
    /// `application/octet-stream` says nothing.
    ///
    /// # Errors
    ///
    /// When it is empty, of a kind that is not kept, or of another than was claimed.
    pub fn end(self, claimed: Option<&str>) -> Result<Content, Unfit> {
        if self.size == 0 {
            return Err(Unfit::Empty);
        }
        let found = match media_types::find(&self.head, self.text.is_whole()) {
            Found::Kept(found) => found,
            Found::Other(name) => return Err(Unfit::Unsupported(name)),
        };
        let claimed = claimed.filter(|claimed| !matches!(*claimed, "" | "application/octet-stream"));
        if let Some(claimed) = claimed.filter(|claimed| !claimed.eq_ignore_ascii_case(found)) {
            return Err(Unfit::Mismatch {
                claimed: claimed.to_owned(),
                found,
            });
        }
        let digits = self.hash.finalize();
        Ok(Content {
            media_type: found.to_owned(),
            size: i64::try_from(self.size).unwrap_or(i64::MAX),
            sha256: digits.iter().map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

impl Content {
    pub(super) fn of(record: &MedicalRecord) -> Option<Self> {
        Some(Self {
            media_type: record.media_type.clone()?,
            size: record.size?,
            sha256: record.sha256.clone()?,
        })
    }

    /// The bytes of its SHA-256.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        let digits = self.sha256.as_bytes().chunks(2);
        let digits = digits.filter_map(|pair| str::from_utf8(pair).ok());
        digits
            .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
            .collect()
    }

    fn bytes(&self) -> usize {
        usize::try_from(self.size).unwrap_or_default()
    }

    /// How many pieces it has.
    pub(super) fn pieces(&self) -> i32 {
        i32::try_from(self.bytes().div_ceil(PIECE)).unwrap_or(i32::MAX)
    }

    /// How many bytes a piece of it has.
    pub(super) fn length_of(&self, number: i32) -> usize {
        let before = usize::try_from(number).unwrap_or_default() * PIECE;
        self.bytes().saturating_sub(before).min(PIECE)
    }
}

/// Whether bytes are a text in UTF-8 (RFC 3629) that can be shown: without control characters but those that begin lines and
/// pages and set tabs.
struct Text {
    is_text: bool,
    /// The beginning of a letter whose end is still to come.
    begun: Vec<u8>,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            is_text: true,
            begun: Vec::new(),
        }
    }
}

impl Text {
    fn take(&mut self, bytes: &[u8]) {
        if !self.is_text {
            return;
        }
        let joined;
        let bytes = if self.begun.is_empty() {
            bytes
        } else {
            joined = [self.begun.as_slice(), bytes].concat();
            joined.as_slice()
        };
        let (whole, rest) = match str::from_utf8(bytes) {
            Ok(_) => (bytes, &[][..]),
            Err(error) if error.error_len().is_none() => bytes.split_at(error.valid_up_to()),
            Err(_) => {
                self.is_text = false;
                return;
            }
        };
        let letters = str::from_utf8(whole).unwrap_or_default();
        self.is_text = !letters
            .contains(|letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t' | '\u{c}'));
        self.begun = rest.to_vec();
    }

    fn is_whole(&self) -> bool {
        self.is_text && self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn examined(pieces: &[&[u8]], claimed: Option<&str>) -> Result<Content, Unfit> {
        let mut examination = Examination::new(1 << 20);
        for piece in pieces {
            examination.take(piece)?;
        }
        examination.end(claimed)
    }

    fn kind(bytes: &[u8]) -> Result<String, Unfit> {
        examined(&[bytes], None).map(|content| content.media_type)
    }

    fn dicom() -> Vec<u8> {
        [&[0; 128][..], b"DICM", &[2, 0, 0, 0]].concat()
    }

    #[test]
    fn a_content_is_what_is_in_it() {
        for (bytes, media_type) in [
            (&b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"[..], "application/pdf"),
            (b"%PDF-1.4\nplain to the end", "application/pdf"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
            (b"II*\0\x08\0\0\0", "image/tiff"),
            (b"MM\0*\0\0\0\x08", "image/tiff"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", "image/heif"),
            (&dicom(), "application/dicom"),
            (b"{\\rtf1\\ansi letter}", "application/rtf"),
            ("Befund: Kniegelenk, 37 °C\r\n\tgut\u{c}".as_bytes(), "text/plain"),
            ("\u{feff}mit Marke".as_bytes(), "text/plain"),
            // Each begins as a file of another kind does.
            (b"BMI 25, weight 80 kg", "text/plain"),
            (b"MZ is the patient's initials", "text/plain"),
            (b"true positive", "text/plain"),
            (b"solid lump in the left breast", "text/plain"),
            (b"<5 mg/dL", "text/plain"),
        ] {
            assert_eq!(kind(bytes), Ok(media_type.to_owned()), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_run_or_rendered_or_unknown_is_not_kept() {
        for bytes in [
            &b"<!DOCTYPE html><script>"[..],
            b" \n<html>",
            b"\xef\xbb\xbf<HTML>",
            b"<script>alert(1)</script>",
            b"<!-- x --><svg onload=alert(1)>",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<?xml version='1.0'?><x/>",
            b"<?php system('id');",
            b"</p>",
            b"#!/bin/sh\nrm -rf /",
            b"#! /opt/odd/interpreter",
            b"%!PS-Adobe-3.0\n",
            b"BEGIN:VCARD\nVERSION:4.0\n",
            b"MZ\x90\0\x03\0\0\0",
            b"\x7fELF\x02\x01\x01\0",
            b"PK\x03\x04\x14\0\0\0",
            b"\x1f\x8b\x08\0\0\0\0\0",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"SQLite format 3\0",
            b"\0\0\0\x18ftypmp42\0\0\0\0",
            b"text with a NUL\0",
            b"text with an escape \x1b[31m",
            b"caf\xe9 in Latin-1",
            b"half a letter \xc3",
            b"\xff\xfet\0e\0x\0t\0",
            b"\x89PN",
            b"%PD\xff",
            b"\0",
        ] {
            assert!(
                matches!(kind(bytes), Err(Unfit::Unsupported(_))),
                "{}",
                bytes.escape_ascii()
            );
        }
    }

    #[test]
    fn what_is_not_kept_is_named() {
        let Err(unfit) = kind(b"PK\x03\x04\x14\0\0\0") else {
            panic!("an archive was kept");
        };
        assert_eq!(
            unfit.to_string(),
            "the content is ZIP (application/zip); what is kept are PDF, PNG, JPEG, GIF, WebP, TIFF, HEIC, DICOM, RTF and \
             plain text in UTF-8"
        );
    }

    #[test]
    fn an_empty_content_is_none_and_one_byte_too_many_is_too_many() {
        assert_eq!(examined(&[b"", b""], None), Err(Unfit::Empty));
        let mut examination = Examination::new(4);
        assert_eq!(examination.take(b"four"), Ok(()));
        assert_eq!(examination.take(b"5"), Err(Unfit::TooLarge(4)));
    }

    #[test]
    fn a_claim_must_be_true() {
        for claimed in [
            None,
            Some(""),
            Some("application/octet-stream"),
            Some("TEXT/plain"),
        ] {
            assert!(examined(&[b"a letter"], claimed).is_ok(), "{claimed:?}");
        }
        assert_eq!(
            examined(&[b"a letter"], Some("application/pdf")),
            Err(Unfit::Mismatch {
                claimed: "application/pdf".to_owned(),
                found: "text/plain",
            })
        );
    }

    #[test]
    fn a_content_has_as_many_pieces_as_it_needs() {
        let content = |size: usize| Content {
            media_type: String::new(),
            size: i64::try_from(size).unwrap(),
            sha256: "00ff".to_owned(),
        };

        assert_eq!(content(1).pieces(), 1);
        assert_eq!(content(PIECE).pieces(), 1);
        assert_eq!(content(PIECE + 1).pieces(), 2);
        assert_eq!(
            (content(PIECE + 1).length_of(0), content(PIECE + 1).length_of(1)),
            (PIECE, 1)
        );
        assert_eq!(content(PIECE).length_of(1), 0);
        assert_eq!(content(1).digest(), [0, 255]);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_content_is_cut(text in "\\PC{1,40}", cuts in prop::collection::vec(0_usize..160, 0..6)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let mut examination = Examination::new(1 << 20);
            let mut begin = 0;
            for cut in cuts {
                examination.take(&bytes[begin..cut]).unwrap();
                begin = cut;
            }
            prop_assert_eq!(examination.end(None), examined(&[bytes], None));
        }
    }
}
