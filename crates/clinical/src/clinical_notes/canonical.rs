//! What a signature is about: one text for one note, whoever writes it.

use serde_json::json;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use wardkeep_tenancy::{OrganizationId, UserId};

use super::entity::{ClinicalNote, ClinicalNoteId};
use crate::patients::PatientId;
use crate::records::instant;
use crate::treatment_sessions::{Parties, TreatmentSessionId};

/// Names these rules. Others get another name, and notes that are signed keep theirs.
const FORMAT: &str = "wardkeep-clinical-note-1";

/// A signed note, and of its session whom it is about.
///
/// The canonical note is a JSON object in the form of RFC 8785 (JCS), in UTF-8, with exactly these members:
///
/// | member | |
/// |---|---|
/// | `addendumTo` | the id of the note that it adds to, or `null` |
/// | `author` | who wrote it: an object of `id` and `name` |
/// | `createdAt` | when it was made |
/// | `format` | `"wardkeep-clinical-note-1"` |
/// | `id` | the note |
/// | `noteType` | what kind of note it is |
/// | `organizationId` | whose note it is |
/// | `patientId` | the patient of the session |
/// | `performerId` | the user who performs the session |
/// | `retracts` | `true` or `false` |
/// | `signedAt` | when it was signed |
/// | `signedBy` | who signed it: an object of `id` and `name` |
/// | `text` | what it says |
/// | `treatmentSessionId` | the session that it is about |
/// | `version` | a number: the version that the note has since it was signed, one more than that of the draft |
///
/// RFC 8785 says how: members in the order above, no blanks between them, and in texts only `"`, `\` and what is below U+0020
/// escaped, as `\b`, `\t`, `\n`, `\f`, `\r`, or `\u` and four digits in lower case. Ids are in lower case with hyphens,
/// instants like `2026-03-02T09:00:00.000Z`, cut to milliseconds. All of it is what the API shows of the note and of its
/// session, so that whoever can read both can write it, and compare its SHA-256 with the stored one.
#[derive(Clone, Copy)]
pub struct CanonicalNote<'a> {
    /// The organization.
    pub organization: OrganizationId,
    /// The note.
    pub id: ClinicalNoteId,
    /// The version that it has since it was signed.
    pub version: i64,
    /// The session that it is about.
    pub treatment_session: TreatmentSessionId,
    /// Whom the session is about.
    pub patient: PatientId,
    /// Who performs the session.
    pub performer: UserId,
    /// Who wrote it, with the display name they had.
    pub author: (UserId, &'a str),
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// What kind of note it is.
    pub note_type: &'a str,
    /// What it says.
    pub text: &'a str,
    /// The note that it adds to.
    pub addendum_to: Option<ClinicalNoteId>,
    /// Whether it marks that note as entered in error.
    pub retracts: bool,
    /// Who signed it, with the display name they had.
    pub signed_by: (UserId, &'a str),
    /// When it was signed.
    pub signed_at: OffsetDateTime,
}

impl<'a> CanonicalNote<'a> {
    /// The one of a row; nothing, if it is not signed.
    pub(super) fn of(row: &'a ClinicalNote, parties: Parties) -> Option<Self> {
        Some(Self {
            organization: row.organization_id,
            id: row.id,
            version: row.version,
            treatment_session: row.treatment_session_id,
            patient: parties.patient,
            performer: parties.performer,
            author: (row.author_id, &row.author_name),
            created_at: row.created_at,
            note_type: &row.note_type,
            text: &row.text,
            addendum_to: row.addendum_to,
            retracts: row.retracts,
            signed_by: (row.signed_by?, row.signed_by_name.as_deref()?),
            signed_at: row.signed_at?,
        })
    }

    /// What is signed: the canonical note.
    ///
    /// serde_json writes texts and whole numbers as RFC 8785 asks for, and members in the order of their names, or as they
    /// stand here, which is the same.
    fn written(&self) -> String {
        let person = |(id, name): (UserId, &str)| json!({ "id": id, "name": name });
        json!({
            "addendumTo": self.addendum_to,
            "author": person(self.author),
            "createdAt": instant(self.created_at),
            "format": FORMAT,
            "id": self.id,
            "noteType": self.note_type,
            "organizationId": self.organization,
            "patientId": self.patient,
            "performerId": self.performer,
            "retracts": self.retracts,
            "signedAt": instant(self.signed_at),
            "signedBy": person(self.signed_by),
            "text": self.text,
            "treatmentSessionId": self.treatment_session,
            "version": self.version,
        })
        .to_string()
    }

    /// The SHA-256 of the canonical note, in lower-case hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> String {
        Sha256::digest(self.written())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;
    use uuid::Uuid;
    use wardkeep_tenancy::Id;

    fn id<T>(last: u128) -> Id<T> {
        Id::from_uuid(Uuid::from_u128(0x0194_D3A0_7C11_7E5B_8A44_0F2E_6B1C_9D00 + last))
    }

    const TEXT: &str = "Knee: \"better\" \\ 37 \u{b0}C\r\n\t\u{8}\u{c}\u{1}\u{1f}\u{7f} caf\u{e9} cafe\u{301} \u{2028} / </b> \u{1f9b5}";

    fn note() -> CanonicalNote<'static> {
        CanonicalNote {
            organization: id(1),
            id: id(2),
            version: 3,
            treatment_session: id(3),
            patient: id(4),
            performer: id(5),
            author: (id(5), "Ada Byron"),
            created_at: datetime!(2026-03-02 10:00:00.123456 +1),
            note_type: "progress",
            text: TEXT,
            addendum_to: None,
            retracts: false,
            signed_by: (id(6), "Zo\u{eb} \u{d6}zt\u{fc}rk"),
            signed_at: datetime!(2026-03-02 09:30 UTC),
        }
    }

    #[test]
    fn the_canonical_note_is_that_of_any_other_tool() {
        // Node.js: JSON.stringify of an object whose members are in order, and crypto's sha256 of it.
        assert_eq!(
            note().sha256(),
            "6a77bfd280ae2474fe967efd96fc0b201294851089d266e8057be179ecc7a2e4"
        );
        let addendum = CanonicalNote {
            addendum_to: Some(id(7)),
            retracts: true,
            ..note()
        };
        assert_eq!(
            addendum.sha256(),
            "8b95c220d8a175dae248df461f698c0ee988979d3038d0d4458c5cfbf713e0f0"
        );
    }

    #[test]
    fn whatever_is_changed_changes_the_hash() {
        let note = note();
        let changed = [
            CanonicalNote {
                organization: id(9),
                ..note
            },
            CanonicalNote { id: id(9), ..note },
            CanonicalNote { version: 4, ..note },
            CanonicalNote {
                treatment_session: id(9),
                ..note
            },
            CanonicalNote {
                patient: id(9),
                ..note
            },
            CanonicalNote {
                performer: id(9),
                ..note
            },
            CanonicalNote {
                author: (id(9), "Ada Byron"),
                ..note
            },
            CanonicalNote {
                author: (id(5), "Ada"),
                ..note
            },
            CanonicalNote {
                created_at: note.created_at + time::Duration::milliseconds(1),
                ..note
            },
            CanonicalNote {
                note_type: "Progress",
                ..note
            },
            CanonicalNote { text: "Knee", ..note },
            CanonicalNote {
                addendum_to: Some(id(9)),
                ..note
            },
            CanonicalNote {
                retracts: true,
                ..note
            },
            CanonicalNote {
                signed_by: (id(9), note.signed_by.1),
                ..note
            },
            CanonicalNote {
                signed_by: (id(6), "Zoe"),
                ..note
            },
            CanonicalNote {
                signed_at: note.signed_at + time::Duration::milliseconds(1),
                ..note
            },
        ];
        let mut hashes: Vec<_> = changed.iter().chain([&note]).map(CanonicalNote::sha256).collect();

        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 17);
    }
}
