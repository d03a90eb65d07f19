//! What something is, in words and as others code it (FHIR R4 CodeableConcept with one Coding).

use std::fmt;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::fields::{Refusals, absolute_uri};

const TEXT: usize = 500;
const CODE: usize = 100;

/// What something is: in words, and where there is one by the code of a system.
///
/// Its `Debug` output has nothing of it: what it says of a patient cannot get into a log by accident.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Code {
    /// In words: 1 to 500 characters.
    pub text: String,
    /// The code, 1 to 100 characters: `4548-4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whose code it is, an absolute URI of at most 200 characters: `http://loinc.org`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code").finish_non_exhaustive()
    }
}

impl Code {
    /// `field` is the one that it stands in.
    pub(crate) fn checked(self, field: &str, refusals: &mut Refusals) -> Self {
        let within = |name: &str| format!("{field}.{name}");
        refusals.unless(
            self.system.is_none() || self.code.is_some(),
            within("system"),
            "must not be there without a code",
        );
        Self {
            text: refusals.text(within("text"), &self.text, TEXT),
            code: self.code.map(|code| refusals.text(within("code"), &code, CODE)),
            system: self
                .system
                .map(|system| absolute_uri(refusals, within("system"), &system)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::problems;

    #[test]
    fn a_code_has_words_and_its_system_is_a_uri() {
        let code = |text: &str, code: Option<&str>, system: Option<&str>| Code {
            text: text.to_owned(),
            code: code.map(str::to_owned),
            system: system.map(str::to_owned),
        };
        let told = |code: Code| problems(|refusals| _ = code.checked("code", refusals));

        assert_eq!(
            told(code("HbA1c", Some("4548-4"), Some("http://loinc.org"))),
            [""; 0]
        );
        assert_eq!(told(code("HbA1c", None, None)), [""; 0]);
        assert_eq!(
            told(code(" ", Some("\n"), Some("loinc"))),
            [
                "code.text must not be empty",
                "code.code must not be empty",
                "code.system must be an absolute URI, such as urn:oid:1.2.3",
            ]
        );
        assert_eq!(
            told(code("HbA1c", None, Some("http://loinc.org"))),
            ["code.system must not be there without a code"]
        );
    }
}
