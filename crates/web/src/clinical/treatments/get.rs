//! `GET /api/v1/treatments/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::treatments::{self, Treatment};

use super::view::TreatmentView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one treatment, and how far it is. Sessions change how far it is, and not its version.
#[utoipa::path(
    tag = "treatments",
    operation_id = "getTreatment",
    params(("id" = Uuid, Path, description = "The treatment."), InOrganization),
    responses(
        (status = 200, description = "The treatment.", body = TreatmentView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`TREATMENT_NOT_FOUND`"),
    ),
)]
#[get("/treatments/{id}")]
pub(super) async fn get(
    InOrder((tenant, id)): InOrder<(Tenant, Named<Treatment>)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let course = treatments::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(course.treatment.version))
        .json(TreatmentView::from(course)))
}
