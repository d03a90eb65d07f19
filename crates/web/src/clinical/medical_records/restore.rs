//! `POST /api/v1/medical-records/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::medical_records::{self, MedicalRecord};

use super::view::MedicalRecordView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted medical record back as it was, a document with its content.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "restoreMedicalRecord",
    params(("id" = Uuid, Path, description = "The deleted record."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The record is back.", body = MedicalRecordView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`MEDICAL_RECORD_NOT_FOUND`: no deleted record has this id"),
        (status = 400, description = "`INVALID_FIELD`: its patient is not there"),
    ),
)]
#[post("/medical-records/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<MedicalRecord>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let record = medical_records::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(record.version))
        .json(MedicalRecordView::from(record)))
}
