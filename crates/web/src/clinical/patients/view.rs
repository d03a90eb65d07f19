//! A patient on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;
use wardkeep_clinical::patients::{Patient, PatientId};

use crate::clinical::deleted::DeletedView;
use crate::time_format;

/// A patient.
#[derive(Serialize, ToSchema)]
#[schema(as = Patient)]
#[serde(rename_all = "camelCase")]
pub(super) struct PatientView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: PatientId,
    /// Given names.
    #[schema(example = "Ana")]
    first_name: String,
    /// Family names.
    #[schema(example = "Brandt")]
    last_name: String,
    /// An address to write to. Nobody has proved that it is the patient's.
    #[schema(required, example = "ana.brandt@example.org")]
    email: Option<String>,
    /// A number to call.
    #[schema(required, example = "+49 30 901820")]
    phone: Option<String>,
    /// The day of birth.
    #[schema(required, value_type = Option<String>, format = Date, example = "1984-11-23")]
    date_of_birth: Option<Day>,
    /// A JSON object of the clinic's own making.
    #[schema(required, value_type = Option<std::collections::BTreeMap<String, Value>>, example = json!({ "allergies": ["penicillin"] }))]
    medical_history: Option<Value>,
    /// 1 for a new patient, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 1)]
    version: i64,
    /// When the patient was recorded.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When the patient was last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
    #[serde(flatten)]
    deleted: DeletedView,
}

/// A day without a time: `1984-11-23`.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Day(#[serde(with = "day")] pub(super) Date);

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

impl From<Patient> for PatientView {
    fn from(patient: Patient) -> Self {
        Self {
            id: patient.id,
            first_name: patient.first_name,
            last_name: patient.last_name,
            email: patient.email,
            phone: patient.phone,
            date_of_birth: patient.date_of_birth.map(Day),
            medical_history: patient.medical_history,
            version: patient.version,
            created_at: patient.created_at,
            updated_at: patient.updated_at,
            deleted: DeletedView::of(patient.deleted_at, patient.deletion_reason),
        }
    }
}
