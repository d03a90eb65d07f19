//! `POST /api/v1/absences/{id}/restore`.

use actix_web::{HttpResponse, post};
use wardkeep_clinical::absences::{self, Absence};

use super::view::AbsenceView;
use crate::clinical::if_match::{IfMatch, etag};
use crate::clinical::named::Named;
use crate::clinical::{InOrganization, OfVersion};
use crate::error::ApiResult;
use crate::{InOrder, Tenant};

/// Brings a deleted absence back as it was.
#[utoipa::path(
    tag = "absences",
    operation_id = "restoreAbsence",
    params(("id" = Uuid, Path, description = "The deleted absence."), OfVersion, InOrganization),
    responses(
        (status = 200, description = "The absence is back.", body = AbsenceView,
            headers(("ETag" = String, description = "The new version, for If-Match."))),
        (status = 404, description = "`ABSENCE_NOT_FOUND`: no deleted absence has this id"),
    ),
)]
#[post("/absences/{id}/restore")]
pub(super) async fn restore(
    InOrder((tenant, id, version)): InOrder<(Tenant, Named<Absence>, IfMatch)>,
) -> ApiResult<HttpResponse> {
    let tx = tenant.begin().await?;
    let absence = absences::restore(&tx, id.0, version.0).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok()
        .insert_header(etag(absence.version))
        .json(AbsenceView::from(absence)))
}
