//! A medical record on the wire.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use wardkeep_clinical::medical_records::{MedicalRecord, MedicalRecordId};
use wardkeep_clinical::patients::PatientId;

use crate::clinical::author::AuthorView;
use crate::clinical::coding::Code;
use crate::clinical::deleted::{DeletedView, status};
use crate::time_format;

/// A medical record. The fields that its category has not are null.
#[derive(Serialize, ToSchema)]
#[schema(as = MedicalRecord)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MedicalRecordView {
    /// Unique within the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4d")]
    id: MedicalRecordId,
    /// Whose it is.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// `problem`, `allergy`, `medication`, `observation` or `document`.
    #[schema(example = "observation")]
    category: String,
    /// As the category has them (FHIR R4); of a deleted record `entered-in-error`.
    #[schema(example = "final")]
    status: String,
    /// What it is.
    code: Code,
    /// Of an allergy: `low`, `high` or `unable-to-assess`.
    #[schema(required, example = "high")]
    criticality: Option<String>,
    /// Of an observation what was found, of a medication the dose: a decimal in quotes.
    #[schema(required, example = "48")]
    value: Option<String>,
    /// The UCUM unit of the value.
    #[schema(required, example = "mmol/mol")]
    unit: Option<String>,
    /// Of an observation what was found, where it is no number.
    #[schema(required, example = "not palpable")]
    value_text: Option<String>,
    /// How a medication is taken.
    #[schema(required, example = "one in the morning")]
    dosage: Option<String>,
    /// Since when, or when it was found: a year, a month, a day or an instant in UTC, as precise as it is known.
    #[schema(required, example = "2026-03-02T08:30:00.000Z")]
    onset: Option<String>,
    /// Until when, likewise.
    #[schema(required, example = "2026-03")]
    end: Option<String>,
    /// What else there is to say.
    #[schema(required, example = "fasting")]
    note: Option<String>,
    /// What the file of a document is called.
    #[schema(required, example = "discharge-letter.pdf")]
    file_name: Option<String>,
    /// Of a document what its content is; null as long as it has none.
    #[schema(required)]
    content: Option<ContentView>,
    /// Who made it.
    created_by: AuthorView,
    /// 1 for a new record, one more with every change. The `ETag` is this number in quotes.
    #[schema(example = 1)]
    version: i64,
    /// When it was made.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time_format")]
    #[schema(example = "2026-03-02T09:00:00.000Z")]
    updated_at: OffsetDateTime,
    #[serde(flatten)]
    deleted: DeletedView,
}

/// What the content of a document is. It is never replaced.
#[derive(Serialize, ToSchema)]
#[schema(as = DocumentContent)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContentView {
    /// What kind of file it is, by what is in it.
    #[schema(example = "application/pdf")]
    media_type: String,
    /// How many bytes it has.
    #[schema(example = 48213)]
    size: i64,
    /// Its SHA-256, in 64 hexadecimal digits.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

impl From<MedicalRecord> for MedicalRecordView {
    fn from(record: MedicalRecord) -> Self {
        let content = match (record.media_type, record.size, record.sha256) {
            (Some(media_type), Some(size), Some(sha256)) => Some(ContentView {
                media_type,
                size,
                sha256,
            }),
            _ => None,
        };
        Self {
            id: record.id,
            patient_id: record.patient_id,
            category: record.category,
            status: status(record.status, record.deleted_at),
            code: record.code.into(),
            criticality: record.criticality,
            value: record.value,
            unit: record.unit,
            value_text: record.value_text,
            dosage: record.dosage,
            onset: record.onset,
            end: record.end,
            note: record.note,
            file_name: record.file_name,
            content,
            created_by: AuthorView {
                id: record.created_by,
                name: record.created_by_name,
            },
            version: record.version,
            created_at: record.created_at,
            updated_at: record.updated_at,
            deleted: DeletedView::of(record.deleted_at, record.deletion_reason),
        }
    }
}
