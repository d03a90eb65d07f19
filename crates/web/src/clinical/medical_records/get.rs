//! `GET /api/v1/medical-records/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::medical_records::{self, MedicalRecord};

use super::view::MedicalRecordView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one medical record; of a document what its content is, but not the content.
#[utoipa::path(
    tag = "medical-records",
    operation_id = "getMedicalRecord",
    params(("id" = Uuid, Path, description = "The record."), InOrganization),
    responses(
        (status = 200, description = "The record.", body = MedicalRecordView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`MEDICAL_RECORD_NOT_FOUND`"),
    ),
)]
#[get("/medical-records/{id}")]
pub(super) async fn get(
    InOrder((tenant, id)): InOrder<(Tenant, Named<MedicalRecord>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let record = medical_records::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(record.version))
        .json(MedicalRecordView::from(record)))
}
