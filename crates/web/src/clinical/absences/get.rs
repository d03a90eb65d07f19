//! `GET /api/v1/absences/{id}`.

use actix_web::{HttpResponse, get};
use wardkeep_clinical::absences::{self, Absence};

use super::view::AbsenceView;
use crate::clinical::InOrganization;
use crate::clinical::if_match::etag;
use crate::clinical::named::Named;
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Returns one absence.
#[utoipa::path(
    tag = "absences",
    operation_id = "getAbsence",
    params(("id" = Uuid, Path, description = "The absence."), InOrganization),
    responses(
        (status = 200, description = "The absence.", body = AbsenceView,
            headers(("ETag" = String, description = "The version, for If-Match."))),
        (status = 404, description = "`ABSENCE_NOT_FOUND`"),
    ),
)]
#[get("/absences/{id}")]
pub(super) async fn get(InOrder((tenant, id)): InOrder<(Tenant, Named<Absence>)>) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let absence = absences::get(&tx, id.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(absence.version))
        .json(AbsenceView::from(absence)))
}
