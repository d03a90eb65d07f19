//! Where a page ended: the sort key of its last row, and what was being listed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;
use sha2::{Digest, Sha256};
use wardkeep_tenancy::OrganizationId;

use super::entity::{Patient, PatientId};

/// Longer than any cursor made here: two names of 100 characters, escaped, an id and a fingerprint.
const LONGEST: usize = 4096;

/// The sort key of the last row of a page. The next page holds what comes after it, whether or not the row is still there.
#[derive(Debug, PartialEq)]
pub(super) struct Position {
    pub(super) last_name: String,
    pub(super) first_name: String,
    pub(super) id: PatientId,
}

impl Position {
    pub(super) fn of(patient: &Patient) -> Self {
        Self {
            last_name: patient.last_name.clone(),
            first_name: patient.first_name.clone(),
            id: patient.id,
        }
    }
}

/// What a cursor was made for. It works nowhere else: in another organization or another search its position would mean nothing.
pub(super) struct Listed<'a> {
    pub(super) organization: OrganizationId,
    pub(super) prefixes: &'a [String],
}

impl Listed<'_> {
    /// Writes the position as text that is safe in a URL.
    pub(super) fn write(&self, position: &Position) -> String {
        let Position {
            last_name,
            first_name,
            id,
        } = position;
        let text = json!([self.fingerprint(), last_name, first_name, id.to_string()]).to_string();
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads what [`Listed::write`] wrote for the same listing; nothing if it is anything else.
    pub(super) fn read(&self, cursor: &str) -> Option<Position> {
        if cursor.len() > LONGEST {
            return None;
        }
        let text = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (fingerprint, last_name, first_name, id): (String, String, String, PatientId) =
            serde_json::from_slice(&text).ok()?;
        // A text with a NUL never came from here, and PostgreSQL answers it with an error.
        let sound =
            fingerprint == self.fingerprint() && !last_name.contains('\0') && !first_name.contains('\0');
        sound.then_some(Position {
            last_name,
            first_name,
            id,
        })
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.organization.as_uuid().as_bytes());
        for prefix in self.prefixes {
            // Words hold letters and digits only, so a space parts them without doubt.
            hash.update(" ");
            hash.update(prefix);
        }
        BASE64_URL_SAFE_NO_PAD.encode(hash.finalize().get(..9).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn listed(organization: u128, prefixes: &[String]) -> Listed<'_> {
        Listed {
            organization: OrganizationId::from_uuid(Uuid::from_u128(organization)),
            prefixes,
        }
    }

    fn position(last_name: &str, first_name: &str) -> Position {
        let id = PatientId::from_uuid(Uuid::from_u128(7));
        Position {
            last_name: last_name.to_owned(),
            first_name: first_name.to_owned(),
            id,
        }
    }

    #[test]
    fn a_cursor_of_another_organization_or_search_is_refused() {
        let ana = ["ana".to_owned()];
        let cursor = listed(1, &ana).write(&position("Brandt", "Ana"));

        assert_eq!(listed(1, &ana).read(&cursor), Some(position("Brandt", "Ana")));
        assert_eq!(listed(2, &ana).read(&cursor), None);
        assert_eq!(listed(1, &[]).read(&cursor), None);
        assert_eq!(listed(1, &["an".to_owned(), "a".to_owned()]).read(&cursor), None);
    }

    #[test]
    fn a_name_that_holds_a_nul_is_no_position() {
        let cursor = listed(1, &[]).write(&position("Bra\0ndt", "Ana"));

        assert_eq!(listed(1, &[]).read(&cursor), None);
    }

    #[test]
    fn the_longest_names_fit() {
        let cursor = listed(1, &[]).write(&position(&"\u{1d400}".repeat(100), &"\"".repeat(100)));

        assert!(listed(1, &[]).read(&cursor).is_some());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(cursor in "\\PC{0,60}") {
            prop_assert_eq!(listed(1, &[]).read(&cursor), None);
        }

        #[test]
        fn what_was_written_is_read(last_name in "\\PC{1,100}", first_name in "\\PC{1,100}") {
            let written = position(&last_name, &first_name);
            let cursor = listed(1, &[]).write(&written);
            prop_assert_eq!(listed(1, &[]).read(&cursor), Some(written));
        }
    }
}
