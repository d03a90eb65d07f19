//! `POST /api/v1/treatments/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::treatments::{self, Treatment};

use super::view::TreatmentView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted treatment back with the status that it had.
#[utoipa::path(
    tag = "treatments",
    operation_id = "restoreTreatment",
    params(("id" = Uuid, Path, description = "The deleted treatment."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The treatment is back.", body = TreatmentView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`TREATMENT_NOT_FOUND`: no deleted treatment has this id"),
        (status = 400, description = "`INVALID_FIELD`: its patient is not there"),
    ),
)]
#[post("/treatments/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<Treatment>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let course = treatments::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(course.treatment.version))
        .json(TreatmentView::from(course)))
}
