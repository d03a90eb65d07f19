//! `PATCH /api/v1/medical-records/{id}`.

use actix_web::{HttpResponse, patch};
use serde::Deserialize;
use utoipa::ToSchema;
use wardkeep_clinical::medical_records::{self, MedicalRecord, MedicalRecordChanges};

use super::view::MedicalRecordView;
use crate::clinical::coding::Code;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::object::Object;
use crate::clinical::patch::given;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, JsonBody, Tenant};

/// What to change of a medical record. A field that is absent stays as it is; `null` clears one that may be empty. A
/// category has the fields and the statuses that it has when a record is made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "status": "corrected", "value": "49", "note": "read again" }))]
pub(super) struct UpdateMedicalRecord {
    /// Another status that the category has. `STATUS_NOT_ALLOWED` says which ones an observation may have next.
    /// `entered-in-error` is set by deleting.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 20, example = "corrected")]
    status: Option<String>,
    /// What it is.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<Code>)]
    code: Option<Object<Code>>,
    /// How bad an allergy may become.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^(low|high|unable-to-assess)$", example = "high")]
    criticality: Option<Option<String>>,
    /// What was found, or the dose: a decimal in quotes. Only with a unit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,9})?$", example = "49")]
    value: Option<Option<String>>,
    /// A unit of UCUM, case sensitive; `1` for none. Only with a value.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "mmol/mol")]
    unit: Option<Option<String>>,
    /// What was found, where it is no number. Only without a value.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "not palpable")]
    value_text: Option<Option<String>>,
    /// How a medication is taken.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "one in the morning")]
    dosage: Option<Option<String>>,
    /// Since when, or when it was found, as precise as it is known.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 40, example = "2026-03-02T09:30:00+01:00")]
    onset: Option<Option<String>>,
    /// Until when, likewise; not before the onset.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 40, example = "2026-03")]
    end: Option<Option<String>>,
    /// What else there is to say.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000, example = "read again")]
    note: Option<Option<String>>,
    /// What the file of a document is called, without a path.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255, example = "discharge-letter.pdf")]
    file_name: Option<Option<String>>,
}

/// Changes a medical record, if nobody else has since it was read. Of an observation that was final (its status is `final`)
/// and gets another code, value or onset, the status becomes `amended`, unless `corrected` or another is given. One that
/// was `final`, `amended` or `corrected` is not `registered` or `preliminary` again. Whose a record is and its category
/// stay; the content of a document does too.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "updateMedicalRecord",
    params(("id" = Uuid, Path, description = "The record."), OfVersion, InOrganization),
    request_body = UpdateMedicalRecord,
    responses(
        (status = 200, description = "The record, as changed.", body = MedicalRecordView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`MEDICAL_RECORD_NOT_FOUND`"),
        (status = 409, description = "`STATUS_NOT_ALLOWED`: an observation cannot have this status next"),
    ),
)]
#[patch("/medical-records/{id}")]
pub(super) async fn update(
    InOrder((tenant, id, version, body)): InOrder<(
        Tenant,
        Named<MedicalRecord>,
        IfMatch,
        JsonBody<UpdateMedicalRecord>,
    )>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let record = medical_records::update(&tx, id.0, version.0, body.0.into()).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(record.version))
        .json(MedicalRecordView::from(record)))
}

impl From<UpdateMedicalRecord> for MedicalRecordChanges {
    fn from(changes: UpdateMedicalRecord) -> Self {
        Self {
            status: changes.status,
            code: changes.code.map(|code| code.0.into()),
            criticality: changes.criticality,
            value: changes.value,
            unit: changes.unit,
            value_text: changes.value_text,
            dosage: changes.dosage,
            onset: changes.onset,
            end: changes.end,
            note: changes.note,
            file_name: changes.file_name,
        }
    }
}
