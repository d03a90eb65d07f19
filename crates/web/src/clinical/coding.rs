//! Codes and measures on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wardkeep_clinical::coding;
use wardkeep_clinical::quantities;

use crate::clinical::object::Object;

/// What something is: in words, and where there is one by the code of a system (FHIR R4 CodeableConcept). A field that was
/// not given is absent.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Code {
    /// In words.
    #[schema(min_length = 1, max_length = 500, example = "Physical therapy procedure")]
    text: String,
    /// The code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 100, example = "91251008")]
    code: Option<String>,
    /// Whose code it is: an absolute URI. Only with a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 200, example = "http://snomed.info/sct")]
    system: Option<String>,
}

/// What was measured, and how much of it (FHIR R4 Quantity).
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Measure {
    /// What was measured.
    #[schema(value_type = Code)]
    code: Object<Code>,
    /// How much: a decimal in quotes, so that its precision stays.
    #[schema(pattern = "^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?$", example = "105.0")]
    value: String,
    /// A unit of UCUM, case sensitive; `1` for none.
    #[schema(min_length = 1, max_length = 64, example = "deg")]
    unit: String,
}

impl From<Code> for coding::Code {
    fn from(code: Code) -> Self {
        Self {
            text: code.text,
            code: code.code,
            system: code.system,
        }
    }
}

impl From<coding::Code> for Code {
    fn from(code: coding::Code) -> Self {
        Self {
            text: code.text,
            code: code.code,
            system: code.system,
        }
    }
}

impl From<Measure> for quantities::Measure {
    fn from(measure: Measure) -> Self {
        Self {
            code: measure.code.0.into(),
            value: measure.value,
            unit: measure.unit,
        }
    }
}

impl From<quantities::Measure> for Measure {
    fn from(measure: quantities::Measure) -> Self {
        Self {
            code: Object(measure.code.into()),
            value: measure.value,
            unit: measure.unit,
        }
    }
}
