//! What is said of a note: its fields and their limits.

use crate::fields::Refusals;
use crate::records::RecordError;
use crate::treatment_sessions::TreatmentSessionId;

const NOTE_TYPE: usize = 100;
const TEXT: usize = 20_000;

/// A note to write.
#[derive(Clone)]
pub struct NewNote {
    /// The session that it is about.
    pub treatment_session: TreatmentSessionId,
    /// What kind of note it is, 1 to 100 characters.
    pub note_type: String,
    /// What it says, 1 to 20,000 characters in lines, without the blanks around them.
    pub text: String,
}

/// An addendum to write. The limits are those of [`NewNote`].
#[derive(Clone)]
pub struct NewAddendum {
    /// What kind of note it is; without it, that of the note.
    pub note_type: Option<String>,
    /// What it says.
    pub text: String,
    /// Whether it marks the note as entered in error, once it is signed.
    pub retracts: bool,
}

/// What to change of a draft: an absent field stays as it is. The limits are those of [`NewNote`].
#[derive(Clone, Default)]
pub struct NoteChanges {
    /// The new kind.
    pub note_type: Option<String>,
    /// The new text.
    pub text: Option<String>,
}

impl NewNote {
    pub(super) fn checked(self) -> Result<Self, RecordError> {
        let mut refusals = Refusals::default();
        let note = Self {
            note_type: note_type(&mut refusals, &self.note_type),
            text: text(&mut refusals, &self.text),
            ..self
        };
        refusals.none()?;
        Ok(note)
    }
}

impl NewAddendum {
    pub(super) fn checked(self) -> Result<Self, RecordError> {
        let mut refusals = Refusals::default();
        let addendum = Self {
            note_type: self.note_type.map(|given| note_type(&mut refusals, &given)),
            text: text(&mut refusals, &self.text),
            ..self
        };
        refusals.none()?;
        Ok(addendum)
    }
}

impl NoteChanges {
    pub(super) fn checked(self) -> Result<Self, RecordError> {
        let mut refusals = Refusals::default();
        let changes = Self {
            note_type: self.note_type.map(|given| note_type(&mut refusals, &given)),
            text: self.text.map(|given| text(&mut refusals, &given)),
        };
        refusals.none()?;
        Ok(changes)
    }
}

fn note_type(refusals: &mut Refusals, given: &str) -> String {
    refusals.text("note_type", given, NOTE_TYPE)
}

fn text(refusals: &mut Refusals, given: &str) -> String {
    refusals.lines("text", given, TEXT)
}
