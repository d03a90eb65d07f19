//! `POST /api/v1/medical-records`.

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::medical_records::{self, Details, NewMedicalRecord};
use wardkeep_clinical::patients::PatientId;

use super::view::MedicalRecordView;
use crate::clinical::InOrganization;
use crate::clinical::coding::Code;
use crate::clinical::creation::{Created, Creation, Repeatable};
use crate::clinical::object::Object;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// A medical record to make. Beside `code`, `status` and `note` a category has these fields, and no others:
///
/// | category | fields | statuses, the first of which is that of a record of which none is said |
/// |---|---|---|
/// | `problem` | `onset`, `end` | `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved` |
/// | `allergy` | `criticality`, `onset`, `end` | `active`, `inactive`, `resolved` |
/// | `medication` | `value` and `unit` (the dose), `dosage`, `onset`, `end` | `active`, `completed`, `intended`, `stopped`, `on-hold`, `unknown`, `not-taken` |
/// | `observation` | `value` and `unit`, or `valueText`; `onset` (when; now, if it is not said) | `final`, `registered`, `preliminary`, `amended`, `corrected`, `cancelled`, `unknown` |
/// | `document` | `onset` (its date), `fileName` | `current`, `superseded` |
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "patientId": "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e",
    "category": "observation",
    "code": {
        "text": "Haemoglobin A1c",
        "code": "59261-8",
        "system": "http://loinc.org",
    },
    "value": "48",
    "unit": "mmol/mol",
    "onset": "2026-03-02T09:30:00+01:00",
    "note": "fasting",
}))]
pub(super) struct CreateMedicalRecord {
    /// Whose it is: a patient of the organization.
    #[schema(value_type = uuid::Uuid, example = "019cae2b-3c80-7a11-9c5e-0d6f3b1a2c4e")]
    patient_id: PatientId,
    /// What kind of record it is. It stays.
    #[schema(
        pattern = "^(problem|allergy|medication|observation|document)$",
        example = "observation"
    )]
    category: String,
    /// One that the category has.
    #[schema(min_length = 1, max_length = 20, example = "final")]
    status: Option<String>,
    /// What it is.
    #[schema(value_type = Code)]
    code: Object<Code>,
    /// How bad an allergy may become.
    #[schema(pattern = "^(low|high|unable-to-assess)$", example = "high")]
    criticality: Option<String>,
    /// What was found, or the dose: a decimal in quotes, so that its precision stays. Only with a unit. An observation has
    /// one, or `valueText`, unless its status is `registered`, `cancelled` or `unknown`.
    #[schema(pattern = "^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?$", example = "48")]
    value: Option<String>,
    /// A unit of UCUM, case sensitive; `1` for none. Only with a value.
    #[schema(min_length = 1, max_length = 64, example = "mmol/mol")]
    unit: Option<String>,
    /// What was found, where it is no number. Only without a value.
    #[schema(min_length = 1, max_length = 500, example = "not palpable")]
    value_text: Option<String>,
    /// How a medication is taken.
    #[schema(min_length = 1, max_length = 500, example = "one in the morning")]
    dosage: Option<String>,
    /// Since when, or when it was found, as precise as it is known: a year, a month, a day or an instant with an offset.
    /// Not before the patient was born, and but for a medication not in the future.
    #[schema(max_length = 40, example = "2026-03-02T09:30:00+01:00")]
    onset: Option<String>,
    /// Until when, likewise; not before the onset.
    #[schema(max_length = 40, example = "2026-03")]
    end: Option<String>,
    /// What else there is to say.
    #[schema(min_length = 1, max_length = 2000, example = "fasting")]
    note: Option<String>,
    /// What the file of a document is called, without a path.
    #[schema(min_length = 1, max_length = 255, example = "discharge-letter.pdf")]
    file_name: Option<String>,
}

/// Makes a medical record: a problem, an allergy, a medication, an observation, or a document, whose content is sent
/// afterwards.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "createMedicalRecord",
    params(Repeatable, InOrganization),
    request_body = CreateMedicalRecord,
    responses(
        (status = 201, description = "The record, as made.", body = MedicalRecordView,
            headers(
                ("ETag" = String, description = "The version, for If-Match."),
                ("Location" = String, description = "The path of the record."),
            )),
    ),
)]
#[post("/medical-records")]
pub(super) async fn create(
    InOrder((tenant, record)): InOrder<(Tenant, Creation<CreateMedicalRecord>)>,
) -> ApiResult<HttpResponse> {
    record
        .make(&tenant, medical_records::CREATE, async |tx, record| {
            let record = medical_records::create(tx, record.into()).await?;
            Ok(Created {
                location: format!("/api/v1/medical-records/{}", record.id),
                version: record.version,
                view: MedicalRecordView::from(record),
            })
        })
        .await
}

impl From<CreateMedicalRecord> for NewMedicalRecord {
    fn from(record: CreateMedicalRecord) -> Self {
        Self {
            patient: record.patient_id,
            category: record.category,
            code: record.code.0.into(),
            details: Details {
                status: record.status,
                criticality: record.criticality,
                value: record.value,
                unit: record.unit,
                value_text: record.value_text,
                dosage: record.dosage,
                onset: record.onset,
                end: record.end,
                note: record.note,
                file_name: record.file_name,
            },
        }
    }
}
